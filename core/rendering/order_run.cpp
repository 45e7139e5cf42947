// SPDX-License-Identifier: MIT
// What is written in which order, so that a kill at any instant costs at most the frames under way:
//
//   start    journaled before the renderer hears of the frame: numbers of attempts never come back
//   done     journaled once the files in the attempt's folder have been decoded, with their hashes...
//   place    ...then they are renamed into their places, then the attempt's folder goes. Who comes after a
//            kill in between finds `done` without `settled` and moves them again; that is idempotent
//   settled  journaled once the file system has them; what was not settled before a power cut is looked at
//   finish   only after that: stages never read what may still be lost
//
// Results carry the number of their attempt. Where it is not the frame's last one (somebody asked for a redo
// meanwhile) the ledger ignores it and its files are thrown away.
#include "core/rendering/order_run.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/base/throttle.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/queue/frame_order.hpp"
#include "core/queue/order_trust.hpp"
#include "core/rendering/frame_place.hpp"
#include "core/rendering/order_checkout.hpp"
#include "core/verification/size_outlier.hpp"
#include "store/file_system.hpp"
#include "store/scoped_timer.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr unsigned kMostStartFailures = 3;
constexpr std::uint32_t kStageAttempts = 2;  // in a row, before the order fails

store::FileSystem& disk() {
  return store::FileSystem::real();
}

std::string stage_failed(const std::string& name, const std::string& why) {
  return "the stage " + name + " failed: " + why;
}

std::string text_of(const Error& error) {
  return error.next.empty() ? error.line() : error.line() + " (" + error.next + ")";
}

// Brings everything below `root` to disk.
Status sync_outputs(const fs::path& root) {
  const FileDescriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder && ::syncfs(folder.get()) == 0) return {};
  return store::system_error(errno, "cannot bring the frames to disk");
}

// Relative to the production, "." for the production itself; empty where it lies elsewhere.
std::string inside_of(const Production& production, const fs::path& folder) {
  return folder == production.root() ? "." : production.relative(folder);
}

Status remove_staging(const fs::path& root, const std::string& id) {
  if (root.empty()) return {};
  (void)store::remove_tree(disk(), staging_folder(root, id));
  return disk().remove_folder(root / kStagingFolder);  // fails where another order uses it
}

Json stage_event(const std::string& name, std::string_view what, std::uint32_t attempt) {
  return {{"event", "stage"}, {"stage", name}, {"what", what}, {"attempt", attempt}};
}

std::string plural(std::size_t count, std::string_view word) {
  return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

// "2 frames of 250 failed, the first is 17: ..."
std::string failed_frames_text(const OrderLedger& ledger) {
  const auto first = std::find_if(ledger.frames().begin(), ledger.frames().end(),
                                  [](const FrameRecord& frame) { return frame.state == FrameState::failed; });
  return plural(ledger.counts().failed, "frame") + " of " + std::to_string(ledger.counts().total()) +
         " failed, the first is " + std::to_string(first->frame) + ": " + first->why;
}

}  // namespace

// What earlier runs have left, as another thread has found it.
struct OrderRun::Past {
  struct Gone {
    std::int32_t frame;
    std::uint32_t attempt;
    std::string why;
  };
  std::vector<Gone> gone;  // done once, and not in their places as they were
};

template <class Work, class Then>
void OrderRun::in_background(Work work, Then then) {
  ++jobs_;
  context_.background.run(std::move(work), [this, then = std::move(then)](auto result) mutable {
    --jobs_;
    then(std::move(result));
  });
}

OrderRun::OrderRun(RunContext& context, OpenOrder& order)
    : context_(context), order_(&order), id_(order.order.id) {}

OrderRun::~OrderRun() {
  *cancelled_ = true;
}

// --------------------------------------------------------------------------------------- preparing

void OrderRun::begin() {
  if (!context_.record(*order_, OrderEvent::prepare)) return end();
  auto target = context_.production.config().target(order().target);
  if (!target) return fail(text_of(target.error()));
  const auto plugins = context_.production.plugins();
  const auto calls =
      plugins ? (*plugins)->calls(order().renderer, PluginKind::renderer) : Result<Calls*>(plugins.error());
  if (!calls) return fail(text_of(calls.error()));
  if (const Status may = check_may_run(**plugins, *target, order()); !may) return fail(text_of(may.error()));
  auto renderer = Renderer::open(**calls, std::move(*target));
  if (!renderer) return fail(text_of(renderer.error()));
  renderer_ = std::move(*renderer);
  context_.observer.order_started(now());
  if (relocate()) prepare();
}

// Another machine may have rendered until now, with the production mounted elsewhere: what lies inside of it
// is found where it is here.
bool OrderRun::relocate() {
  const std::string inside = unescape_name(text_at(ledger().opened(), "inside")).value_or("");
  const fs::path old = ledger().root();
  const fs::path here = (context_.production.root() / inside).lexically_normal();
  if (inside.empty() || old == here) return true;
  Json event = ledger().opened();
  event.erase("seq");
  event["root"] = escape_name(here.string());
  const std::string suffix = inside == "." ? "" : "/" + inside;
  const std::string old_text = old.string();
  const std::string old_top =
      old_text.ends_with(suffix) ? old_text.substr(0, old_text.size() - suffix.size()) : old_text;
  for (Json& output : event["outputs"]) {
    for (const char* member : {"natural", "destination", "movie"}) {
      const auto path = unescape_name(text_at(output, member));
      if (path && path->starts_with(old_top + "/"))
        output[member] = escape_name(context_.production.root().string() + path->substr(old_top.size()));
    }
  }
  return context_.record(*order_, std::move(event));
}

void OrderRun::prepare() {
  std::vector<FrameRecord> unsettled;
  for (const FrameRecord& frame : ledger().frames())
    if (ledger().unsettled().contains(frame.frame)) unsettled.push_back(frame);
  const fs::path root = ledger().root();
  const auto look = [unsettled, suspect = ledger().suspect(), root, id = id_, name = order().name] {
    Past past;
    for (const FrameRecord& frame : unsettled) {
      const fs::path staging = attempt_folder(root, id, frame.frame, frame.attempt);
      Status there = place_frame({staging, root, older_folder(root, name), frame.files, Existing::aside});
      if (there && suspect.contains(frame.frame)) there = recheck_files(root, frame.files);
      if (!there) past.gone.push_back({frame.frame, frame.attempt, there.error().line()});
    }
    // What is left are attempts that nobody will finish.
    if (!root.empty()) (void)store::remove_tree(disk(), staging_folder(root, id));
    return past;
  };
  in_background(look, [this](const Past& past) { take_in(past); });
}

void OrderRun::take_in(const Past& past) {
  if (phase_ != Phase::preparing) return;
  for (const Past::Gone& gone : past.gone) {
    const Json event = {{"event", "unplaced"},
                        {"frame", gone.frame},
                        {"attempt", gone.attempt},
                        {"why", gone.why},
                        {"final", false}};
    if (!context_.record(*order_, event)) return;
  }
  list_frames();
  if (todo_.empty()) return finish_if_complete();
  make_tree();
}

void OrderRun::make_tree() {
  if (order().live()) {
    const fs::path entry = context_.production.root() / order().entry;
    if (!store::exists(disk(), entry)) return fail("the .blend is gone: " + escape_name(entry.string()));
    return watch_sources(entry);
  }
  // Opened here: other threads find them ready.
  if (const auto store = context_.production.store(); !store) return fail(text_of(store.error()));
  const auto progress = [this, cancelled = cancelled_,
                         throttle = std::make_shared<Throttle>()](const store::PutProgress& put) {
    if (!throttle->lets_through()) return;
    context_.loop.post([this, cancelled, put] {
      if (!*cancelled) context_.observer.order_preparing(now(), put.bytes_done, put.bytes_total);
    });
  };
  const bool simulates = order().unbaked.has_value();
  const auto make = [this, order = order(), simulates, progress,
                     cancelled = cancelled_]() -> Result<fs::path> {
    const auto stopped = [cancelled] { return cancelled->load(); };
    SOUSCHEF_TRY(const JobId job,
                 job_to_render(context_.production, context_.queue.folder(), order, stopped));
    // A simulation writes beside its .blend, and starts over whenever it is begun.
    if (simulates) SOUSCHEF_CHECK(store::remove_tree(disk(), context_.folders.order_work(id_)));
    const auto use = simulates ? CheckoutUse::writable : CheckoutUse::shared;
    return order_checkout(context_.production, context_.folders, {id_, job, use}, progress, stopped);
  };
  in_background(make, [this](Result<fs::path> entry) {
    if (phase_ != Phase::preparing) return;
    if (!entry) return fail(text_of(entry.error()));
    tree_made(std::move(*entry));
  });
}

// A live order: what it renders from is noted before the first frame, and looked at after each.
void OrderRun::watch_sources(const fs::path& entry) {
  // Opened here: other threads find them ready.
  (void)context_.production.store();
  in_background([this, entry] { return LiveSources::take(context_.production, entry); },
                [this, entry](Result<std::shared_ptr<LiveSources>> live) {
                  if (phase_ != Phase::preparing) return;
                  // Watching is a service; what cannot be rendered the renderer itself refuses.
                  if (live)
                    live_ = std::move(*live);
                  else
                    context_.observer.warning(std::move(live.error())
                                                  .in_context("changes to the sources of " + order().name +
                                                              " will not be seen while it renders"));
                  tree_made(entry);
                });
}

void OrderRun::look_at_sources() {
  if (live_ == nullptr) return;
  in_background(
      [live = live_] { return live->changed(); },
      [this](const std::vector<std::string>& names) {
        if (removed()) return;
        for (const std::string& name : names) {
          const std::string text = escape_name(name) + " has changed while " + order().name +
                                   " renders the working copy: frames before and after may differ";
          if (!context_.record(*order_, Json{{"event", "note"}, {"text", text}})) return;
          context_.observer.warning(
              Error(ErrorCode::changed, text).next_step("souschef redo " + order().name + " --all"));
        }
      });
}

void OrderRun::tree_made(fs::path entry) {
  entry_ = std::move(entry);
  if (!context_.record(*order_, OrderEvent::render)) return;
  phase_ = Phase::rendering;
}

void OrderRun::leave() {
  --slots_;
  tidy_staging();
}

// ------------------------------------------------------------------------------------- which frame

std::vector<std::int32_t> OrderRun::wanted_frames() const {
  const bool proof_only = order().proof > 0 && !ledger().proof_passed();
  if (proof_only) return proof_frames(order().frames, static_cast<std::size_t>(order().proof));
  return hand_out_order(order().frames, order().unbaked ? FrameOrder::forward : order().frame_order);
}

void OrderRun::list_frames() {
  todo_.clear();
  for (const std::int32_t number : wanted_frames())
    if (ledger().frame(number)->state == FrameState::todo) todo_.push_back(number);
}

bool OrderRun::in_one_piece() const {
  return order().settings.as_movie && facts_.is_object() && facts_.contains("movie") &&
         facts_["movie"].is_object();
}

bool OrderRun::needs_fresh_worker(std::optional<std::int32_t> last_frame) const {
  return order().unbaked && last_frame && !todo_.empty() && todo_.front() <= *last_frame;
}

// Others first: what is wrong with this one may pass, and a frame that never works holds nobody up. Only a
// simulation has to go through its frames in order.
void OrderRun::again(std::int32_t frame) {
  if (order().unbaked)
    todo_.insert(std::lower_bound(todo_.begin(), todo_.end(), frame), frame);
  else
    todo_.push_back(frame);
}

bool OrderRun::has_frames(unsigned slots_coming) const {
  if (phase_ != Phase::rendering || todo_.size() <= slots_coming) return false;
  if (in_one_piece() && in_flight_ > 0) return false;
  const bool only_alone = std::all_of(todo_.begin(), todo_.end(), [&](auto f) { return alone_.contains(f); });
  return !only_alone || (context_.running == 0 && slots_coming == 0);
}

Result<std::string> OrderRun::open_line(const Slot& slot) const {
  const fs::path allowed = order().live() ? fs::path("/") : context_.folders.tree(id_);
  return renderer_->open_line({entry_, {allowed}}, order(), slot);
}

Result<OutputPlan> OrderRun::plan_for(std::int32_t frame) const {
  return renderer_->outputs(output_request(order(), context_.production.root()), frame, order(), facts_);
}

void OrderRun::scene_opened(const Slot& slot, Json facts) {
  if (phase_ != Phase::rendering) return;
  start_failures_ = 0;
  facts_ = std::move(facts);
  const auto plan = plan_for(order().frames.frames().front());
  if (!plan) return fail(text_of(plan.error()));
  const bool moved = !ledger().root().empty() && fs::path(ledger().root()) != plan->root;
  if (moved && ledger().counts().done > 0)
    return fail("the outputs lie elsewhere now: they were below " + escape_name(ledger().root()) +
                " (redo all)");
  if (ledger().root().empty() || moved || is_another_renderer()) {
    tell_of_doubts();
    const Json event = {{"event", "opened"},
                        {"root", escape_name(plan->root.string())},
                        {"inside", escape_name(inside_of(context_.production, plan->root))},
                        {"outputs", plan->outputs},
                        {"facts", facts_},
                        {"renderer", order().renderer},
                        {"plugin", renderer_stamp()}};
    if (!context_.record(*order_, event)) return;
  }
  context_.observer.order_opened(now(), slot.name);
}

std::string OrderRun::renderer_stamp() const {
  const auto plugins = context_.production.plugins();
  return plugins ? (*plugins)->stamp_of(order().renderer) : std::string();
}

// Than the one that the journal knows: frames may differ from here on.
bool OrderRun::is_another_renderer() const {
  const Json known = ledger().opened().value("facts", Json::object());
  return text_at(ledger().opened(), "plugin") != renderer_stamp() ||
         text_at(known, "version") != text_at(facts_, "version") ||
         text_at(known, "build") != text_at(facts_, "build");
}

// What does not keep the order from being rendered, and may be why it looks wrong.
void OrderRun::tell_of_doubts() const {
  const Json file = order().facts.value("file", Json::object());
  const Json numbers = facts_.value("numbers", Json());
  if (numbers.is_array() && numbers.size() >= 2 && numbers[0].is_number_integer() &&
      numbers[1].is_number_integer()) {
    const int ours = numbers[0].get<int>() * 100 + numbers[1].get<int>();
    if (file.value("version_number", 0) > ours)
      context_.observer.warning(Error(ErrorCode::unsupported,
                                      order().name + ": the file was saved by Blender " +
                                          text_at(file, "version") + ", and " + text_at(facts_, "version") +
                                          " renders it",
                                      "what is new in the file may be missing or look different")
                                    .next_step("choose a newer one: souschef targets, then order with -t"));
  }
  if (const std::string blocked = text_at(facts_, "scripts_blocked"); !blocked.empty())
    context_.observer.warning(
        Error(ErrorCode::denied, order().name + " is rendered without a script that it needs", blocked)
            .next_step("set autoexec = true for the target, or order with --autoexec"));
}

bool OrderRun::keeps_existing(const OutputPlan& plan) const {
  const auto file = facts_.find("file");
  const bool file_says = file == facts_.end() || !file->is_object() || file->value("overwrite", true);
  if (order().settings.overwrite.value_or(file_says)) return false;
  return std::all_of(plan.expected.begin(), plan.expected.end(), [&](const ExpectedFile& each) {
    return each.pattern || !each.required || store::exists(disk(), plan.root / each.path);
  });
}

// Before each frame: a disk that fills up in the middle of one costs the frame, and whatever else writes
// there.
bool OrderRun::has_space() {
  const fs::path root = ledger().root();
  const Status made = store::make_folders(disk(), root);
  const auto space = made ? disk().space(root) : Result<store::DiskSpace>(made.error());
  const bool enough = !space || space->available >= context_.limits.keep_free;  // what fails says so itself
  if (!enough && !std::exchange(low_space_, true))
    context_.observer.warning(Error(ErrorCode::no_space, order().name + " waits for space",
                                    std::to_string(space->available >> 20) + " MiB are left on the disk of " +
                                        escape_name(root.string()) + ", render.keep_free is " +
                                        std::to_string(context_.limits.keep_free >> 20) + " MiB")
                                  .next_step("make room there; rendering goes on by itself"));
  if (enough) low_space_ = false;
  return enough;
}

void OrderRun::take_frame(Attempt& attempt, bool alone) {
  attempt.alone = alone;
  auto next = todo_.begin();
  if (!alone) next = std::find_if(next, todo_.end(), [&](auto f) { return !alone_.contains(f); });
  attempt.frame = attempt.last = *next;
  todo_.erase(next);
  if (!in_one_piece()) return;
  attempt.frame = order().frames.frames().front();
  attempt.last = order().frames.frames().back();
  todo_.clear();
}

bool OrderRun::skip(const Attempt& attempt) {
  for (std::int32_t frame = attempt.frame; frame <= attempt.last; ++frame) {
    if (!context_.record(*order_, Json{{"event", "skipped"}, {"frame", frame}, {"why", "its files exist"}}))
      return false;
    ++context_.summary.frames_skipped;
  }
  return true;
}

// The frames of a movie in one piece are done with it. They come before the first one, which has the file:
// after a kill in between that one is rendered again, and all others with it.
bool OrderRun::record_rest_of_movie(const Attempt& attempt) {
  for (std::int32_t frame = attempt.frame + 1; frame <= attempt.last; ++frame) {
    const FrameRecord* record = ledger().frame(frame);
    if (record == nullptr || record->state == FrameState::done) continue;
    const std::uint32_t number = record->attempt + 1;
    const Json start = {{"event", "start"}, {"frame", frame}, {"attempt", number}, {"slot", attempt.slot}};
    const Json done = {
        {"event", "done"}, {"frame", frame}, {"attempt", number}, {"ms", 0}, {"files", Json::array()}};
    if (!context_.record(*order_, start) || !context_.record(*order_, done)) return false;
    ++context_.summary.frames_done;
  }
  return true;
}

std::unique_ptr<Attempt> OrderRun::begin_attempt(const Slot& slot) {
  if (!todo_.empty() && !has_space()) return nullptr;
  while (phase_ == Phase::rendering && !todo_.empty() && !context_.broken) {
    const bool alone = std::all_of(todo_.begin(), todo_.end(), [&](auto f) { return alone_.contains(f); });
    if (alone && context_.running > 0) return nullptr;
    if (in_one_piece() && in_flight_ > 0) return nullptr;
    auto attempt = std::make_unique<Attempt>();
    attempt->slot = slot.name;
    take_frame(*attempt, alone);

    auto plan = plan_for(attempt->frame);
    if (!plan) {
      fail(text_of(plan.error()));
      return nullptr;
    }
    attempt->plan = std::move(*plan);
    if (keeps_existing(attempt->plan)) {
      if (!skip(*attempt)) return nullptr;
      continue;
    }
    attempt->number = ledger().frame(attempt->frame)->attempt + 1;
    root_ = attempt->plan.root;
    attempt->staging = attempt_folder(attempt->plan.root, id_, attempt->frame, attempt->number);
    attempt->log = context_.folders.frame_log(id_, attempt->frame);
    if (const Status made = store::make_folders(disk(), attempt->staging); !made) {
      fail(text_of(made.error()));
      return nullptr;
    }
    const Json event = {
        {"event", "start"}, {"frame", attempt->frame}, {"attempt", attempt->number}, {"slot", slot.name}};
    if (!context_.record(*order_, event)) return nullptr;
    attempt->began = std::chrono::steady_clock::now();
    ++in_flight_;
    ++context_.running;
    context_.observer.frame_started(now(*attempt));
    return attempt;
  }
  finish_if_complete();
  return nullptr;
}

// ------------------------------------------------------------------------------- what it was worth

bool OrderRun::is_current(const Attempt& attempt) const {
  if (removed()) return false;
  const FrameRecord* frame = ledger().frame(attempt.frame);
  return frame->state == FrameState::running && frame->attempt == attempt.number;
}

void OrderRun::attempt_rendered(std::unique_ptr<Attempt> rendered) {
  --context_.running;
  const std::shared_ptr<Attempt> attempt = std::move(rendered);
  store::TimeRecord::add("render", order().name + " " + std::to_string(attempt->frame), attempt->began,
                         std::chrono::steady_clock::now(), "slot " + attempt->slot);
  in_background(
      [attempt] { return check_frame(attempt->staging, attempt->plan.expected); },
      [this, attempt](Result<CheckedFrame> checked) { attempt_checked(attempt, std::move(checked)); });
}

void OrderRun::attempt_checked(const std::shared_ptr<Attempt>& attempt, Result<CheckedFrame> checked) {
  if (!checked) return give_up(*attempt, {FailureClass::retry, checked.error().line()});
  if (!is_current(*attempt)) {
    --in_flight_;
    return discard(*attempt);
  }
  if (!record_rest_of_movie(*attempt)) return unrecorded(*attempt);
  if (!checked->files.empty() && is_size_outlier(ledger(), attempt->frame, checked->files.front().size))
    checked->flags |= kSizeOutlier;
  const Json event = {{"event", "done"},
                      {"frame", attempt->frame},
                      {"attempt", attempt->number},
                      {"ms", static_cast<std::uint32_t>(attempt->seconds() * 1000)},
                      {"mib", attempt->mib},
                      {"flags", checked->flags | attempt->flags},
                      {"files", files_json(checked->files)}};
  if (!context_.record(*order_, event)) return unrecorded(*attempt);
  const Existing existing = order().settings.overwrite == true ? Existing::replace : Existing::aside;
  const PlaceRequest request{attempt->staging, attempt->plan.root,
                             older_folder(attempt->plan.root, order().name), std::move(checked->files),
                             existing};
  in_background([request] { return place_frame(request); },
                [this, attempt](const Status& placed) { attempt_placed(attempt, placed); });
}

// The queue is another's, or cannot be written: the frame is rendered again by whoever goes on with the
// order.
void OrderRun::unrecorded(const Attempt& attempt) {
  --in_flight_;
  discard(attempt);
}

void OrderRun::attempt_placed(const std::shared_ptr<Attempt>& attempt, const Status& placed) {
  --in_flight_;
  discard(*attempt);
  if (removed()) return;
  look_at_sources();
  if (placed) {
    ++context_.summary.frames_done;
    context_.observer.frame_done(now(*attempt));
  } else {
    const bool final = ledger().frame(attempt->frame)->tries >= static_cast<std::uint32_t>(order().attempts);
    const std::string why = placed.error().line();
    const Json event = {{"event", "unplaced"},
                        {"frame", attempt->frame},
                        {"attempt", attempt->number},
                        {"why", why},
                        {"final", final}};
    if (!context_.record(*order_, event)) return;
    if (!final) again(attempt->frame);
    if (final) ++context_.summary.frames_failed;
    context_.observer.frame_failed(now(*attempt), why, final, attempt->log.string());
  }
  context_.ok(context_.queue.update_row(*order_));
  finish_if_complete();
}

void OrderRun::attempt_failed(std::unique_ptr<Attempt> attempt, const Failure& failure) {
  --context_.running;
  give_up(*attempt, failure);
}

void OrderRun::give_up(const Attempt& attempt, const Failure& failure) {
  --in_flight_;
  discard(attempt);
  if (!is_current(attempt)) return;
  const bool fatal = failure.failure == FailureClass::fatal && failure.counted;
  const std::uint32_t tries = ledger().frame(attempt.frame)->tries;
  const bool final = !fatal && failure.counted && tries >= static_cast<std::uint32_t>(order().attempts);
  const Json event = {{"event", failure.counted ? "failed" : "lost"},
                      {"frame", attempt.frame},
                      {"attempt", attempt.number},
                      {"class", name_of(failure.failure)},
                      {"counted", failure.counted},
                      {"why", failure.why},
                      {"final", final}};
  if (!context_.record(*order_, event)) return;
  if (failure.counted) {
    if (final) ++context_.summary.frames_failed;
    context_.observer.frame_failed(now(attempt), failure.why, final || fatal, attempt.log.string());
  }
  if (failure.failure == FailureClass::retry_alone && !order().unbaked) alone_.insert(attempt.frame);
  if (!final && phase_ == Phase::rendering) again(attempt.frame);
  if (fatal) return fail(failure.why);
  context_.ok(context_.queue.update_row(*order_));
  finish_if_complete();
}

void OrderRun::worker_failed(const Slot& slot, const Failure& failure) {
  if (phase_ != Phase::rendering || !failure.counted) return;
  ++start_failures_;
  if (failure.failure == FailureClass::fatal || start_failures_ >= kMostStartFailures)
    return fail(failure.why);
  context_.observer.warning(
      Error(ErrorCode::child_failed, "the renderer did not start on " + slot.name, failure.why));
}

void OrderRun::discard(const Attempt& attempt) {
  in_background([staging = attempt.staging] { return store::remove_tree(disk(), staging); },
                [this](const Status&) { tidy_staging(); });
}

// Once nothing is under way any more. What cannot be removed is removed by the next run. After another runner
// has taken the queue over the folder is that one's, with frames in it.
void OrderRun::tidy_staging() {
  if (phase_ != Phase::over || busy() || root_.empty() || context_.broken) return;
  in_background([root = std::exchange(root_, {}), id = id_] { return remove_staging(root, id); },
                [](const Status&) {});
}

// ----------------------------------------------------------------------------------------- its end

void OrderRun::finish_if_complete() {
  const bool working = phase_ == Phase::preparing || phase_ == Phase::rendering;
  if (!working || !todo_.empty() || in_flight_ > 0 || removed()) return;
  const FrameCounts& counts = ledger().counts();
  if (counts.failed > 0) return fail(failed_frames_text(ledger()));
  if (counts.left() > 0) {  // the proof frames are done, the others wait
    context_.record(*order_, OrderEvent::ask, "the proof frames are done");
    return end();
  }
  phase_ = Phase::finishing;
  settle();
}

void OrderRun::settle() {
  const fs::path root = ledger().root();
  const bool needed = !root.empty() && !ledger().unsettled().empty();
  in_background([root, needed] { return needed ? sync_outputs(root) : Status(); },
                [this, needed](const Status& synced) {
                  if (phase_ != Phase::finishing) return;
                  if (!synced) return fail(text_of(synced.error()));
                  if (needed && !context_.record(*order_, Json{{"event", "settled"}})) return;
                  if (!context_.record(*order_, OrderEvent::finish)) return;
                  run_stages();
                });
}

// One after the other; those that an earlier run has finished are not run again, and one that fails does
// not keep the others from running: a night's notice is wanted most where the encoder failed.
void OrderRun::run_stages() {
  for (const std::string& name : order().stages) {
    if (name == kRenderStage || failed_stages_.contains(name)) continue;
    const auto& records = ledger().stages();
    const auto done = std::find_if(records.begin(), records.end(), [&](const StageRecord& record) {
      return record.name == name && record.state == "done";
    });
    if (done == records.end()) return run_stage_named(name);
  }
  if (failed_stages_.empty()) return complete();
  std::string why;
  for (const std::string& name : order().stages)
    if (const auto failed = failed_stages_.find(name); failed != failed_stages_.end())
      why += (why.empty() ? "" : "; ") + stage_failed(name, failed->second);
  fail(std::move(why));
}

// The staging folder goes first: who is killed in between comes back to an order that is not over yet.
void OrderRun::complete() {
  in_background([root = fs::path(ledger().root()), id = id_] { return remove_staging(root, id); },
                [this](const Status&) {
                  if (phase_ != Phase::finishing) return;
                  context_.record(*order_, OrderEvent::complete);
                  end();
                });
}

void OrderRun::run_stage_named(const std::string& name) {
  const auto plugins = context_.production.plugins();
  const auto stage = plugins ? stage_definition(context_.production.config(), **plugins, name)
                             : Result<StageDefinition>(plugins.error());
  if (!stage) {
    failed_stages_.emplace(name, text_of(stage.error()));
    return run_stages();
  }
  std::uint32_t attempt = 1;
  for (const StageRecord& record : ledger().stages())
    if (record.name == name) attempt = record.attempt + 1;
  if (!context_.record(*order_, stage_event(name, "start", attempt))) return;
  context_.observer.stage_started(now(), name);

  const StageInput input{.order = order(),
                         .frames = ledger().frames(),
                         .facts = ledger().opened().value("facts", Json::object()),
                         .earlier = ledger().stages(),
                         .production_root = context_.production.root(),
                         .root = ledger().root(),
                         .work_folder = staging_folder(ledger().root(), id_) / ("stage_" + name),
                         .entry = entry_for_stages()};
  const auto progress = [this, name, cancelled = cancelled_, throttle = std::make_shared<Throttle>()](
                            double fraction, std::string_view text) {
    if (!throttle->lets_through()) return;
    context_.loop.post([this, name, cancelled, fraction, text = std::string(text)] {
      if (!*cancelled) context_.observer.stage_progress(now(), name, fraction, text);
    });
  };
  const auto began = std::chrono::steady_clock::now();
  in_background(
      [this, plugins = *plugins, stage = *stage, attempt, input, progress, cancelled = cancelled_] {
        return run_stage(*plugins, *renderer_, stage, attempt, input, progress,
                         [cancelled] { return cancelled->load(); });
      },
      [this, name, attempt, began](Result<StageOutcome> outcome) {
        const auto took = std::chrono::steady_clock::now() - began;
        stage_ended(name, attempt, std::move(outcome),
                    std::chrono::duration_cast<std::chrono::milliseconds>(took));
      });
}

// The tree that the frames came from; made again where this run had no frame to render.
std::function<Result<fs::path>()> OrderRun::entry_for_stages() {
  if (order().live())
    return [entry = context_.production.root() / order().entry] { return Result<fs::path>(entry); };
  (void)context_.production.store();  // opened here: other threads find it ready
  return [this, order = order(), cancelled = cancelled_]() -> Result<fs::path> {
    const auto stopped = [cancelled] { return cancelled->load(); };
    SOUSCHEF_TRY(const JobId job,
                 job_to_render(context_.production, context_.queue.folder(), order, stopped));
    return order_checkout(context_.production, context_.folders, {id_, job}, {}, stopped);
  };
}

void OrderRun::stage_ended(const std::string& name, std::uint32_t attempt, Result<StageOutcome> outcome,
                           std::chrono::milliseconds took) {
  if (phase_ != Phase::finishing) return;
  Json event = stage_event(name, outcome ? "done" : "failed", attempt);
  event["ms"] = took.count();
  if (outcome) {
    event["summary"] = outcome->summary;
    event["outputs"] = files_json(outcome->outputs);
  } else {
    event["why"] = outcome.error().line();
  }
  if (!context_.record(*order_, event)) return;
  for (const StageRecord& record : ledger().stages())
    if (record.name == name) context_.observer.stage_ended(now(), record);
  if (outcome) {
    for (const std::string& warning : outcome->warnings)
      context_.observer.warning(Error(ErrorCode::failed, name + ": " + warning));
    return run_stages();
  }
  if (outcome.error().code == ErrorCode::cancelled) return fail(stage_failed(name, text_of(outcome.error())));
  if (attempt % kStageAttempts == 0) failed_stages_.emplace(name, text_of(outcome.error()));
  run_stages();
}

void OrderRun::fail(std::string why) {
  if (phase_ == Phase::over || removed()) return;
  context_.record(*order_, OrderEvent::fail, std::move(why));
  killed_ = true;
  end();
}

void OrderRun::end() {
  if (phase_ == Phase::over) return;
  phase_ = Phase::over;
  *cancelled_ = true;
  todo_.clear();
  if (removed()) return;
  if (ledger().state() == OrderState::done) ++context_.summary.orders_done;
  if (ledger().state() == OrderState::failed) ++context_.summary.orders_failed;
  context_.observer.order_ended(now());
  tidy_staging();
}

void OrderRun::requeue(std::string_view why) {
  if (phase_ == Phase::over || removed()) return;
  context_.record(*order_, OrderEvent::requeue, std::string(why));
  end();
}

void OrderRun::requests_came() {
  if (phase_ == Phase::over || removed()) return;
  const OrderState state = ledger().state();
  if (phase_ == Phase::suspended) {
    if (state == OrderState::queued) return go_on();
    if (state == OrderState::paused || state == OrderState::waiting) return;
  }
  if (is_under_way(state)) {
    if (phase_ == Phase::rendering) list_frames();
    return;
  }
  killed_ = state == OrderState::cancelled;
  end();
}

void OrderRun::suspend() {
  if (phase_ != Phase::rendering || in_flight_ == 0 || removed()) return;
  if (ledger().state() != OrderState::paused) return;
  phase_ = Phase::suspended;
  todo_.clear();
  context_.observer.order_ended(now());
}

void OrderRun::end_suspension() {
  if (phase_ != Phase::suspended || in_flight_ > 0) return;
  phase_ = Phase::over;
  *cancelled_ = true;
  tidy_staging();
}

// The checkout is there, the renderers have the scene open.
void OrderRun::go_on() {
  if (!context_.record(*order_, OrderEvent::prepare) || !context_.record(*order_, OrderEvent::render))
    return end();
  phase_ = Phase::rendering;
  context_.observer.order_started(now());
  list_frames();
  finish_if_complete();
}

void OrderRun::order_removed() {
  killed_ = true;
  phase_ = Phase::over;
  *cancelled_ = true;
  todo_.clear();
  order_ = nullptr;
}

}  // namespace souschef::core
