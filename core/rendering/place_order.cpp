// SPDX-License-Identifier: MIT
// The driver of ordering. Read run() from top to bottom; the barriers say what is true from there on.
#include "core/rendering/place_order.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <souschef/file_name.hpp>

#include "core/banking/bank_plan.hpp"
#include "core/banking/banked_trace.hpp"
#include "core/banking/future_files.hpp"
#include "core/banking/late_inputs.hpp"
#include "core/banking/trace.hpp"
#include "core/base/json_text.hpp"
#include "core/base/local_time.hpp"
#include "core/base/suggestion.hpp"
#include "core/base/ulid.hpp"
#include "core/base/whoami.hpp"
#include "core/events/events.hpp"
#include "core/jobs/job_store.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/plugin_options.hpp"
#include "core/queue/order_names.hpp"
#include "core/queue/order_trust.hpp"
#include "core/queue/output_template.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/queue/resolution.hpp"
#include "core/queue/submit.hpp"
#include "core/rendering/renderers.hpp"
#include "core/rendering/run_stages.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

bool holds(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::int32_t number_in(const Json& object, const char* member, std::int32_t otherwise) {
  const auto found = object.find(member);
  return found != object.end() && found->is_number_integer() ? found->get<std::int32_t>() : otherwise;
}

class Placing {
 public:
  Placing(Production& production, const OrderWishes& wishes, const SnapshotEvents& events, bool dry_run)
      : production_(production),
        wishes_(wishes),
        events_(events),
        dry_run_(dry_run),
        queue_(queue_of(production)) {}

  Result<PlacedOrder> run() {
    SOUSCHEF_CHECK(choose_preset());
    SOUSCHEF_CHECK(choose_target());
    SOUSCHEF_CHECK(choose_stages());
    SOUSCHEF_CHECK(choose_settings());
    SOUSCHEF_CHECK(find_others());

    // ---- from here the wishes make sense in themselves; nothing has been written

    SOUSCHEF_CHECK(look_ahead());
    SOUSCHEF_CHECK(wishes_.job ? take_job() : wishes_.live || dry_run_ ? take_working_file() : bank());

    // ---- from here the job is on disk and a record keeps it; the facts of its scene are known

    SOUSCHEF_CHECK(fit_to_scene());
    SOUSCHEF_CHECK(choose_frames());
    SOUSCHEF_CHECK(refuse_unbaked());
    wait_for_late();
    sign();
    SOUSCHEF_CHECK(choose_output());
    SOUSCHEF_CHECK(describe_stages());
    if (dry_run_) {
      SOUSCHEF_TRY(placed_.outputs, planned_outputs(production_, order_, *record_));
      return std::move(placed_);
    }
    SOUSCHEF_CHECK(claim_name());
    foretell();
    Status handed_in = hand_in();
    if (!handed_in) {
      (void)release_order_name(queue_, order_.name);
      return std::move(handed_in.error());
    }

    // ---- from here the order is on disk

    SOUSCHEF_CHECK(replace());
    return std::move(placed_);
  }

 private:
  const Config& config() const { return production_.config(); }

  // A setting of the chosen preset, or nothing.
  std::string preset_text(const char* key) const {
    return wishes_.preset.empty() ? std::string() : config().text("preset[" + wishes_.preset + "]." + key);
  }

  Status choose_preset() {
    if (wishes_.preset.empty()) return {};
    const auto names = config().names("preset");
    if (holds(names, wishes_.preset)) return {};
    const std::string guess = closest_word(wishes_.preset, names);
    Error error(ErrorCode::not_found, "no such preset: " + wishes_.preset);
    error.next = guess.empty() ? "add a [[preset]] to the config: souschef help config"
                               : "did you mean " + guess + "?";
    return error;
  }

  Status choose_target() {
    std::string name = wishes_.target.empty() ? preset_text("target") : wishes_.target;
    SOUSCHEF_TRY(const Target target, config().target(name));
    order_.target = target.name;
    SOUSCHEF_TRY(PluginCatalog* const plugins, production_.plugins());
    SOUSCHEF_TRY(order_.renderer, renderer_for(*plugins, target));
    // Nothing is started here; the machine that renders may be another, and decides for itself.
    if (const Status may = plugins->may_use("target[" + target.name + "]."); !may)
      placed_.notes.push_back("it will not render on this machine: " + may.error().line() + "; " +
                              may.error().next);
    return {};
  }

  Status choose_stages() {
    std::vector<std::string> names = config().list("order.stages");
    if (!wishes_.preset.empty() && config().has("preset[" + wishes_.preset + "].stages"))
      names = config().list("preset[" + wishes_.preset + "].stages");
    if (wishes_.stages) names = *wishes_.stages;
    SOUSCHEF_TRY(PluginCatalog* const plugins, production_.plugins());
    for (const std::string& name : names) {
      if (name == kRenderStage || name.empty()) continue;
      SOUSCHEF_TRY(const StageDefinition stage, stage_definition(config(), *plugins, name));
      order_.stages.push_back(stage.name);
    }
    return {};
  }

  // What is wrong with a stage is said now and not in the morning.
  Status describe_stages() {
    std::map<std::string, std::string> makers;  // by output
    SOUSCHEF_TRY(PluginCatalog* const plugins, production_.plugins());
    for (const std::string& name : order_.stages) {
      if (name == kMovieStage) continue;  // what the scene's movie is like is known when it is open
      SOUSCHEF_TRY(const StageDefinition stage, stage_definition(config(), *plugins, name));
      auto outputs = describe_stage(*plugins, stage, order_, production_.root());
      if (!outputs) return std::move(outputs.error()).in_context("the stage " + name + " cannot be ordered");
      for (std::string& output : *outputs) {
        const auto [other, fresh] = makers.try_emplace(fs::path(output).lexically_normal().string(), name);
        if (!fresh)
          return Error(ErrorCode::bad_input, "the stages " + other->second + " and " + name +
                                                 " would both make " + escape_name(output))
              .next_step("give one of them another name in the config: name = \"...\"");
        stage_outputs_.push_back(std::move(output));
      }
    }
    return {};
  }

  Status choose_settings() {
    RenderSettings& settings = order_.settings;
    settings.scene = wishes_.scene;
    settings.camera = wishes_.camera;
    settings.view_layers = wishes_.view_layers;
    settings.engine = wishes_.engine.empty() ? preset_text("engine") : wishes_.engine;
    const std::string size = wishes_.resolution.empty() ? preset_text("resolution") : wishes_.resolution;
    if (!size.empty()) {
      SOUSCHEF_TRY(settings.resolution, parse_resolution(config(), size));
    }
    const std::int64_t samples = wishes_.samples.value_or(
        wishes_.preset.empty() ? 0 : config().integer("preset[" + wishes_.preset + "].samples"));
    if (samples < 0 || samples > (1 << 24)) return Error(ErrorCode::usage, "--samples is 1 to 16777216");
    settings.samples = static_cast<int>(samples);
    settings.overwrite = wishes_.overwrite;
    settings.placeholders = wishes_.placeholders;
    settings.as_movie = wishes_.as_movie;
    settings.autoexec = wishes_.autoexec;
    settings.accept_blocked_scripts = wishes_.accept_blocked_scripts;
    order_.frame_order = wishes_.frame_order.value_or(FrameOrder::forward);
    SOUSCHEF_TRY(order_.priority,
                 within("--priority", wishes_.priority, config().integer("order.priority"), 0, 100));
    SOUSCHEF_TRY(order_.attempts,
                 within("--attempts", wishes_.attempts, config().integer("order.attempts"), 1, 100));
    SOUSCHEF_TRY(order_.proof, within("--proof", wishes_.proof, 0, 0, 1000));
    SOUSCHEF_TRY(order_.proof_hours, within("--proof-hours", wishes_.proof_hours, 0, 0, 8760));
    order_.paused = wishes_.paused;
    if (!wishes_.name.empty()) SOUSCHEF_CHECK(check_order_name(wishes_.name));
    return {};
  }

  static Result<int> within(const char* name, std::optional<std::int64_t> wish, std::int64_t otherwise,
                            int low, int high) {
    const std::int64_t value = wish.value_or(otherwise);
    if (value >= low && value <= high) return static_cast<int>(value);
    return Error(ErrorCode::usage, std::string(name) + " is " + std::to_string(low) + " to " +
                                       std::to_string(high) + ", not " + std::to_string(value));
  }

  Status find_others() {
    for (const std::string& name : wishes_.after) {
      SOUSCHEF_TRY(std::string id, find_order(queue_, name));
      order_.after.push_back(std::move(id));
    }
    if (!wishes_.replaces.empty()) {
      SOUSCHEF_TRY(replaced_id_, find_order(queue_, wishes_.replaces));
    }
    return {};
  }

  // ------------------------------------------------------------------------------------------ the shot

  // A job is what it is; everything else waits for what other orders are going to write.
  Status look_ahead() {
    if (wishes_.no_late || wishes_.job) return {};
    SOUSCHEF_TRY(future_, FutureFiles::of_queue(queue_, replaced_id_));
    return {};
  }

  void wait_for_late() {
    std::map<std::string, std::size_t> inputs;  // by order
    for (const LateInput& late : order_.late) ++inputs[late.order];
    for (const auto& [id, count] : inputs) {
      if (!holds(order_.after, id)) order_.after.push_back(id);
      const auto first = std::find_if(order_.late.begin(), order_.late.end(),
                                      [&writer = id](const LateInput& late) { return late.order == writer; });
      std::string more = count > 1 ? " and " + std::to_string(count - 1) + " more" : "";
      placed_.notes.push_back("it waits for " + future_.name_of(id) + ", which writes " +
                              escape_name(first->path) + more + "  (--no-late takes what is there now)");
    }
  }

  Status take_job() {
    SOUSCHEF_TRY(const Manifest manifest, JobStore(production_).load(*wishes_.job));
    if (manifest.entry.empty())
      return Error(ErrorCode::usage, "job " + wishes_.job->brief() + " is a folder, not a shot")
          .next_step("souschef snapshot SHOT.blend");
    order_.job = *wishes_.job;
    return take_facts(manifest);
  }

  Status bank() {
    SnapshotRequest request;
    request.path = wishes_.blend;
    request.allow_missing = wishes_.allow_missing;
    request.allow_outside = wishes_.allow_outside;
    request.include_unused = wishes_.include_unused;
    request.origin = Origin::order;
    request.future = &future_;
    std::error_code ignored;
    if (fs::is_directory(request.path, ignored))
      return Error(ErrorCode::usage,
                   escape_name(request.path.string()) + " is a folder, an order is of one .blend")
          .next_step("souschef order SHOT.blend");
    SOUSCHEF_TRY(placed_.snapshot, take_snapshot(production_, request, events_));
    order_.job = placed_.snapshot->job;
    order_.late = placed_.snapshot->late;
    SOUSCHEF_TRY(const Manifest manifest, JobStore(production_).load(*order_.job));
    return take_facts(manifest);
  }

  Status take_facts(const Manifest& manifest) {
    order_.entry = manifest.entry;
    const ManifestFile* entry = manifest.find(manifest.entry);
    if (entry == nullptr) return Error(ErrorCode::corrupt, "the job does not hold its own .blend");
    SOUSCHEF_TRY(record_, trace_of_banked(production_, *entry));
    order_.facts = Json::parse(record_->facts, nullptr, false);
    SOUSCHEF_TRY(unbaked_, unbaked_simulations(production_, manifest));
    return {};
  }

  // Live, and dry runs: the file as it lies there.
  Status take_working_file() {
    TraceOptions options;
    options.include_unused = wishes_.include_unused;
    options.progress = events_.tracing;
    options.cancelled = events_.cancelled;
    SOUSCHEF_TRY(Trace trace, trace_blend(production_, wishes_.blend, options));
    order_.late = mark_late(production_, future_, trace);
    order_.entry = production_.relative(fs::path(trace.blends.front().path));
    if (order_.entry.empty())
      return Error(ErrorCode::usage, escape_name(wishes_.blend.string()) + " is not in this production",
                   "the production is " + escape_name(production_.root().string()));
    if (!wishes_.allow_missing)
      SOUSCHEF_CHECK(refuse_missing(production_, order_.entry, missing_of(production_, trace)));
    record_ = trace.blends.front().record;
    order_.facts = Json::parse(record_->facts, nullptr, false);
    for (std::size_t i = 0; i < trace.blends.size(); ++i)
      for (const TracedSimulation& simulation : trace.blends[i].record->simulations)
        if (!trace.is_baked(i, simulation) && trace.blends[i].is_reached(simulation.datablock))
          unbaked_.push_back(
              {trace.blends[i].job_path, simulation.kind, simulation.name, simulation.first_frame, true});
    return {};
  }

  // ------------------------------------------------------------------------------------------ the scene

  Status fit_to_scene() {
    if (!order_.facts.is_object()) order_.facts = Json::object();
    scene_ = scene_in(order_.facts, order_.settings.scene);
    if (scene_ == nullptr) {
      if (order_.settings.scene.empty())
        return Error(ErrorCode::bad_input, escape_name(order_.entry) + " has no scene to render",
                     "it is a library, perhaps");
      return unknown_name("scene", order_.settings.scene, scene_names());
    }
    for (const std::string& layer : order_.settings.view_layers) {
      std::vector<std::string> known;
      for (const Json& each : scene_->value("view_layers", Json::array()))
        known.push_back(text_at(each, "name"));
      if (!holds(known, layer)) return unknown_name("view layer", layer, known);
    }
    const bool no_camera = !scene_->contains("camera") || (*scene_)["camera"].is_null();
    const bool edits = scene_->value("sequencer", false) || scene_->value("compositor", false);
    if (no_camera && order_.settings.camera.empty() && !edits)
      placed_.notes.push_back("the scene has no camera: Blender will not render it without --camera");
    const Json output = scene_->value("output", Json::object());
    if (output.value("is_movie", false) && !order_.settings.as_movie && !holds(order_.stages, kMovieStage)) {
      order_.stages.emplace_back(kMovieStage);
      placed_.notes.push_back(
          "the scene writes a movie: it is rendered as images, and encoded with the scene's "
          "settings when they are all there (--as-movie renders it in one piece)");
    }
    return {};
  }

  std::vector<std::string> scene_names() const {
    std::vector<std::string> names;
    if (order_.facts.contains("scenes") && order_.facts["scenes"].is_array())
      for (const Json& scene : order_.facts["scenes"]) names.push_back(text_at(scene, "name"));
    return names;
  }

  Error unknown_name(const std::string& kind, const std::string& name,
                     const std::vector<std::string>& known) const {
    Error error(ErrorCode::not_found, escape_name(order_.entry) + " has no " + kind + " " + name);
    std::string list;
    for (const std::string& each : known) list += (list.empty() ? "" : ", ") + each;
    if (!list.empty()) error.why.push_back("it has " + list);
    const std::string guess = closest_word(name, known);
    if (!guess.empty()) error.next = "did you mean " + guess + "?";
    return error;
  }

  Status choose_frames() {
    if (!wishes_.frames.empty()) {
      SOUSCHEF_TRY(order_.frames, FrameRange::parse(wishes_.frames));
      if (!wishes_.frame_order &&
          !std::is_sorted(order_.frames.frames().begin(), order_.frames.frames().end()))
        order_.frame_order = FrameOrder::list;  // somebody wrote them in an order of their own
    } else {
      const std::int32_t first = number_in(*scene_, "frame_start", 1);
      const std::int32_t last = number_in(*scene_, "frame_end", first);
      if (last < first)
        return Error(ErrorCode::bad_input, "the scene's frame range is empty",
                     std::to_string(first) + " to " + std::to_string(last))
            .next_step("name the frames: -F 1-100");
      order_.frames = FrameRange::span(first, last, number_in(*scene_, "frame_step", 1));
    }
    const auto& frames = order_.frames.frames();
    const bool gaps = frames.back() - frames.front() + 1 != static_cast<std::int64_t>(frames.size()) ||
                      !std::is_sorted(frames.begin(), frames.end());
    if (order_.settings.as_movie && gaps)
      return Error(ErrorCode::usage, "--as-movie renders every frame from the first to the last",
                   order_.frames.text() + " leaves some out")
          .next_step("-F " + std::to_string(std::min(frames.front(), frames.back())) + "-" +
                     std::to_string(std::max(frames.front(), frames.back())));
    if (order_.settings.as_movie && order_.proof > 0)
      return Error(ErrorCode::usage, "--as-movie has no frames to look at first: leave --proof out");
    constexpr std::size_t kMostFrames = 1'000'000;
    if (order_.frames.size() > kMostFrames)
      return Error(ErrorCode::usage, "an order has at most a million frames");
    return {};
  }

  Status refuse_unbaked() {
    std::vector<std::string> certain;
    std::int32_t first = order_.frames.lowest();
    for (const UnbakedSimulation& each : unbaked_) {
      const std::string text = each.kind + " of " + each.name + " in " + escape_name(each.blend);
      if (!each.certain) {
        placed_.notes.push_back(text +
                                " is not baked; if the shot uses it, its frames depend on the ones before");
        continue;
      }
      certain.push_back(text);
      first = std::min(first, each.first_frame);
    }
    if (certain.empty()) return {};
    // A simulation writes its cache beside its .blend: only a checkout is a place for that.
    if (wishes_.allow_unbaked && wishes_.live) {
      Error error(ErrorCode::usage, "--live does not go with --allow-unbaked");
      error.why = certain;
      error.why.emplace_back(
          "a simulation that is not baked writes its cache beside the .blend, into the production");
      return std::move(error).next_step("leave out --live: then it simulates in a copy of its own");
    }
    if (wishes_.allow_unbaked) {
      order_.unbaked = Unbaked{first};
      order_.frame_order = FrameOrder::forward;
      placed_.notes.push_back(
          "simulations are not baked: the frames are rendered one after the other from frame " +
          std::to_string(first) + ", and an interruption begins again");
      return {};
    }
    Error error(ErrorCode::bad_input,
                "the shot has " + std::to_string(certain.size()) +
                    (certain.size() == 1 ? " simulation that is" : " simulations that are") + " not baked");
    error.why = certain;
    error.why.emplace_back("a frame that Blender jumps to differs from one that it plays to");
    error.next = "bake them in Blender and save, or order with --allow-unbaked";
    return error;
  }

  void sign() {
    order_.id = wishes_.id.empty() ? new_ulid() : wishes_.id;
    order_.user = user_name();
    order_.host = host_name();
    order_.submitted_ms = now_ms();
  }

  Status choose_output() {
    order_.output = wishes_.output.empty() ? preset_text("output") : wishes_.output;
    if (order_.output.empty()) order_.output = config().text("order.output");
    if (order_.output.find('{') == std::string::npos) return {};
    TemplateWords words;
    const std::string_view name = std::string_view(order_.entry).substr(order_.entry.rfind('/') + 1);
    words.words = {
        {"shot", std::string(name.substr(0, name.rfind('.')))},
        {"date", local_time(order_.submitted_ms, "%Y-%m-%d")},
        {"time", local_time(order_.submitted_ms, "%H-%M")},
        {"job", order_.job ? order_.job->brief() : "live"},
        {"scene", text_at(*scene_, "name")},
        {"camera", order_.settings.camera.empty() ? text_at(*scene_, "camera") : order_.settings.camera},
        {"target", order_.target},
        {"preset", wishes_.preset},
        {"user", order_.user},
        {"host", order_.host}};
    if (order_.output.find("{order}") != std::string::npos && !dry_run_) SOUSCHEF_CHECK(claim_name());
    words.words["order"] = order_.name.empty() ? "order" : order_.name;
    SOUSCHEF_TRY(const auto rows, list_orders(queue_));
    words.is_taken = [&](const std::string& path) {
      std::error_code ignored;
      const fs::path absolute = production_.root() / path;
      if (fs::exists(absolute, ignored)) return true;
      return std::any_of(rows.begin(), rows.end(), [&](const OrderRow& row) {
        return row.output == path || row.output.starts_with(path + "/");
      });
    };
    SOUSCHEF_TRY(order_.output, fill_template(order_.output, words));
    return {};
  }

  // ------------------------------------------------------------------------------------------ the queue

  Status claim_name() {
    if (!order_.name.empty()) return {};
    SOUSCHEF_CHECK(make_queue_folder(queue_));
    if (wishes_.name.empty()) {
      SOUSCHEF_TRY(order_.name, claim_order_name(queue_, order_.id));
      return {};
    }
    SOUSCHEF_CHECK(claim_order_name(queue_, order_.id, wishes_.name));
    order_.name = wishes_.name;
    return {};
  }

  Status hand_in() {
    if (order_.settings.autoexec) {
      SOUSCHEF_TRY(PluginCatalog* const plugins, production_.plugins());
      SOUSCHEF_CHECK(trust_order(plugins->trust(), order_));
    }
    SOUSCHEF_TRY(const Submission submission, submit(queue_, make_order_request(order_)));
    if (!submission.applied) placed_.waiting_for = submission.holder;
    // A runner tells of what it takes in. Where there was none, this process has taken it in.
    if (submission.applied && submission.holder.empty()) tell_added();
    return {};
  }

  // Not written down, it is an event less; the order stands.
  void tell_added() const {
    const std::size_t frames = order_.frames.size();
    EventLog log(production_.paths().events());
    (void)log.append({.name = "order_added",
                      .message = order_.name + " was ordered: " + std::to_string(frames) +
                                 (frames == 1 ? " frame" : " frames"),
                      .order = {order_.id, order_.name},
                      .data = {{"frames", frames}}});
  }

  // Others may wait for what this one writes. What cannot be foretold nobody waits for.
  void foretell() {
    auto writes = planned_files(production_, order_, *record_, stage_outputs_);
    if (!writes) return;
    for (const fs::path& path : *writes)
      if (std::string inside = production_.relative(path); !inside.empty())
        order_.writes.push_back(std::move(inside));
  }

  Status replace() {
    if (replaced_id_.empty()) return {};
    SOUSCHEF_TRY(const Submission submission,
                 submit(queue_, make_request(RequestKind::remove, replaced_id_)));
    (void)submission;
    placed_.replaced = wishes_.replaces;
    return {};
  }

  Production& production_;
  const OrderWishes& wishes_;
  const SnapshotEvents& events_;
  const bool dry_run_;
  const QueueFolder queue_;
  PlacedOrder placed_;
  Order& order_ = placed_.order;
  std::shared_ptr<const TraceRecord> record_;  // of the entry
  const Json* scene_ = nullptr;                // in order_.facts
  std::vector<UnbakedSimulation> unbaked_;
  std::vector<std::string> stage_outputs_;  // names of files
  std::string replaced_id_;
  FutureFiles future_;
};

}  // namespace

Result<PlacedOrder> place_order(Production& production, const OrderWishes& wishes,
                                const SnapshotEvents& events, bool dry_run) {
  return Placing(production, wishes, events, dry_run).run();
}

QueueFolder queue_of(const Production& production) {
  return QueueFolder{.path = production.paths().queue()};
}

}  // namespace souschef::core
