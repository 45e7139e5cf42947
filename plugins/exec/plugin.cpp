// SPDX-License-Identifier: MIT
// A command of the render host's own config. It is started without a shell and gets everything three times:
// as words ({output_folder}), as variables (SOUSCHEF_OUTPUT_FOLDER), and as the request of stage.run in JSON,
// on its standard input and in a file. What it declares has to be there afterwards, and written by it: a file
// that lies there from yesterday is no success.
#include <fstream>
#include <map>
#include <system_error>

#include <souschef/plugin.hpp>
#include <souschef/stage.hpp>

#include "plugins/exec/file_mark.hpp"
#include "plugins/exec/manifest.hpp"

namespace fs = std::filesystem;

namespace souschef::exec {
namespace {

constexpr std::size_t kKeptErrors = 4U << 10;
constexpr std::size_t kLongestLine = 2U << 10;

std::string four_digits(std::int32_t frame) {
  std::string digits = std::to_string(std::abs(frame));
  digits.insert(0, digits.size() < 4 ? 4 - digits.size() : 0, '0');
  return frame < 0 ? "-" + digits : digits;
}

// A file without anything but its name's sake: the variable of a field.
std::string variable_of(const std::string& field) {
  std::string name = "SOUSCHEF_";
  for (const char c : field) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

class Exec final : public Plugin, public Stage {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("exec", "1.0.0", kManifest);
  explicit Exec(Host host) : Plugin(host), Stage(host) {}
  Calls& calls() { return *this; }

 protected:
  Result<StageDescription> describe(const StageRequest& request) override {
    const std::vector<std::string> command = request.setting_list("command");
    if (command.empty() || command.front().empty())
      return Error(ErrorCode::bad_input, "the command is empty").next_step("set it in the config: [[stage]]");
    StageDescription description;
    description.per_frame = request.setting("per", "order") == "frame";
    Fields fields = fields_of(request, nullptr);
    fields.erase("frame");  // filled in by the program
    for (const std::string& written : request.setting_list("outputs")) {
      const std::string name = fill_fields(written, fields);
      if (!is_output_name(name))
        return Error(ErrorCode::bad_input, "the output " + written + " cannot be",
                     "it has to name a file below the output folder");
      if (description.per_frame && name.find("{frame}") == std::string::npos)
        return Error(ErrorCode::bad_input, "every frame would write the same output: " + name)
            .next_step("put {frame} into its name");
      description.outputs.push_back(name);
    }
    for (const std::string& variable : request.setting_list("environment"))
      if (variable.find('=') == std::string::npos || variable.front() == '=')
        return Error(ErrorCode::bad_input, "not NAME=value: " + variable);
    return description;
  }

  Result<StageAnswer> run(CallContext& call, const StageRequest& request) override {
    SOUSCHEF_CHECK(describe(request));
    const bool per_frame = request.setting("per", "order") == "frame";
    if (per_frame && (request.frames.size() != 1 || request.frames.front().files.empty()))
      return Error(ErrorCode::bad_input, "a command for every frame needs a frame with files");
    const Fields fields = fields_of(request, per_frame ? &request.frames.front() : nullptr);
    SOUSCHEF_CHECK(write_request(request));

    StageAnswer answer;
    std::map<std::string, FileMark> before;
    for (const std::string& written : request.setting_list("outputs")) {
      answer.outputs.push_back(fill_fields(written, fields));
      if (!is_output_name(answer.outputs.back()))
        return Error(ErrorCode::bad_input, "the output " + answer.outputs.back() + " cannot be");
      before[answer.outputs.back()] = mark_of(request.output_folder / answer.outputs.back());
    }
    SOUSCHEF_CHECK(run_command(call, request, fields));
    for (const std::string& name : answer.outputs) SOUSCHEF_CHECK(take_output(request, name, before[name]));
    return answer;
  }

 private:
  static fs::path request_file(const StageRequest& request) { return request.work_folder / "request.json"; }

  static Fields fields_of(const StageRequest& request, const StageFrame* frame) {
    Fields fields = request.fields();
    fields.merge(Fields{{"production", request.production.string()},
                        {"output_folder", request.output_folder.string()},
                        {"work_folder", request.work_folder.string()},
                        {"request", request_file(request).string()},
                        {"frames", request.frames_wanted},
                        {"frame", ""}});
    if (frame != nullptr) {
      fields["frame"] = four_digits(frame->frame);
      if (!frame->files.empty()) fields["file"] = frame->files.front().path.string();
    }
    return fields;
  }

  static Status write_request(const StageRequest& request) {
    std::ofstream out(request_file(request), std::ios::binary);
    out << request.json().json("");
    out.close();
    if (out) return {};
    return Error(ErrorCode::io, "cannot write " + request_file(request).string());
  }

  // Whole lines of what it prints go to the stage's log; the end of its errors into the message.
  struct LineLog {
    CallContext& call;
    LogLevel level;
    std::string line;

    void add(std::string_view piece) {
      line += piece;
      for (std::size_t end; (end = line.find('\n')) != std::string::npos; line.erase(0, end + 1))
        call.log(level, std::string_view(line).substr(0, end));
      if (line.size() > kLongestLine) finish();
    }
    void finish() {
      if (!line.empty()) call.log(level, line);
      line.clear();
    }
  };

  Status run_command(CallContext& call, const StageRequest& request, const Fields& fields) {
    Program program;
    for (const std::string& word : request.setting_list("command"))
      program.words.push_back(fill_fields(word, fields));
    program.folder = request.work_folder.string();
    program.input = request.json().json("");
    program.time_limit_ms = static_cast<std::uint64_t>(request.setting_integer("time_seconds")) * 1000;
    program.silence_limit_ms = static_cast<std::uint64_t>(request.setting_integer("silence_seconds")) * 1000;
    for (const auto& [field, value] : fields) program.variables.emplace_back(variable_of(field), value);
    for (const std::string& variable : request.setting_list("environment")) {
      const std::size_t equals = variable.find('=');
      program.variables.emplace_back(variable.substr(0, equals),
                                     fill_fields(variable.substr(equals + 1), fields));
    }
    LineLog output{call, LogLevel::info, {}}, errors{call, LogLevel::warning, {}};
    std::string last;
    program.output = [&](std::string_view piece) { output.add(piece); };
    program.errors = [&](std::string_view piece) {
      errors.add(piece);
      last += piece;
      if (last.size() > kKeptErrors) last.erase(0, last.size() - kKeptErrors);
    };
    auto end = host().run(call, program);
    output.finish();
    errors.finish();
    if (!end) return std::move(end.error()).in_context("cannot run " + program.words.front());
    if (end->success()) return {};
    Error error(ErrorCode::child_failed, program.words.front() + " failed", end->text());
    while (!last.empty() && last.back() == '\n') last.pop_back();
    if (!last.empty()) error.why.push_back(last);
    return error;
  }

  static Status take_output(const StageRequest& request, const std::string& name, const FileMark& before) {
    const fs::path made = request.work_folder / name, place = request.output_folder / name;
    if (mark_of(made) != FileMark{}) return publish_output(made, place);
    const FileMark now = mark_of(place);
    if (now == FileMark{})
      return Error(ErrorCode::missing, "the command succeeded, but did not make " + name,
                   "it is neither in the output folder nor in the work folder");
    if (now == before)
      return Error(ErrorCode::missing, "the command succeeded, but did not write " + name,
                   "the file in the output folder is an older one");
    return {};
  }
};

SOUSCHEF_PLUGIN(Exec)

}  // namespace
}  // namespace souschef::exec
