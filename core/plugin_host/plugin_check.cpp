// SPDX-License-Identifier: MIT
// Every check is a function that asks the plugin something and says what came of it. A check that breaks the
// plugin's process costs the plugin that check and no other: the next one starts a new process. What a plugin
// may answer with an error it may; what it must never do is die, hang, write nonsense or touch what is not
// its own. One class, long as it is: the checks share the process, the sample and the count.
#include "core/plugin_host/plugin_check.hpp"

#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <system_error>
#include <vector>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/base/process_starter.hpp"
#include "core/base/scratch_folder.hpp"
#include "core/events/events.hpp"
#include "core/plugin_host/plugin_command.hpp"
#include "core/plugin_host/plugin_discovery.hpp"
#include "core/plugin_host/plugin_library.hpp"
#include "core/plugin_host/plugin_sample.hpp"
#include "core/plugin_host/plugin_trace.hpp"
#include "core/plugin_host/plugin_transcript.hpp"
#include "core/plugin_host/settings_edges.hpp"
#include "core/plugin_host/settings_schema.hpp"
#include "store/file_system.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr int kLeakCalls = 400;
constexpr std::uint64_t kLeakBytes = 4U << 20;  // 10 KiB a call: no allocator's noise
constexpr std::size_t kMaxNote = 600;

class Watched final : public CallContext {
 public:
  explicit Watched(bool cancel = false) : cancel_(cancel) {}
  [[nodiscard]] bool cancelled() const override { return cancel_; }
  void progress(double, std::string_view) override {}
  void log(LogLevel, std::string_view) override {}

 private:
  bool cancel_;
};

// Every file below a folder with the hash of its content.
std::map<std::string, std::string> contents_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    if (!at->is_regular_file()) continue;
    std::ifstream in(at->path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    files[at->path().lexically_relative(folder).string()] = store::hash_of(text).hex();
  }
  return files;
}

std::string shortened(std::string text) {
  if (text.size() > kMaxNote) text = text.substr(0, kMaxNote) + "...";
  return text;
}

class Checker {
 public:
  Checker(const fs::path& folder, const fs::path& room, const PluginCheckOptions& options)
      : found_(read_plugin(folder, PluginOrigin::user)), room_(room), options_(options) {}

  Result<PluginCheckSummary> run() {
    if (!manifest() || !start()) return summary_;
    unknown_method();
    const auto kind = [&](PluginKind each) { return found_.manifest->is(each); };
    if (kind(PluginKind::stage)) stage();
    if (kind(PluginKind::event)) event();
    if (kind(PluginKind::renderer)) renderer();
    if (kind(PluginKind::tracer)) tracer();
    if (kind(PluginKind::inspect)) inspector();
    transcript();
    memory();
    end();
    if (stopped()) return Error(ErrorCode::cancelled, "stopped as asked");
    return summary_;
  }

 private:
  [[nodiscard]] bool stopped() const { return options_.cancelled && options_.cancelled(); }

  void say(std::string name, CheckState state, std::string note = {}) {
    if (stopped()) return;
    ++(state == CheckState::passed    ? summary_.passed
       : state == CheckState::warning ? summary_.warnings
       : state == CheckState::failed  ? summary_.failed
                                      : summary_.skipped);
    if (options_.on_result) options_.on_result({std::move(name), state, shortened(std::move(note))});
  }

  // ---- what can be said without running it

  bool manifest() {
    if (!found_.manifest)
      return say("plugin.json", CheckState::failed, found_.manifest.error().line()), false;
    const PluginManifest& manifest = *found_.manifest;
    std::string unknown;
    for (const std::string& name : manifest.unknown) unknown += (unknown.empty() ? "" : ", ") + name;
    say("plugin.json", unknown.empty() ? CheckState::passed : CheckState::warning,
        unknown.empty() ? "" : "members that this program does not know: " + unknown);
    auto schema = SettingsSchema::parse(manifest.settings);
    if (!schema) return say("settings", CheckState::failed, schema.error().line()), false;
    schema_ = std::move(*schema);
    auto defaults = schema_.complete(Json::object(), "settings");
    if (!defaults) return say("settings", CheckState::failed, defaults.error().line()), false;
    defaults_ = std::move(*defaults);
    say("settings", CheckState::passed, std::to_string(schema_.settings().size()) + " described");
    if (const Status abi = check_abi(manifest.abi_major, manifest.abi_minor); !abi)
      return say("abi", CheckState::failed, abi.error().line()), false;
    if (!manifest.program)
      return say("program", CheckState::failed,
                 "\"run\" and \"library\" name nothing for " + std::string(system_name())),
             false;
    std::error_code failed;
    if (manifest.program->is_library &&
        !fs::is_regular_file(found_.folder / manifest.program->command.front(), failed))
      return say("program", CheckState::failed,
                 "there is no " + (found_.folder / manifest.program->command.front()).string()),
             false;
    return true;
  }

  // ---- talking to it

  // A process that can be asked. False where it does not start: said once.
  bool alive(std::string* reason = nullptr) {
    if (process_ != nullptr && process_->usable()) return true;
    process_.reset();
    PluginCommand command = plugin_command(*found_.manifest, found_.folder, defaults_, options_.host);
    auto started = PluginProcess::start(starter_, command, options_.log);
    if (!started && reason != nullptr) *reason = started.error().line();
    if (started) process_ = std::move(*started);
    return process_ != nullptr;
  }

  bool start() {
    std::string reason;
    const bool good = alive(&reason);
    say("start", good ? CheckState::passed : CheckState::failed, reason);
    return good;
  }

  // Nothing where the process did not survive, which is said under `name`.
  std::optional<Result<Json>> ask(const std::string& name, std::string_view method, const Json& params,
                                  bool cancel = false) {
    std::string reason;
    if (!alive(&reason)) return say(name, CheckState::failed, reason), std::nullopt;
    Watched context(cancel);
    auto answer = process_->call(context, method, json_text(params));
    if (process_->usable()) return answer;
    say(name, CheckState::failed, answer ? "it ended after its answer" : answer.error().line());
    return std::nullopt;
  }

  // A request that may be answered with anything: only dying is wrong.
  void survives(const std::string& name, std::string_view method, const Json& params) {
    if (ask(name, method, params)) say(name, CheckState::passed);
  }

  void unknown_method() {
    const auto answer = ask("unknown method", "check.unknown", Json::object());
    if (!answer) return;
    if (*answer) return say("unknown method", CheckState::failed, "it was answered with a result");
    const bool good = answer->error().code == ErrorCode::unsupported;
    say("unknown method", good ? CheckState::passed : CheckState::failed,
        good ? "" : "the answer has to be an error of the code unsupported: " + answer->error().line());
  }

  // ---- stages

  // Settings that have to be set and are not: what needs them cannot be tried.
  std::string unset() const {
    const Status complete = schema_.check_required(defaults_, "settings");
    return complete ? std::string() : complete.error().line();
  }

  Result<StageSample> sample(SampleFrames frames, const Json& settings) {
    return make_stage_sample(room_ / "order", frames, settings);
  }

  void stage() {
    const std::string name = "describe";
    auto order = sample(SampleFrames::complete, defaults_);
    if (!order) return say(name, CheckState::skipped, order.error().line());
    survives("describe without settings", "stage.describe", Json::object());
    survives("run with nonsense", "stage.run", {{"frames", 7}, {"sequences", "x"}, {"settings", nullptr}});
    odd_settings(order->request);
    if (const std::string missing = unset(); !missing.empty())
      return say(name, CheckState::skipped, missing + " (try them in check.jsonl)");
    Json described;
    if (!describe(name, order->request, described)) return;
    Json nothing_ordered = order->request;
    nothing_ordered.erase("order");
    survives("describe where nothing is ordered", "stage.describe", describe_request(nothing_ordered));
    run_stage("run", SampleFrames::complete, true);
    run_stage("run with a gap", SampleFrames::gap, false);
    run_stage("run with odd file names", SampleFrames::odd_names, true);
    cancel();
  }

  bool describe(const std::string& name, const Json& request, Json& described) {
    const auto answer = ask(name, "stage.describe", describe_request(request));
    if (!answer) return false;
    if (!*answer) return say(name, CheckState::failed, answer->error().line()), false;
    described = **answer;
    const Json per = described.value("per", Json());
    if (per != "order" && per != "frame")
      return say(name, CheckState::failed, "\"per\" has to be \"order\" or \"frame\""), false;
    const Json outputs = described.value("outputs", Json());
    if (!outputs.is_array()) return say(name, CheckState::failed, "\"outputs\" has to be a list"), false;
    for (const Json& output : outputs)
      if (const std::string wrong = wrong_output(output); !wrong.empty())
        return say(name, CheckState::failed, wrong), false;
    return say(name, CheckState::passed, json_text(outputs)), true;
  }

  static std::string wrong_output(const Json& output) {
    const auto text = output.is_string() ? unescape_name(output.get<std::string>()) : std::nullopt;
    if (!text || text->empty()) return "an output has to be the name of a file: " + json_text(output);
    const fs::path path(*text);
    bool inside = path.is_relative();
    for (const fs::path& part : path) inside = inside && part != "..";
    return inside ? "" : "an output has to be relative, without ..: " + json_text(output);
  }

  void odd_settings(const Json& request) {
    std::size_t tried = 0;
    for (const Setting& setting : schema_.settings()) {
      for (const Json& edge : edges_of(setting)) {
        Json changed = request;
        changed["settings"][setting.name] = edge;
        if (!ask("settings at their edges", "stage.describe", describe_request(changed))) return;
        ++tried;
      }
    }
    if (tried > 0) say("settings at their edges", CheckState::passed, std::to_string(tried) + " tried");
  }

  // `must`: an error is a failure, else it is the plugin's good right.
  void run_stage(const std::string& name, SampleFrames frames, bool must) {
    auto order = sample(frames, defaults_);
    if (!order) return say(name, CheckState::skipped, order.error().line());
    const auto described = ask(name, "stage.describe", describe_request(order->request));
    if (!described) return;
    if (!*described) return say(name, CheckState::failed, described->error().line());
    const auto frames_before = contents_of(order->frames_folder);
    std::vector<Json> requests = {order->request};
    if ((*described)->value("per", "") == "frame") requests = one_each(order->request);
    std::set<std::string> made;
    for (const Json& request : requests) {
      const auto answer = ask(name, "stage.run", request);
      if (!answer) return;
      if (!*answer) return say(name, must ? CheckState::failed : CheckState::passed, answer->error().line());
      if (const std::string wrong = take_outputs(**answer, order->output_folder, made); !wrong.empty())
        return say(name, CheckState::failed, wrong);
    }
    if (contents_of(order->frames_folder) != frames_before)
      return say(name, CheckState::failed, "it changed the folder of the frames");
    for (const auto& [file, hash] : contents_of(order->output_folder))
      if (!made.contains(file))
        return say(name, CheckState::failed, "it left " + file + " in the output folder and did not say so");
    say(name, CheckState::passed, std::to_string(made.size()) + (made.size() == 1 ? " file" : " files"));
  }

  static std::vector<Json> one_each(const Json& request) {
    std::vector<Json> requests;
    for (const Json& frame : request["frames"]) {
      if (frame["state"] != "done") continue;
      Json one = request;
      one["stage"]["per"] = "frame";
      one["frames"] = Json::array({frame});
      requests.push_back(std::move(one));
    }
    return requests;
  }

  static std::string take_outputs(const Json& answer, const fs::path& folder, std::set<std::string>& made) {
    const Json outputs = answer.value("outputs", Json::array());
    if (!outputs.is_array()) return "\"outputs\" of the answer has to be a list";
    for (const Json& output : outputs) {
      if (const std::string wrong = wrong_output(output); !wrong.empty()) return wrong;
      const std::string name = *unescape_name(output.get<std::string>());
      std::error_code failed;
      if (!fs::is_regular_file(folder / name, failed))
        return "it says that it made " + name + ", which is not there";
      made.insert(fs::path(name).lexically_normal().string());
    }
    return {};
  }

  void cancel() {
    auto order = sample(SampleFrames::complete, defaults_);
    if (!order) return say("cancel", CheckState::skipped, order.error().line());
    const auto began = Clock::now();
    const auto answer = ask("cancel", "stage.run", order->request, true);
    if (!answer) return;
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - began).count();
    const bool good = *answer || answer->error().code == ErrorCode::cancelled;
    say("cancel", good ? CheckState::passed : CheckState::warning,
        good
            ? std::to_string(took) + " ms"
            : "the answer is neither a result nor an error of the code cancelled: " + answer->error().line());
  }

  // ---- the other kinds

  // An event whose name nobody knows reaches nobody outside, or so the protocol wants it.
  void event() {
    survives("handle nonsense", "event.handle", {{"event", 7}});
    const std::string name = "handle an unknown event";
    if (const std::string missing = unset(); !missing.empty()) return say(name, CheckState::skipped, missing);
    Event event;
    event.id = "01JC0000000000000000000000";
    event.time = "2026-01-01T00:00:00.000Z";
    event.host = "check";
    event.name = "plugin_check";
    event.message = "nothing happened";
    const auto answer = ask(name, "event.handle", {{"event", event.json()}, {"settings", defaults_}});
    if (!answer) return;
    say(name, *answer ? CheckState::passed : CheckState::warning, *answer ? "" : answer->error().line());
  }

  void renderer() {
    const auto described = ask("describe", "renderer.describe", Json::object());
    if (described) {
      const bool good = *described && (*described)->value("endings", Json()).is_array();
      say("describe", good ? CheckState::passed : CheckState::failed,
          good         ? ""
          : *described ? "\"endings\" has to be a list"
                       : described->error().line());
    }
    Json lines = Json::array({"", "{", "{\"is\": 7}", "\xc3\xa4 Fra:1 Mem:", std::string(10'000, 'x')});
    for (const char* channel : {"answers", "output", "version"}) {
      const std::string name = std::string("decode nonsense, ") + channel;
      const auto answer = ask(name, "renderer.decode", {{"channel", channel}, {"lines", lines}});
      if (!answer) continue;
      const bool good = *answer && (*answer)->value("events", Json()).is_array();
      say(name, good ? CheckState::passed : CheckState::failed,
          good ? "" : "it never fails, and answers with \"events\"");
    }
    for (const char* method : {"renderer.launch", "renderer.command", "renderer.outputs"})
      survives(std::string(method).substr(9) + " with nonsense", method, {{"do", 7}, {"frames", "x"}});
  }

  // Files that begin as the plugin wants them and then are nothing.
  std::vector<fs::path> nonsense_files() {
    std::vector<fs::path> files;
    std::string head;
    for (const PluginMagic& magic : found_.manifest->accepts) {
      if (head.size() < magic.offset + magic.bytes.size())
        head.resize(magic.offset + magic.bytes.size(), '\0');
      head.replace(magic.offset, magic.bytes.size(), magic.bytes);
    }
    std::string noise = head;
    for (std::uint32_t i = 0, state = 1; i < 4096; ++i) {
      state = state * 1'664'525U + 1'013'904'223U;
      noise += static_cast<char>(state >> 24);
    }
    for (const std::string& content : {std::string(), head, head + std::string(300, '\0'), noise}) {
      files.push_back(room_ / ("nonsense" + std::to_string(files.size())));
      std::ofstream(files.back(), std::ios::binary) << content;
    }
    return files;
  }

  void tracer() {
    for (const fs::path& file : nonsense_files()) {
      const std::string name = "trace " + file.filename().string();
      const auto answer = ask(name, "tracer.trace", {{"path", escape_name(file.string())}});
      if (!answer) continue;
      TraceAnswer ignored;
      const Status replayed = *answer ? replay_trace(**answer, ignored) : Status();
      say(name, replayed ? CheckState::passed : CheckState::failed, replayed ? "" : replayed.error().line());
    }
  }

  void inspector() {
    const auto commands = ask("commands", "inspect.commands", Json::object());
    if (commands) {
      const bool good = *commands && (*commands)->value("commands", Json()).is_array();
      say("commands", good ? CheckState::passed : CheckState::failed,
          good ? "" : "\"commands\" has to be a list");
    }
    for (const fs::path& file : nonsense_files())
      survives("outline " + file.filename().string(), "inspect.outline",
               {{"path", escape_name(file.string())}});
  }

  // ---- the plugin's own checks

  void transcript() {
    const auto steps = read_transcript(found_.folder / "check.jsonl");
    if (!steps) return say("check.jsonl", CheckState::failed, steps.error().line());
    if (steps->empty()) say("check.jsonl", CheckState::skipped, "the plugin brings no checks of its own");
    for (const TranscriptStep& step : *steps) {
      const std::string name = "check.jsonl, line " + std::to_string(step.line);
      if (!step.wrong.empty())
        say(name, CheckState::failed, step.wrong);
      else
        replay(name, step);
    }
  }

  void replay(const std::string& name, const TranscriptStep& step) {
    Json params = Json::object();
    fs::path output_folder;
    if (step.method.starts_with("stage.")) {
      auto order = sample(step.gap ? SampleFrames::gap : SampleFrames::complete, defaults_);
      if (!order) return say(name, CheckState::skipped, order.error().line());
      params = step.method == "stage.describe" ? describe_request(order->request) : order->request;
      output_folder = order->output_folder;
    }
    params.merge_patch(step.params);
    const auto answer = ask(name, step.method, params);
    if (!answer) return;
    const std::string wrong = difference(step, *answer, output_folder);
    say(name, wrong.empty() ? CheckState::passed : CheckState::failed, wrong.empty() ? step.method : wrong);
  }

  // ---- at last

  void memory() {
    std::string reason;
    if (!alive(&reason)) return say("memory", CheckState::failed, reason);
    Watched context;
    std::uint64_t before = 0;
    // The first quarter fills caches and arenas.
    for (int i = 0; i < kLeakCalls && process_->usable() && !stopped(); ++i) {
      if (i == kLeakCalls / 4) before = process_->process().memory();
      (void)process_->call(context,
                           found_.manifest->is(PluginKind::stage) ? "stage.describe" : "check.unknown", "{}");
    }
    const std::uint64_t after = process_->process().memory();
    if (before == 0 || after == 0) return say("memory", CheckState::skipped, "it cannot be measured here");
    const std::uint64_t grown = after > before ? after - before : 0;
    say("memory", grown < kLeakBytes ? CheckState::passed : CheckState::warning,
        "grew by " + std::to_string(grown >> 10) + " KiB in " + std::to_string(kLeakCalls * 3 / 4) +
            " calls");
  }

  void end() {
    if (!alive()) return;
    const auto began = Clock::now();
    process_.reset();
    const bool good = Clock::now() - began < PluginProcessLimits().exit;
    say("end", good ? CheckState::passed : CheckState::failed,
        good ? "" : "it does not end when its input does");
  }

  FoundPlugin found_;
  fs::path room_;
  const PluginCheckOptions& options_;
  SettingsSchema schema_;
  Json defaults_ = Json::object();
  ProcessStarter starter_;
  std::unique_ptr<PluginProcess> process_;  // after the starter
  PluginCheckSummary summary_;
};

}  // namespace

std::string_view name_of(CheckState state) {
  switch (state) {
    case CheckState::passed:
      return "passed";
    case CheckState::warning:
      return "warning";
    case CheckState::failed:
      return "failed";
    case CheckState::skipped:
      return "skipped";
  }
  return "";
}

Result<PluginCheckSummary> check_plugin(const fs::path& folder, const PluginCheckOptions& options) {
  SOUSCHEF_TRY(const ScratchFolder room, ScratchFolder::make());
  return Checker(folder, room.path(), options).run();
}

}  // namespace souschef::core
