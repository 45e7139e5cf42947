// SPDX-License-Identifier: MIT
// The smallest complete renderer: a shell script (worker.sh) that makes small pictures. It shows what a
// renderer plugin has to answer, and tests of the runner get their crashes, hangs and bad files from it.
#include <cstdio>
#include <sstream>

#include <souschef/plugin.hpp>

#include "plugins/null/json.hpp"
#include "plugins/null/manifest.hpp"
#include "plugins/null/worker_script.hpp"

namespace souschef::null {
namespace {

constexpr const char* kPatterns = R"([[pattern]]
text = "out of luck"
class = "retry"
what = "there was no luck left"

[[pattern]]
text = "out of memory"
class = "retry_alone"
memory = true
what = "the memory of this machine was not enough"

[[pattern]]
text = "CUDA error"
class = "retry"
what = "CUDA failed"

[[pattern]]
text = "hopeless"
class = "fatal"
what = "the scene is hopeless"
next = "make another one"

[[pattern]]
text = "looks odd"
class = "warn"
what = "something looks odd"
)";

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of_path(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

Json describe() {
  return {{"name", "Null"},
          {"protocol", 1},
          {"endings", {".null"}},
          {"version_arguments", {"-c", "echo Null 1"}},
          {"programs", Json::array()},
          {"patterns", kPatterns}};
}

// The target's program is a shell.
Json launch(const Json& request) {
  const std::string folder = text_at(request, "run_folder");
  return {{"command",
           {text_at(object_at(request, "target"), "path"), folder + "/worker.sh", text_at(request, "entry")}},
          {"environment", object_at(object_at(request, "target"), "environment")},
          {"files", Json::array({{{"name", "worker.sh"}, {"content", kWorkerScript}}})},
          {"pipes", {{"commands", 3}, {"answers", 4}}}};
}

Result<Json> command(const Json& request) {
  const std::string what = text_at(request, "do");
  if (what != "frame") return Json{{"line", what}};
  SOUSCHEF_TRY(const std::string staging, path_at(request, "staging"));
  const Json& outputs = list_at(request, "outputs");
  if (outputs.size() != 1) return Error(ErrorCode::bad_input, "a frame command needs one output");
  SOUSCHEF_TRY(const std::string prefix, path_at(outputs[0], "path"));
  const std::int64_t frame = integer_at(request, "frame").value_or(0);
  char number[32];
  std::snprintf(number, sizeof number, "%04lld", static_cast<long long>(frame));
  const std::string path = staging + "/" + prefix + number + ".bmp";
  if (path.find('\n') != std::string::npos)
    return Error(ErrorCode::bad_input, "a path with a line end in it");
  return Json{{"line", "frame " + std::to_string(frame) + " " +
                           std::to_string(integer_at(request, "attempt").value_or(0)) + " " + path}};
}

// What is left of a line.
std::string rest_of(std::istringstream& in) {
  std::string text;
  std::getline(in >> std::ws, text);
  return text;
}

Json answer_event(const std::string& line) {
  std::istringstream in(line);
  std::string word;
  in >> word;
  std::int64_t a = 0, b = 0;
  if (word == "hello" && in >> a)
    return {{"event", "hello"}, {"protocol", a}, {"version", "1"}, {"build", ""}, {"numbers", {1, 0, 0}}};
  if (word == "opened" && in >> a >> b)
    return {{"event", "opened"},
            {"facts",
             {{"outputs", {{{"id", 0}, {"kind", "render"}, {"path", rest_of(in)}, {"format", "BMP"}}}},
              {"size", {a, b}},
              {"views", Json::array()},
              {"movie", nullptr},
              {"scene", "Scene"},
              {"engine", "NULL"},
              {"fps", 24},
              {"fps_base", 1.0}}}};
  if (word == "rendered" && in >> a >> b)
    return {{"event", "rendered"}, {"frame", a}, {"attempt", b}, {"seconds", 0}};
  if (word == "failed" && in >> a >> b)
    return {{"event", "failed"}, {"frame", a}, {"attempt", b}, {"message", rest_of(in)}};
  if (word == "refused" && in >> word)
    return {
        {"event", "refused"}, {"code", word}, {"what", rest_of(in)}, {"why", Json::array()}, {"next", ""}};
  return {{"event", "nonsense"}, {"message", line.substr(0, 200)}};
}

Json decode(const Json& request) {
  const std::string channel = text_at(request, "channel");
  Json events = Json::array();
  for (const Json& line : list_at(request, "lines")) {
    if (!line.is_string()) continue;
    const auto& text = line.get_ref<const std::string&>();
    if (channel == "answers") events.push_back(answer_event(text));
    if (channel == "output" && text.starts_with("Fra:"))
      events.push_back(
          {{"event", "progress"}, {"frame", std::atoll(text.c_str() + 4)}, {"fraction", 0.0}, {"text", ""}});
    if (channel == "version" && text.starts_with("Null "))
      events.push_back({{"event", "version"}, {"version", text.substr(5)}});
  }
  return {{"events", std::move(events)}};
}

Result<Json> outputs(const Json& request) {
  SOUSCHEF_TRY(const std::string entry, path_at(request, "entry"));
  SOUSCHEF_TRY(const std::string wanted, path_at(request, "override"));
  const Json& list = list_at(request, "outputs");
  if (list.size() != 1) return Error(ErrorCode::bad_input, "a scene has one output");
  const std::string written = text_at(list[0], "path");
  std::string natural = written.starts_with("//") ? folder_of(entry) + "/" + written.substr(2) : written;
  std::string target = natural;
  if (!wanted.empty()) {
    const bool is_folder = wanted.ends_with('/') || flag_at(request, "override_is_folder");
    target = is_folder ? wanted + (wanted.ends_with('/') ? "" : "/") + name_of_path(natural) : wanted;
  }
  const std::string prefix = name_of_path(target);
  Json frames = Json::array();
  for (const Json& frame : list_at(request, "frames")) {
    char number[32];
    std::snprintf(number, sizeof number, "%04lld", frame.is_number_integer() ? frame.get<long long>() : 0LL);
    Json file = {{"output", 0},
                 {"slot", ""},
                 {"path", escape_name(prefix + number + ".bmp")},
                 {"pattern", false},
                 {"required", true},
                 {"format", "BMP"},
                 {"size", list_at(request, "size")}};
    frames.push_back({{"frame", frame}, {"files", Json::array({std::move(file)})}});
  }
  return Json{{"root", escape_name(folder_of(target))},
              {"outputs", Json::array({{{"id", 0},
                                        {"kind", "render"},
                                        {"node", ""},
                                        {"path", escape_name(prefix)},
                                        {"written", written},
                                        {"natural", escape_name(natural)},
                                        {"destination", escape_name(target)},
                                        {"movie", nullptr}}})},
              {"frames", std::move(frames)}};
}

class Null final : public Plugin, public Calls {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("null", "1.0.0", kManifest);
  using Plugin::Plugin;
  Calls& calls() { return *this; }

  Result<std::string> call(CallContext&, std::string_view method, std::string_view request) override {
    const Json from = Json::parse(request, nullptr, false);
    if (!from.is_object())
      return Error(ErrorCode::bad_input, std::string(method) + ": the request is not a JSON object");
    Json reply;
    if (method == "renderer.describe") {
      reply = describe();
    } else if (method == "renderer.launch") {
      reply = launch(from);
    } else if (method == "renderer.command") {
      SOUSCHEF_TRY(reply, command(from));
    } else if (method == "renderer.decode") {
      reply = decode(from);
    } else if (method == "renderer.outputs") {
      SOUSCHEF_TRY(reply, outputs(from));
    } else {
      return Error(ErrorCode::unsupported, "a renderer has no method " + std::string(method));
    }
    return reply.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
};

}  // namespace

SOUSCHEF_PLUGIN(Null)

}  // namespace souschef::null
