// SPDX-License-Identifier: MIT
#include "core/rendering/run_stages.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <souschef/file_name.hpp>

#include "core/base/file_hash.hpp"
#include "core/base/json_text.hpp"
#include "core/rendering/mixdown.hpp"
#include "core/rendering/renderer.hpp"
#include "core/verification/frame_check.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

store::FileSystem& disk() {
  return store::FileSystem::real();
}

class StageCall final : public CallContext {
 public:
  StageCall(const StageProgress& progress, const std::function<bool()>& cancelled)
      : progress_(progress), cancelled_(cancelled) {}
  [[nodiscard]] bool cancelled() const override { return cancelled_ && cancelled_(); }
  void progress(double fraction, std::string_view message) override {
    if (progress_) progress_(fraction, message);
  }
  void log(LogLevel, std::string_view message) override {
    if (progress_) progress_(-1, message);
  }

 private:
  const StageProgress& progress_;
  const std::function<bool()>& cancelled_;
};

// The files of an order's frames as sequences: by output, slot and folder.
class Sequences {
 public:
  explicit Sequences(const StageInput& input) : input_(input) {}

  std::size_t index_of(const ExpectedFile& file, const std::string& path) {
    const fs::path folder = input_.root / fs::path(path).parent_path();
    const auto key = std::tuple(file.output, file.slot, folder.string());
    const auto [found, fresh] = known_.try_emplace(key, list_.size());
    if (fresh)
      list_.push_back({{"role", file.kind == "node" ? "file_node" : "render"},
                       {"node", file.node},
                       {"layer", file.slot},
                       {"format", file.format},
                       {"folder", escape_name(folder.string())}});
    return found->second;
  }
  [[nodiscard]] const Json& json() const { return list_; }

 private:
  const StageInput& input_;
  Json list_ = Json::array();
  std::map<std::tuple<int, std::string, std::string>, std::size_t> known_;
};

const ExpectedFile* expectation_of(const std::vector<ExpectedFile>& expected, const std::string& path) {
  for (const ExpectedFile& file : expected)
    if (file.pattern ? matches_pattern(path, file.path) : path == file.path) return &file;
  return nullptr;
}

// A picture that somebody has removed or changed since it was verified is not handed on as verified.
bool is_as_it_was(const fs::path& root, const FileRecord& file) {
  std::error_code code;
  const auto size = fs::file_size(root / file.path, code);
  return !code && size == file.size;
}

std::string_view state_word(FrameState state) {
  return state == FrameState::todo || state == FrameState::running ? "cancelled" : name_of(state);
}

Result<Json> frames_json(const Renderer& renderer, const StageInput& input, Sequences& sequences) {
  std::vector<std::int32_t> numbers;
  for (const FrameRecord& frame : input.frames) numbers.push_back(frame.frame);
  SOUSCHEF_TRY(const auto expected, renderer.expected_of(output_request(input.order, input.production_root),
                                                         numbers, input.order, input.facts));
  Json list = Json::array();
  for (std::size_t i = 0; i < input.frames.size(); ++i) {
    const FrameRecord& frame = input.frames[i];
    Json files = Json::array();
    const bool is_whole = std::all_of(frame.files.begin(), frame.files.end(),
                                      [&](const FileRecord& file) { return is_as_it_was(input.root, file); });
    const FrameState state = frame.state == FrameState::done && !is_whole ? FrameState::failed : frame.state;
    for (const FileRecord& file : frame.files) {
      if (state != FrameState::done) break;  // of an attempt before this one, or gone since
      const ExpectedFile* wanted = expectation_of(expected[i], file.path);
      if (wanted == nullptr) continue;  // nobody knows what it is
      files.push_back({{"sequence", sequences.index_of(*wanted, file.path)},
                       {"name", escape_name(fs::path(file.path).filename().string())},
                       {"size", file.size},
                       {"hash", file.hash.hex()}});
    }
    Json entry = {{"frame", frame.frame}, {"state", state_word(state)}, {"files", std::move(files)}};
    if (state == FrameState::done) entry["seconds"] = frame.ms / 1000.0;
    list.push_back(std::move(entry));
  }
  return list;
}

Json scene_json(const StageInput& input) {
  const Json& facts = input.facts;
  const auto at = [&](const char* name) {
    const auto found = facts.find(name);
    return found == facts.end() ? Json() : *found;
  };
  Json scene = {{"name", at("scene")},
                {"fps", at("fps")},
                {"fps_base", at("fps_base")},
                {"resolution", at("size")},
                {"frame_start", at("frame_start")},
                {"frame_end", at("frame_end")},
                {"frame_step", at("frame_step")},
                {"color", nullptr},
                {"movie", at("movie")}};
  // What only the tracer knows.
  const auto scenes = input.order.facts.find("scenes");
  if (scenes != input.order.facts.end() && scenes->is_array())
    for (const Json& each : *scenes)
      if (each.is_object() && each.value("name", Json()) == scene["name"] && each.contains("color"))
        scene["color"] = each["color"];
  return scene;
}

Json earlier_json(const std::vector<StageRecord>& stages, const std::string& own_name) {
  Json list = Json::array();
  for (const StageRecord& stage : stages) {
    if (stage.state != "done" || stage.name == own_name) continue;
    Json files = Json::array();
    for (const FileRecord& file : stage.outputs)
      files.push_back({{"path", escape_name(file.path)}, {"size", file.size}, {"hash", file.hash.hex()}});
    list.push_back({{"stage", stage.name}, {"files", std::move(files)}});
  }
  return list;
}

Result<Json> request_json(const Renderer& renderer, const StageDefinition& stage, std::uint32_t attempt,
                          const StageInput& input) {
  Sequences sequences(input);
  SOUSCHEF_TRY(Json frames, frames_json(renderer, input, sequences));
  const Order& order = input.order;
  // The movie or whatever it makes stands beside the first picture.
  const Json output_folder =
      sequences.json().empty() ? Json(escape_name(input.root.string())) : sequences.json()[0]["folder"];
  return Json{
      {"stage", {{"name", stage.name}, {"per", "order"}, {"attempt", attempt}}},
      {"order", {{"id", order.id}, {"name", order.name}}},
      {"job", {{"id", order.job ? Json(order.job->hex()) : Json()}, {"entry", escape_name(order.entry)}}},
      {"production",
       {{"folder", escape_name(input.production_root.string())},
        {"name", escape_name(input.production_root.filename().string())}}},
      {"scene", scene_json(input)},
      {"frames_wanted", order.frames.text()},
      {"sequences", sequences.json()},
      {"frames", std::move(frames)},
      {"earlier", earlier_json(input.earlier, stage.name)},
      {"audio", nullptr},
      {"output_folder", output_folder},
      {"work_folder", escape_name(input.work_folder.string())},
      {"settings", stage.settings}};
}

Result<FileRecord> output_record(const fs::path& path) {
  SOUSCHEF_TRY(const auto file, disk().open(path, store::Access::read));
  SOUSCHEF_TRY(const store::FileStatus status, file->status());
  SOUSCHEF_TRY(const Hash hash, hash_of_file(*file, status.size));
  SOUSCHEF_CHECK(file->sync());
  return FileRecord{path.string(), status.size, hash};
}

// A name that a stage has given, below its output folder.
Result<std::string> output_name(const Json& each) {
  const auto name = each.is_string() ? unescape_name(each.get_ref<const std::string&>()) : std::nullopt;
  if (!name || name->empty()) return Error(ErrorCode::plugin, "the stage names an output wrongly");
  const fs::path path(*name);
  if (path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end())
    return Error(ErrorCode::plugin, "the stage names an output outside of its folder", escape_name(*name));
  return *name;
}

// What a call answered becomes part of the outcome.
Status take_reply(const Json& reply, const fs::path& folder, StageOutcome& outcome) {
  const auto outputs = reply.find("outputs");
  if (outputs != reply.end() && outputs->is_array()) {
    for (const Json& each : *outputs) {
      SOUSCHEF_TRY(const std::string name, output_name(each));
      auto record = output_record(folder / name);
      if (!record)
        return std::move(record.error()).in_context("the stage says that it made " + escape_name(name));
      outcome.outputs.push_back(std::move(*record));
    }
  }
  if (reply.contains("summary") && reply["summary"].is_string()) outcome.summary = reply["summary"];
  if (reply.contains("warnings") && reply["warnings"].is_array())
    for (const Json& warning : reply["warnings"])
      if (warning.is_string()) outcome.warnings.push_back(warning);
  return {};
}

Result<Json> call_stage(Calls& calls, CallContext& context, const char* method, const Json& request) {
  SOUSCHEF_TRY(const std::string reply, calls.call(context, method, json_text(request)));
  auto json = parse_json(reply);
  if (!json || !json->is_object()) return Error(ErrorCode::plugin, "the stage answers with no JSON object");
  return std::move(*json);
}

bool wants_sound(const Json& description) {
  const auto needs = description.find("needs");
  return needs != description.end() && needs->is_array() &&
         std::find(needs->begin(), needs->end(), "audio") != needs->end();
}

// The member "audio" of a request: docs/format/plugin-protocol.md. A renderer that mixes nothing is a
// warning.
Result<Json> audio_json(const Renderer& renderer, const StageInput& input, StageCall& context,
                        std::vector<std::string>& warnings) {
  if (!has_sound(input.facts) || !input.entry) return Json();
  const fs::path folder = input.work_folder / "sound";
  SOUSCHEF_CHECK(store::make_folders(disk(), folder));
  context.progress(0, "mixing the sound");
  SOUSCHEF_TRY(const fs::path entry, input.entry());
  auto mixed =
      mix_down(renderer, input.order, input.facts, entry, folder, [&] { return context.cancelled(); });
  if (mixed)
    return Json{{"path", escape_name(mixed->string())}, {"start", input.order.frames.frames().front()}};
  if (mixed.error().code != ErrorCode::unsupported) return std::move(mixed).error();
  warnings.push_back("without sound: " + mixed.error().line());
  return Json();
}

Result<StageOutcome> run_prepared(Calls& calls, StageCall& context, Json request, const fs::path& folder,
                                  const Renderer& renderer, const StageInput& input) {
  Json describe = request;
  describe["frames"] = Json::array();
  describe.erase("work_folder");
  SOUSCHEF_TRY(const Json description, call_stage(calls, context, "stage.describe", describe));
  StageOutcome outcome;
  if (wants_sound(description)) {
    SOUSCHEF_TRY(request["audio"], audio_json(renderer, input, context, outcome.warnings));
  }
  if (description.value("per", "order") != "frame") {
    SOUSCHEF_TRY(const Json reply, call_stage(calls, context, "stage.run", request));
    SOUSCHEF_CHECK(take_reply(reply, folder, outcome));
    return outcome;
  }
  request["stage"]["per"] = "frame";
  const Json frames = request["frames"];
  for (const Json& frame : frames) {
    if (frame["state"] != "done") continue;
    request["frames"] = Json::array({frame});
    SOUSCHEF_TRY(const Json reply, call_stage(calls, context, "stage.run", request));
    SOUSCHEF_CHECK(take_reply(reply, folder, outcome));
  }
  return outcome;
}

}  // namespace

Result<std::vector<std::string>> describe_stage(PluginCatalog& plugins, const StageDefinition& stage,
                                                const Order& order, const fs::path& production_root) {
  SOUSCHEF_TRY(Calls* const calls, plugins.calls(stage.plugin, PluginKind::stage));
  const Json request = {
      {"stage", {{"name", stage.name}, {"per", "order"}, {"attempt", 1}}},
      {"order", {{"id", order.id}, {"name", order.name.empty() ? "order" : order.name}}},
      {"job", {{"id", order.job ? Json(order.job->hex()) : Json()}, {"entry", escape_name(order.entry)}}},
      {"production",
       {{"folder", escape_name(production_root.string())},
        {"name", escape_name(production_root.filename().string())}}},
      {"frames_wanted", order.frames.text()},
      {"sequences", Json::array()},
      {"frames", Json::array()},
      {"earlier", Json::array()},
      {"audio", nullptr},
      {"output_folder",
       escape_name(production_root.string())},  // the real one is known when the scene is open
      {"settings", stage.settings}};
  QuietCall quiet;
  SOUSCHEF_TRY(const Json description, call_stage(*calls, quiet, "stage.describe", request));
  std::vector<std::string> names;
  for (const Json& each : description.value("outputs", Json::array())) {
    SOUSCHEF_TRY(std::string name, output_name(each));
    names.push_back(std::move(name));
  }
  return names;
}

Result<StageOutcome> run_stage(PluginCatalog& plugins, const Renderer& renderer, const StageDefinition& stage,
                               std::uint32_t attempt, const StageInput& input, const StageProgress& progress,
                               const std::function<bool()>& cancelled) {
  SOUSCHEF_TRY(Calls* const calls, plugins.calls(stage.plugin, PluginKind::stage));
  SOUSCHEF_CHECK(store::remove_tree(disk(), input.work_folder));
  SOUSCHEF_CHECK(store::make_folders(disk(), input.work_folder));
  SOUSCHEF_TRY(Json request, request_json(renderer, stage, attempt, input));
  const fs::path folder = unescape_name(request["output_folder"].get_ref<const std::string&>()).value_or("");
  SOUSCHEF_CHECK(store::make_folders(disk(), folder));
  SOUSCHEF_TRY(request["settings"], plugins.reveal_secrets(stage.plugin, stage.settings));
  StageCall context(progress, cancelled);
  auto outcome = run_prepared(*calls, context, std::move(request), folder, renderer, input);
  (void)store::remove_tree(disk(), input.work_folder);
  return outcome;
}

}  // namespace souschef::core
