// SPDX-License-Identifier: MIT
// What one call of a plugin costs, beside the least that talking to another process can cost: the same bytes
// to `cat` and back, measured in the same run. `pipes`: how many of those one call takes.
//
//   cmake --preset bench && cmake --build build/bench --target bench_plugin_call &&
//   build/bench/bin/bench_plugin_call
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>

#include <souschef/plugin.hpp>

#include "core/base/json_text.hpp"
#include "core/base/process.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "store/file_system.hpp"

SOUSCHEF_ENTRY();

namespace souschef {
namespace {

namespace fs = std::filesystem;
using core::Json;

constexpr char kManifest[] =
    R"({"id": "echo", "version": "1.0.0", "summary": "x", "kinds": ["stage"], "abi": "1.1"})";

// Answers with a word, whatever it is asked: the call and not the work is measured.
class Echo final : public Plugin, public Calls {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("echo", "1.0.0", kManifest);
  using Plugin::Plugin;
  Calls& calls() { return *this; }
  Result<std::string> call(CallContext&, std::string_view, std::string_view request) override {
    return "{\"bytes\":" + std::to_string(request.size()) + "}";
  }
};
SOUSCHEF_REGISTER(Echo);

constexpr char kScript[] = R"(from souschef_plugin import Plugin
plugin = Plugin()
@plugin.method("stage.describe")
def describe(request):
    return {"bytes": 1}
plugin.serve()
)";

fs::path make_room() {
  std::string name = (fs::temp_directory_path() / "souschef-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  const fs::path room = name;
  fs::create_directories(room / "foreign");
  fs::copy_file(FOREIGN_MODULE, room / "foreign/foreign.so");
  std::ofstream(room / "foreign/plugin.json")
      << R"({"id": "foreign", "version": "1.0.0", "summary": "x", "kinds": ["stage", "tracer", "inspect"],
             "abi": "1.0", "library": {"any": "foreign.so"}})";
  fs::create_directories(room / "script");
  fs::copy_file(std::string(SOUSCHEF_SOURCE_FOLDER) + "/sdk/python/souschef_plugin.py",
                room / "script/souschef_plugin.py");
  std::ofstream(room / "script/script.py") << kScript;
  std::ofstream(room / "script/plugin.json")
      << R"({"id": "script", "version": "1.0.0", "summary": "x", "kinds": ["stage"], "abi": "1.0",
             "run": {"any": ["python3", "script.py"]}})";
  return room;
}

std::unique_ptr<core::PluginCatalog> open_catalog(const fs::path& room) {
  core::PluginCatalogOptions options;
  options.places = {{room, core::PluginOrigin::system}};
  options.trust = core::TrustStore(room / "trust");
  options.program = PLUGIN_HOST_PROGRAM;
  auto opened = core::PluginCatalog::open(std::move(options));
  if (!opened) {
    std::cerr << opened.error().line() << "\n";
    std::abort();
  }
  return std::move(*opened);
}

std::string request_of(std::size_t frames) {
  Json list = Json::array();
  for (std::size_t i = 0; i < frames; ++i)
    list.push_back(
        {{"frame", i},
         {"state", "done"},
         {"files", {{{"sequence", 0}, {"name", "0001.png"}, {"size", 1}, {"hash", std::string(64, 'a')}}}}});
  return core::json_text({{"frames", list}, {"settings", Json::object()}});
}

// Seconds for so many bytes to `cat` and back, the fastest of many.
double pipe_seconds(const std::string& line) {
  static std::map<std::size_t, double> known;
  if (const auto found = known.find(line.size()); found != known.end()) return found->second;
  core::ProcessOptions options;
  options.command = {"cat"};
  options.input = options.output = core::Stream::pipe;
  auto cat = core::Process::start(options);
  if (!cat) std::abort();
  double fastest = 1;
  std::string back(line.size(), '\0');
  for (int round = 0; round < 500; ++round) {
    const auto began = std::chrono::steady_clock::now();
    std::size_t sent = 0, got = 0;
    while (got < line.size()) {
      if (sent < line.size()) {
        const ssize_t count = ::write((*cat)->input.get(), line.data() + sent, line.size() - sent);
        if (count > 0) sent += static_cast<std::size_t>(count);
      }
      const ssize_t count = ::read((*cat)->output.get(), back.data(), back.size());
      if (count > 0) got += static_cast<std::size_t>(count);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    fastest = std::min(fastest, took.count());
  }
  return known[line.size()] = fastest;
}

void call_plugin(benchmark::State& state, core::PluginCatalog& catalog, const char* id, const char* method) {
  auto calls = catalog.calls(id, core::PluginKind::stage);
  if (!calls) return state.SkipWithError(calls.error().line().c_str());
  const std::string request = request_of(static_cast<std::size_t>(state.range(0)));
  const double pipe = pipe_seconds(request);
  QuietCall quiet;
  const auto began = std::chrono::steady_clock::now();
  for (auto each : state) {
    const auto answer = (*calls)->call(quiet, method, request);
    if (!answer) return state.SkipWithError(answer.error().line().c_str());
    benchmark::DoNotOptimize(answer->data());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  state.counters["bytes"] = static_cast<double>(request.size());
  state.counters["pipes"] = took.count() / static_cast<double>(state.iterations()) / pipe;
}

}  // namespace
}  // namespace souschef

int main(int count, char** words) {
  using namespace souschef;
  const fs::path room = make_room();
  {
    const auto catalog = open_catalog(room);
    for (const auto& [name, id, method] :
         {std::tuple("built_in", "echo", "stage.describe"), std::tuple("library", "foreign", "stage.pretty"),
          std::tuple("python", "script", "stage.describe")})
      benchmark::RegisterBenchmark(
          name, [&catalog, id, method](benchmark::State& state) { call_plugin(state, *catalog, id, method); })
          ->Arg(0)
          ->Arg(250)
          ->UseRealTime();
    benchmark::Initialize(&count, words);
    benchmark::RunSpecifiedBenchmarks();
  }
  (void)store::remove_tree(store::FileSystem::real(), room);
  return 0;
}
