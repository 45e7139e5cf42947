// SPDX-License-Identifier: MIT
// Stages in C++: the request of stage.run as values, and a class that does the talking. What each member
// means: docs/format/plugin-protocol.md, "Stages".
//
//   class Slate final : public souschef::Plugin, public souschef::Stage {
//    public:
//     static constexpr souschef_descriptor kDescriptor = souschef::descriptor("slate", "1.0.0");
//     explicit Slate(souschef::Host host) : Plugin(host), Stage(host) {}
//     souschef::Calls& calls() { return *this; }
//    protected:
//     Result<StageDescription> describe(const StageRequest& request) override;
//     Result<StageAnswer> run(CallContext& call, const StageRequest& request) override;
//   };
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <souschef/calls.hpp>
#include <souschef/fields.hpp>
#include <souschef/file_name.hpp>
#include <souschef/host.hpp>
#include <souschef/result.hpp>

namespace souschef {

struct StageSequence {
  std::string role;  // "render", "file_node"
  std::string node, layer, format;
  std::filesystem::path folder;
};

struct StageFile {
  std::size_t sequence = 0;    // into StageRequest::sequences
  std::filesystem::path path;  // absolute
  std::uint64_t size = 0;
  std::string hash;  // 64 hexadecimal digits
};

// A file that a stage before this one has made.
struct StageProduct {
  std::string stage;
  std::filesystem::path path;
  std::uint64_t size = 0;
  std::string hash;
};

struct StageFrame {
  std::int32_t frame = 0;
  std::string state;  // "done", "failed", "skipped", "cancelled"
  double seconds = 0;
  std::vector<StageFile> files;

  [[nodiscard]] bool done() const { return state == "done"; }
  // Null where the frame has no file in that sequence.
  [[nodiscard]] const StageFile* file_of(std::size_t sequence) const {
    for (const StageFile& file : files)
      if (file.sequence == sequence) return &file;
    return nullptr;
  }
};

struct StageScene {
  std::string name;
  double fps = 24, fps_base = 1;
  std::int64_t width = 0, height = 0;  // 0: not known
};

struct StageAudio {
  std::filesystem::path path;
  std::int32_t start = 1;  // the frame to which the first sample belongs
};

// A value; the settings are read where they are needed: text("/preset"), integer("/crf").
class StageRequest {
 public:
  // Errors: bad_input naming what is missing.
  static Result<StageRequest> read(HostJson json);

  std::string stage_name, per;
  std::int64_t attempt = 1;
  std::string order_id, order_name;
  std::string job_id, job_entry;
  std::filesystem::path production;
  std::string production_name;
  StageScene scene;
  std::string frames_wanted;
  std::vector<StageSequence> sequences;
  std::vector<StageFrame> frames;  // ascending
  std::vector<StageProduct> earlier;
  std::optional<StageAudio> audio;
  std::filesystem::path output_folder, work_folder;

  // The whole request, for what stands in no member: "/scene/color/view", "/settings/crf".
  [[nodiscard]] const HostJson& json() const { return json_; }
  [[nodiscard]] std::string setting(const std::string& name, std::string_view otherwise = "") const {
    return json_.text(("/settings/" + name).c_str(), otherwise);
  }
  [[nodiscard]] std::int64_t setting_integer(const std::string& name, std::int64_t otherwise = 0) const {
    return json_.integer(("/settings/" + name).c_str(), otherwise);
  }
  [[nodiscard]] double setting_number(const std::string& name, double otherwise = 0) const {
    return json_.number(("/settings/" + name).c_str(), otherwise);
  }
  [[nodiscard]] bool setting_boolean(const std::string& name, bool otherwise = false) const {
    return json_.boolean(("/settings/" + name).c_str(), otherwise);
  }
  [[nodiscard]] std::vector<std::string> setting_list(const std::string& name) const {
    std::vector<std::string> list;
    const std::string pointer = "/settings/" + name;
    for (std::size_t i = 0; i < json_.count(pointer.c_str()); ++i)
      list.push_back(json_.text((pointer + "/" + std::to_string(i)).c_str()));
    return list;
  }

  // {order}, {stage} and {shot}: what every template of a name may hold.
  [[nodiscard]] Fields fields() const {
    return {{"order", order_name},
            {"stage", stage_name},
            {"shot", std::filesystem::path(job_entry).stem().string()}};
  }
  // The setting, a template, as a name below the output folder. Errors: bad_input where it is none.
  [[nodiscard]] Result<std::string> output_name(const std::string& name, std::string_view otherwise,
                                                const Fields& fields) const;

 private:
  explicit StageRequest(HostJson json) : json_(std::move(json)) {}
  [[nodiscard]] Result<std::filesystem::path> path_at(const std::string& pointer) const;
  Status read_sequences();
  Status read_frames();
  Status read_earlier();

  HostJson json_;
};

struct StageDescription {
  bool per_frame = false;
  std::vector<std::string> outputs;  // relative to output_folder
  bool needs_audio = false;
};

struct StageAnswer {
  std::vector<std::string> outputs;
  std::string summary;                // one line; may be empty
  std::vector<std::string> warnings;  // may be empty
};

class Stage : public Calls {
 public:
  explicit Stage(Host host) : stage_host_(host) {}
  Result<std::string> call(CallContext& context, std::string_view method, std::string_view text) override;

 protected:
  // Errors are what the person who orders reads: settings that do not fit together.
  virtual Result<StageDescription> describe(const StageRequest& request) = 0;
  virtual Result<StageAnswer> run(CallContext& context, const StageRequest& request) = 0;

 private:
  [[nodiscard]] std::string list_json(const std::vector<std::string>& texts) const;

  Host stage_host_;
};

// Whether it names a file below the output folder, whatever it was made of.
inline bool is_output_name(const std::string& name) {
  const std::filesystem::path path(name);
  bool inside = !name.empty() && path.is_relative() && path.has_filename();
  for (const std::filesystem::path& part : path) inside = inside && part != "..";
  return inside;
}

// Gives a finished file of the work folder its place in the output folder, folders above it included: from
// one moment to the next, so that nobody sees half of it. Errors: io, denied.
inline Status publish_output(const std::filesystem::path& finished, const std::filesystem::path& target) {
  std::error_code failed;
  std::filesystem::create_directories(target.parent_path(), failed);
  if (!failed) std::filesystem::rename(finished, target, failed);
  if (!failed) return {};
  return Error(failed == std::errc::permission_denied ? ErrorCode::denied : ErrorCode::io,
               "cannot write " + target.string(), failed.message());
}

// ---- how it is done

inline Result<std::filesystem::path> StageRequest::path_at(const std::string& pointer) const {
  const auto name = unescape_name(json_.text(pointer.c_str()));
  if (!name || name->empty()) return Error(ErrorCode::bad_input, "the request has no " + pointer);
  return std::filesystem::path(*name);
}

inline Result<std::string> StageRequest::output_name(const std::string& name, std::string_view otherwise,
                                                     const Fields& fields) const {
  const std::string written = setting(name, otherwise);
  std::string filled = fill_fields(written, fields);
  if (is_output_name(filled)) return filled;
  return Error(ErrorCode::bad_input, name + " = " + written + " cannot be",
               "it has to name a file below the output folder");
}

inline Status StageRequest::read_sequences() {
  for (std::size_t i = 0; i < json_.count("/sequences"); ++i) {
    const std::string at = "/sequences/" + std::to_string(i);
    const auto text = [&](const char* member) { return json_.text((at + member).c_str()); };
    StageSequence sequence{text("/role"), text("/node"), text("/layer"), text("/format"), {}};
    SOUSCHEF_TRY(sequence.folder, path_at(at + "/folder"));
    sequences.push_back(std::move(sequence));
  }
  return {};
}

inline Status StageRequest::read_frames() {
  const std::size_t count = json_.count("/frames");
  frames.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string at = "/frames/" + std::to_string(i);
    StageFrame frame;
    frame.frame = static_cast<std::int32_t>(json_.integer((at + "/frame").c_str()));
    frame.state = json_.text((at + "/state").c_str());
    frame.seconds = json_.number((at + "/seconds").c_str());
    for (std::size_t f = 0; f < json_.count((at + "/files").c_str()); ++f) {
      const std::string file_at = at + "/files/" + std::to_string(f);
      StageFile file;
      const std::int64_t sequence = json_.integer((file_at + "/sequence").c_str(), -1);
      if (sequence < 0 || static_cast<std::size_t>(sequence) >= sequences.size())
        return Error(ErrorCode::bad_input, "the request has no sequence for " + file_at);
      file.sequence = static_cast<std::size_t>(sequence);
      SOUSCHEF_TRY(const std::filesystem::path name, path_at(file_at + "/name"));
      file.path = sequences[file.sequence].folder / name;
      file.size = static_cast<std::uint64_t>(json_.integer((file_at + "/size").c_str()));
      file.hash = json_.text((file_at + "/hash").c_str());
      frame.files.push_back(std::move(file));
    }
    frames.push_back(std::move(frame));
  }
  return {};
}

inline Status StageRequest::read_earlier() {
  for (std::size_t i = 0; i < json_.count("/earlier"); ++i) {
    const std::string stage_at = "/earlier/" + std::to_string(i);
    for (std::size_t f = 0; f < json_.count((stage_at + "/files").c_str()); ++f) {
      const std::string at = stage_at + "/files/" + std::to_string(f);
      StageProduct product;
      product.stage = json_.text((stage_at + "/stage").c_str());
      SOUSCHEF_TRY(product.path, path_at(at + "/path"));
      product.size = static_cast<std::uint64_t>(json_.integer((at + "/size").c_str()));
      product.hash = json_.text((at + "/hash").c_str());
      earlier.push_back(std::move(product));
    }
  }
  return {};
}

inline Result<StageRequest> StageRequest::read(HostJson json) {
  if (!json) return Error(ErrorCode::bad_input, "the request is not JSON");
  StageRequest request(std::move(json));
  const HostJson& from = request.json_;
  request.stage_name = from.text("/stage/name");
  request.per = from.text("/stage/per");
  request.attempt = from.integer("/stage/attempt", 1);
  request.order_id = from.text("/order/id");
  request.order_name = from.text("/order/name", "order");
  request.job_id = from.text("/job/id");
  request.job_entry = from.text("/job/entry");
  request.production = unescape_name(from.text("/production/folder")).value_or("");
  request.production_name = from.text("/production/name");
  request.scene = {from.text("/scene/name"), from.number("/scene/fps", 24), from.number("/scene/fps_base", 1),
                   from.integer("/scene/resolution/0"), from.integer("/scene/resolution/1")};
  request.frames_wanted = from.text("/frames_wanted");
  if (from.type("/audio") == SOUSCHEF_JSON_OBJECT) {
    SOUSCHEF_TRY(const std::filesystem::path path, request.path_at("/audio/path"));
    request.audio = StageAudio{path, static_cast<std::int32_t>(from.integer("/audio/start", 1))};
  }
  SOUSCHEF_TRY(request.output_folder, request.path_at("/output_folder"));
  request.work_folder = unescape_name(from.text("/work_folder")).value_or("");
  SOUSCHEF_CHECK(request.read_sequences());
  SOUSCHEF_CHECK(request.read_frames());
  SOUSCHEF_CHECK(request.read_earlier());
  return request;
}

inline std::string Stage::list_json(const std::vector<std::string>& texts) const {
  std::string json = "[";
  for (const std::string& text : texts) json += (json.size() > 1 ? "," : "") + stage_host_.quoted(text);
  return json + "]";
}

inline Result<std::string> Stage::call(CallContext& context, std::string_view method, std::string_view text) {
  if (method != "stage.describe" && method != "stage.run")
    return Error(ErrorCode::unsupported, "unknown method: " + std::string(method));
  SOUSCHEF_TRY(const StageRequest request, StageRequest::read(stage_host_.json(text)));
  if (method == "stage.describe") {
    SOUSCHEF_TRY(const StageDescription description, describe(request));
    return std::string(R"({"per":)") + (description.per_frame ? R"("frame")" : R"("order")") +
           R"(,"outputs":)" + list_json(description.outputs) + R"(,"needs":)" +
           (description.needs_audio ? R"(["audio"])" : "[]") + "}";
  }
  SOUSCHEF_TRY(const StageAnswer answer, run(context, request));
  return R"({"outputs":)" + list_json(answer.outputs) + R"(,"summary":)" +
         stage_host_.quoted(answer.summary) + R"(,"warnings":)" + list_json(answer.warnings) + "}";
}

}  // namespace souschef
