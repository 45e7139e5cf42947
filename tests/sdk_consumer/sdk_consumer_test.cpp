// SPDX-License-Identifier: MIT
// Installs the SDK into a folder of its own, builds the examples against it as strangers would, and uses what
// comes out.
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <regex>

#include <gtest/gtest.h>

#include "core/base/folder_hash.hpp"
#include "core/base/json_text.hpp"
#include "core/base/process.hpp"
#include "core/base/run_program.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/plugin_host/plugin_check.hpp"
#include "core/plugin_host/plugin_template.hpp"
#include "tests/support/plugin_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr char kSource[] = SOUSCHEF_SOURCE_FOLDER;

struct Ran {
  bool good = false;
  std::string said;
};

Ran run(const std::vector<std::string>& command) {
  ProcessOptions options;
  options.command = command;
  options.unset = {"CC", "CXX", "CFLAGS", "CXXFLAGS"};
  options.errors = Stream::output;
  RunOptions limits;
  limits.limits.time = std::chrono::minutes(4);
  const auto ran = run_program(std::move(options), limits);
  if (!ran) return {false, ran.error().line()};
  return {ran->end.success(), ran->output};
}

bool have(const std::string& program) {
  return run({program, "--version"}).good;
}

// The staged install, made once for all tests.
const fs::path& installed() {
  static const test::TempFolder kFolder;
  static const bool kDone = [] {
    const Ran ran = run({CMAKE_PROGRAM, "--install", std::string(SOUSCHEF_BINARY_FOLDER) + "/sdk", "--prefix",
                         kFolder.path()});
    EXPECT_TRUE(ran.good) << ran.said;
    return ran.good;
  }();
  static const fs::path kPath = kDone ? kFolder.path() : fs::path();
  return kPath;
}

class SdkConsumer : public testing::Test {
 protected:
  // Configures and builds a project; the folder of the plugin that comes out.
  void build(const fs::path& project, const std::vector<std::string>& more = {}) {
    const fs::path folder = folder_ / "build";
    std::vector<std::string> configure = {CMAKE_PROGRAM,
                                          "-S",
                                          project,
                                          "-B",
                                          folder,
                                          "-DCMAKE_PREFIX_PATH=" + installed().string(),
                                          "-DCMAKE_BUILD_TYPE=Release"};
    configure.insert(configure.end(), more.begin(), more.end());
    const Ran configured = run(configure);
    ASSERT_TRUE(configured.good) << configured.said;
    const Ran built = run({CMAKE_PROGRAM, "--build", folder});
    ASSERT_TRUE(built.good) << built.said;
  }
  void open(const std::string& id) {
    const fs::path plugin = folder_ / "build" / id;
    PluginCatalogOptions options;
    options.places = {{plugin, PluginOrigin::user}};
    options.trust = TrustStore(folder_ / "trust");
    options.program = PLUGIN_HOST_PROGRAM;
    const auto hash = hash_of_folder(plugin);
    ASSERT_TRUE(hash.has_value()) << hash.error().line();
    ASSERT_TRUE(options.trust->trust(TrustKind::plugin, *hash, plugin.string()));
    auto opened = PluginCatalog::open(std::move(options));
    ASSERT_TRUE(opened.has_value());
    catalog_ = std::move(*opened);
  }
  Json call(std::string_view id, PluginKind kind, std::string_view method, const Json& request) {
    auto calls = catalog_->calls(id, kind);
    EXPECT_TRUE(calls.has_value()) << calls.error().line();
    if (!calls) return {};
    QuietCall quiet;
    const auto answer = (*calls)->call(quiet, method, json_text(request));
    EXPECT_TRUE(answer.has_value()) << method << ": " << answer.error().line();
    return answer ? Json::parse(*answer) : Json();
  }
  Json stage_request() {
    fs::create_directories(folder_ / "out");
    fs::create_directories(folder_ / "work");
    return {{"stage", {{"name", "s"}, {"per", "order"}, {"attempt", 1}}},
            {"order", {{"id", "01J"}, {"name", "fisk"}}},
            {"sequences", {{{"role", "render"}, {"folder", (folder_ / "out").string()}}}},
            {"frames",
             {{{"frame", 1},
               {"state", "done"},
               {"seconds", 2.5},
               {"files", {{{"sequence", 0}, {"name", "0001.png"}}}}},
              {{"frame", 2}, {"state", "failed"}, {"files", Json::array()}}}},
            {"output_folder", (folder_ / "out").string()},
            {"work_folder", (folder_ / "work").string()},
            {"settings", {{"separator", ";"}, {"columns", 4}, {"title", "A & B"}}}};
  }
  void run_frame_times() {
    open("frame_times");
    EXPECT_EQ(call("frame_times", PluginKind::stage, "stage.describe", stage_request()).at("outputs"),
              Json({"fisk_times.csv"}));
    EXPECT_EQ(call("frame_times", PluginKind::stage, "stage.run", stage_request()).at("summary"), "2 frames");
    EXPECT_EQ(test::read_file(folder_ / "out/fisk_times.csv"),
              "frame;state;seconds\n1;done;2.5\n2;failed;0\n");
    EXPECT_TRUE(fs::is_empty(folder_ / "work"));
  }

  test::TempFolder folder_;
  std::unique_ptr<PluginCatalog> catalog_;
};

TEST_F(SdkConsumer, StageInCppBuiltWithGccRuns) {
  if (!have("g++")) GTEST_SKIP() << "no g++ here";
  ASSERT_NO_FATAL_FAILURE(build(fs::path(kSource) / "sdk/examples/cpp_stage", {"-DCMAKE_CXX_COMPILER=g++"}));
  run_frame_times();
}

TEST_F(SdkConsumer, StageInCppBuiltWithClangRuns) {
  if (!have("clang++")) GTEST_SKIP() << "no clang++ here";
  ASSERT_NO_FATAL_FAILURE(build(fs::path(kSource) / "sdk/examples/cpp_stage",
                                {"-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_C_COMPILER=clang"}));
  run_frame_times();
}

TEST_F(SdkConsumer, StageInCppBuiltAsCpp23Runs) {
  if (!have("g++")) GTEST_SKIP() << "no g++ here";
  ASSERT_NO_FATAL_FAILURE(build(fs::path(kSource) / "sdk/examples/cpp_stage",
                                {"-DCMAKE_CXX_COMPILER=g++", "-DCMAKE_CXX_STANDARD=23"}));
  run_frame_times();
}

TEST_F(SdkConsumer, StageInPythonRuns) {
  if (!test::have_python()) GTEST_SKIP() << "no python3 here";
  ASSERT_NO_FATAL_FAILURE(build(fs::path(kSource) / "sdk/examples/python_stage"));
  open("frame_page");
  EXPECT_EQ(call("frame_page", PluginKind::stage, "stage.describe", stage_request()).at("outputs"),
            Json({"fisk.html"}));
  const Json answer = call("frame_page", PluginKind::stage, "stage.run", stage_request());
  EXPECT_EQ(answer.at("summary"), "1 of 2 frames");
  EXPECT_EQ(answer.at("warnings"), Json({"frame 2 is missing"}));
  const std::string page = test::read_file(folder_ / "out/fisk.html");
  EXPECT_NE(page.find("<h1>A &amp; B</h1>"), std::string::npos);
  EXPECT_NE(page.find("src='0001.png'"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(folder_ / "work"));
}

// What `plugin new` writes, built as it stands and checked.
TEST_F(SdkConsumer, NewPluginInCppBuildsAndPassesTheCheck) {
  if (!have("g++")) GTEST_SKIP() << "no g++ here";
  for (const auto& [kind, id] :
       {std::pair(PluginKind::stage, "lister"), std::pair(PluginKind::event, "teller"),
        std::pair(PluginKind::renderer, "painter"), std::pair(PluginKind::tracer, "finder"),
        std::pair(PluginKind::inspect, "looker")}) {
    ASSERT_TRUE(make_plugin_folder(folder_ / id, kind, id, PluginLanguage::cpp));
    fs::remove_all(folder_ / "build");
    ASSERT_NO_FATAL_FAILURE(build(folder_ / id));
    PluginCheckOptions options;
    options.host = PLUGIN_HOST_PROGRAM;
    std::string said;
    options.on_result = [&](const CheckResult& result) {
      if (result.state != CheckState::passed) said += result.name + ": " + result.note + "\n";
    };
    const auto checked = check_plugin(folder_ / "build" / id, options);
    ASSERT_TRUE(checked.has_value()) << checked.error().line();
    EXPECT_EQ(said, "") << id;
    EXPECT_GE(checked->passed, 8U);
  }
}

// The pixels of a PNG as the example writes them: one IDAT, 8 bits, RGB.
std::optional<std::string> pixels_of(const std::string& png, std::size_t size) {
  const std::size_t data = png.find("IDAT");
  if (png.substr(1, 3) != "PNG" || data == std::string::npos) return std::nullopt;
  std::string pixels(size, '\0');
  uLongf length = pixels.size();
  const auto* from = reinterpret_cast<const Bytef*>(png.data() + data + 4);
  if (::uncompress(reinterpret_cast<Bytef*>(pixels.data()), &length, from, png.size() - data - 4 - 16) !=
          Z_OK ||
      length != size)
    return std::nullopt;
  return pixels;
}

TEST_F(SdkConsumer, RendererInCRendersThroughItsWorker) {
  if (!have("gcc")) GTEST_SKIP() << "no gcc here";
  ASSERT_NO_FATAL_FAILURE(build(fs::path(kSource) / "sdk/examples/c_renderer"));
  open("gradient");
  const auto ask = [&](const char* method, const Json& request) {
    return call("gradient", PluginKind::renderer, std::string("renderer.") + method, request);
  };
  EXPECT_EQ(ask("describe", Json::object()).at("name"), "Gradient");
  const Json launch = ask("launch", Json::object());
  ProcessOptions options;
  options.command = launch.at("command").get<std::vector<std::string>>();
  options.pipes = {{launch.at("pipes").at("commands"), Channel::to_child},
                   {launch.at("pipes").at("answers"), Channel::from_child}};
  auto worker = Process::start(options);
  ASSERT_TRUE(worker.has_value()) << worker.error().line();

  fs::create_directories(folder_ / "staging a\\b");
  std::string commands;
  const Json settings = {{"resolution", {{"width", 20}, {"height", 10}}}};
  for (const Json& request : {Json{{"do", "open"}, {"settings", settings}},
                              Json{{"do", "frame"},
                                   {"frame", 17},
                                   {"attempt", 2},
                                   {"staging", (folder_ / "staging a\\x5cb").string()},
                                   {"outputs", {{{"id", 0}, {"path", "gradient_"}}}}},
                              Json{{"do", "quit"}}})
    commands += ask("command", request).at("line").get<std::string>() + "\n";
  ASSERT_EQ(::write((*worker)->pipes[0].get(), commands.data(), commands.size()),
            static_cast<ssize_t>(commands.size()));
  ASSERT_TRUE((*worker)->wait_for(std::chrono::seconds(60)).has_value());
  EXPECT_TRUE((*worker)->poll()->success()) << (*worker)->poll()->text();

  std::string answers(4096, '\0');
  answers.resize(static_cast<std::size_t>(::read((*worker)->pipes[1].get(), answers.data(), answers.size())));
  Json lines = Json::array();
  std::istringstream in(answers);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  const Json events = ask("decode", {{"channel", "answers"}, {"lines", lines}}).at("events");
  ASSERT_EQ(events.size(), 3U) << answers;
  EXPECT_EQ(events[0].at("event"), "hello");
  EXPECT_EQ(events[1].at("facts").at("size"), Json({20, 10}));
  EXPECT_EQ(events[2].at("event"), "rendered");
  EXPECT_EQ(events[2].at("frame"), 17);

  const Json outputs = ask(
      "outputs", {{"entry", "/prod/shots/a.blend"}, {"override", ""}, {"frames", {17}}, {"size", {20, 10}}});
  EXPECT_EQ(outputs.at("root"), "/prod/shots");
  const std::string file = outputs.at("frames").at(0).at("files").at(0).at("path");
  const auto pixels = pixels_of(test::read_file(folder_ / "staging a\\b" / file), (20 * 3 + 1) * 10);
  ASSERT_TRUE(pixels.has_value());
  EXPECT_EQ(static_cast<unsigned char>((*pixels)[3]), 17 * 7);
}

TEST_F(SdkConsumer, PluginOfAnOlderMinorWorks) {
  if (!have("gcc")) GTEST_SKIP() << "no gcc here";
  ASSERT_NO_FATAL_FAILURE(build(fs::path(kSource) / "tests/sdk_consumer/old_plugin"));
  open("old");
  EXPECT_EQ(call("old", PluginKind::stage, "stage.run", {{"x", 7}}), Json({{"x", 7}}));
  struct Simulations final : TraceSink {
    std::vector<TracedSimulation> list;
    bool datablock(const TracedDatablock&) override { return true; }
    bool uses(std::uint32_t, std::span<const std::uint32_t>) override { return true; }
    bool reference(const TracedReference&) override { return true; }
    bool output(const TracedOutput&) override { return true; }
    bool simulation(const TracedSimulation& s) override { return list.push_back(s), true; }
    bool facts(std::string_view) override { return true; }
    bool warning(const TraceWarning&) override { return true; }
  } sink;
  // In this process, where nothing stands between its struct and our reader.
  const auto library = PluginLibrary::open(folder_ / "build/old/old.so", folder_ / "build/old");
  ASSERT_TRUE(library.has_value()) << library.error().line();
  WorkerPool pool(1);
  const auto instance = start_native(*library, std::make_unique<PluginHost>("old", pool, PluginLog()), "{}");
  ASSERT_TRUE(instance.has_value()) << instance.error().line();
  struct Empty final : InputFile {
    [[nodiscard]] std::string_view name() const override { return "x"; }
    [[nodiscard]] std::uint64_t size() const override { return 0; }
    [[nodiscard]] std::span<const std::byte> map() const override { return {}; }
    [[nodiscard]] std::int64_t read_at(std::uint64_t, std::span<std::byte>) const override { return 0; }
  } file;
  auto analysis = (*instance)->faces().analyser->open(file, "/tmp");
  ASSERT_TRUE(analysis.has_value());
  ASSERT_TRUE((*instance)->faces().tracer->trace(**analysis, sink));
  ASSERT_EQ(sink.list.size(), 1U);
  EXPECT_EQ(sink.list[0].last_frame, 250);
  EXPECT_EQ(sink.list[0].cache, kNone);
}

TEST_F(SdkConsumer, NewerSdkThanInstalledIsNotFound) {
  folder_.write("project/CMakeLists.txt",
                "cmake_minimum_required(VERSION 3.20)\nproject(x LANGUAGES NONE)\nfind_package(souschef-sdk "
                "1.99 REQUIRED)\n");
  const Ran ran = run({CMAKE_PROGRAM, "-S", folder_ / "project", "-B", folder_ / "b",
                       "-DCMAKE_PREFIX_PATH=" + installed().string()});
  EXPECT_FALSE(ran.good);
  EXPECT_NE(ran.said.find("1.99"), std::string::npos) << ran.said;
}

TEST_F(SdkConsumer, ModuleExportsTheEntryAlone) {
  if (!have("g++") || !have("nm")) GTEST_SKIP() << "no g++ or nm here";
  ASSERT_NO_FATAL_FAILURE(build(fs::path(kSource) / "sdk/examples/cpp_stage", {"-DCMAKE_CXX_COMPILER=g++"}));
  const Ran symbols =
      run({"nm", "-D", "--defined-only", "--format=posix", folder_ / "build/frame_times/frame_times.so"});
  ASSERT_TRUE(symbols.good) << symbols.said;
  std::istringstream in(symbols.said);
  std::vector<std::string> strong;
  for (std::string line; std::getline(in, line);) {
    std::istringstream row(line);
    std::string name, type;
    row >> name >> type;
    // Weak and unique symbols are instances of standard templates.
    if (type != "W" && type != "V" && type != "u") strong.push_back(name);
  }
  EXPECT_EQ(strong, std::vector<std::string>{"souschef_plugin_entry"});
}

}  // namespace
}  // namespace souschef::core
