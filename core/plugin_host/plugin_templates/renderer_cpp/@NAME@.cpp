// A renderer: how to start it, how to talk to it, what a frame leaves behind. It starts nothing itself. The
// program that renders is worker.cpp; a target names it:
//
//   [[target]]
//   name = "@NAME@"
//   path = "<this plugin's folder>/@NAME@_worker"
//   renderer = "@NAME@"
#include <cstdio>
#include <string>

#include <souschef/file_name.hpp>
#include <souschef/plugin.hpp>

namespace {

using namespace souschef;

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}
std::string last_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}
std::string number_of(std::int64_t frame) {
  char text[32];
  std::snprintf(text, sizeof text, "%04lld", static_cast<long long>(frame));
  return text;
}

// Names stay as the protocol spells them (escape_name): a worker's lines hold them so, too.
class @CLASS@ final : public Plugin, public Calls {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("@NAME@", "0.1.0");
  using Plugin::Plugin;
  Calls& calls() { return *this; }

  Result<std::string> call(CallContext&, std::string_view method, std::string_view request) override {
    const HostJson from = host().json(request);
    if (!from) return Error(ErrorCode::bad_input, "the request is not JSON");
    if (method == "renderer.describe")
      return std::string(R"({"name": "@CLASS@", "protocol": 1, "endings": [".@NAME@"],
                             "version_arguments": ["--version"], "programs": []})");
    if (method == "renderer.launch") return launch(from);
    if (method == "renderer.command") return command(from);
    if (method == "renderer.decode") return decode(from);
    if (method == "renderer.outputs") return outputs(from);
    return Error(ErrorCode::unsupported, "a renderer has no method " + std::string(method));
  }

 private:
  Result<std::string> launch(const HostJson& from) const {
    const std::string program = from.text("/target/path");
    if (program.empty()) return Error(ErrorCode::bad_input, "the target has no path");
    return R"({"command": [)" + quoted(program) + ", " + quoted(from.text("/entry")) +
           R"(], "pipes": {"commands": 3, "answers": 4}})";
  }

  // To the worker: open WIDTH HEIGHT, frame FRAME ATTEMPT PATH, quit.
  Result<std::string> command(const HostJson& from) const {
    const std::string what = from.text("/do");
    std::string line = what;
    if (what == "open")
      line += " " + std::to_string(from.integer("/settings/resolution/width", 64)) + " " +
              std::to_string(from.integer("/settings/resolution/height", 36));
    if (what == "frame") {
      const std::int64_t frame = from.integer("/frame");
      line += " " + std::to_string(frame) + " " + std::to_string(from.integer("/attempt")) + " " +
              from.text("/staging") + "/" + from.text("/outputs/0/path") + number_of(frame) + ".bmp";
    }
    return R"({"line": )" + quoted(line) + "}";
  }

  // The worker answers with events as they are.
  Result<std::string> decode(const HostJson& from) const {
    std::string events;
    for (std::size_t i = 0; i < from.count("/lines"); ++i) {
      const std::string line = from.text(("/lines/" + std::to_string(i)).c_str());
      std::string event;
      if (from.text("/channel") == "version" && line.rfind("@NAME@ ", 0) == 0)
        event = R"({"event": "version", "version": )" + quoted(line.substr(sizeof "@NAME@ " - 1)) + "}";
      if (from.text("/channel") == "answers") {
        const HostJson answer = host().json(line);
        event = answer && !answer.text("/event").empty()
                    ? line
                    : R"({"event": "nonsense", "message": )" + quoted(line.substr(0, 200)) + "}";
      }
      if (!event.empty()) events += (events.empty() ? "" : ", ") + event;
    }
    return R"({"events": [)" + events + "]}";
  }

  Result<std::string> outputs(const HostJson& from) const {
    const std::string written = from.text("/outputs/0/path"), wanted = from.text("/override");
    const std::string natural =
        written.rfind("//", 0) == 0 ? folder_of(from.text("/entry")) + "/" + written.substr(2) : written;
    std::string destination = wanted.empty() ? natural : wanted;
    if (!wanted.empty() && (wanted.back() == '/' || from.boolean("/override_is_folder")))
      destination = wanted + (wanted.back() == '/' ? "" : "/") + last_of(natural);
    std::string size = from.json("/size");
    if (size.empty()) size = "null";
    std::string frames;
    for (std::size_t i = 0; i < from.count("/frames"); ++i) {
      const std::int64_t frame = from.integer(("/frames/" + std::to_string(i)).c_str());
      frames += (frames.empty() ? "" : ", ") + std::string(R"({"frame": )") + std::to_string(frame) +
                R"(, "files": [{"output": 0, "slot": "", "path": )" +
                quoted(last_of(destination) + number_of(frame) + ".bmp") +
                R"(, "pattern": false, "required": true, "format": "BMP", "size": )" + size + "}]}";
    }
    return R"({"root": )" + quoted(folder_of(destination)) +
           R"(, "outputs": [{"id": 0, "kind": "render", "node": "", "path": )" + quoted(last_of(destination)) +
           R"(, "written": )" + quoted(written) + R"(, "natural": )" + quoted(natural) +
           R"(, "destination": )" + quoted(destination) + R"(, "movie": null}], "frames": [)" + frames + "]}";
  }

  std::string quoted(std::string_view text) const { return host().quoted(text); }
};

SOUSCHEF_PLUGIN(@CLASS@)

}  // namespace
