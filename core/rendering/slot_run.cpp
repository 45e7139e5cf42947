// SPDX-License-Identifier: MIT
#include "core/rendering/slot_run.hpp"

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/slots/find_devices.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::string_view kGpuAbsent = "gpu_absent";  // docs/format/plugin-protocol.md
constexpr double kIdleShare = 0.01;                    // of one core: less than that is no work
constexpr std::size_t kLongestWhy = 1000;
constexpr unsigned kManyFailures = 3;         // in a row: is the device still there?
constexpr std::chrono::seconds kAskAgain{1};  // for a device that another runner uses

std::string minutes_text(std::chrono::milliseconds time) {
  const double seconds = static_cast<double>(time.count()) / 1000;
  char text[32];
  if (seconds < 120)
    std::snprintf(text, sizeof text, "%.3g s", seconds);
  else
    std::snprintf(text, sizeof text, "%.3g min", seconds / 60);
  return text;
}

// The last line of a traceback says what it was.
std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of("\n ");
  if (end == std::string::npos) return {};
  const std::size_t before = text.rfind('\n', end);
  return text.substr(before == std::string::npos ? 0 : before + 1, end - before);
}

}  // namespace

SlotRun::SlotRun(RunContext& context, Slot slot, std::function<void()> changed)
    : context_(context), slot_(std::move(slot)), changed_(std::move(changed)) {}

SlotRun::~SlotRun() {
  *alive_ = false;
}

// ----------------------------------------------------------------------------------- start and end

void SlotRun::work_on(OrderRun& run) {
  const bool goes_on = run_ == &run && !run.needs_fresh_worker(last_frame_);
  if (state_ == State::ready && goes_on) return next_frame();
  if (state_ == State::ready) return quit();  // the slot is free again when that worker has ended
  if (state_ == State::empty && take_device()) start_worker(run);
}

void SlotRun::enable(bool enabled) {
  enabled_ = enabled;
  lost_ = false;
  failures_ = 0;
  if (!enabled) release();
}

bool SlotRun::free() const {
  if (!enabled_ || question_) return false;
  if (state_ == State::empty) return Steady::now() >= ask_device_at_;
  return state_ == State::ready;
}

// Two runners on one machine never use one card at the same time: the later one waits.
bool SlotRun::take_device() {
  auto lock = DeviceLock::take(slot_.device.lock_name());
  if (lock) {
    device_ = std::move(*lock);
    told_busy_ = false;
    return true;
  }
  ask_device_at_ = Steady::now() + kAskAgain;
  if (!std::exchange(told_busy_, true))
    context_.observer.warning(std::move(lock.error()).in_context("the slot " + slot_.name + " waits"));
  return false;
}

void SlotRun::start_worker(OrderRun& run) {
  run_ = &run;
  run_->join();
  judge_ = std::make_unique<LogJudge>(run.renderer().policy());
  hello_ = Json();
  bug_.clear();
  reason_.reset();
  last_frame_.reset();
  release_ = false;
  state_ = State::opening;
  run_folder_ = context_.folders.run_folder(run.id(), slot_.name);
  log_.open(context_.folders.slot_log(run.id(), slot_.name), RenderLog::Begin::anew);
  cpu_time_ = {};
  cpu_since_ = Steady::now();

  const auto start = [&]() -> Status {
    store::FileSystem& disk = store::FileSystem::real();
    SOUSCHEF_CHECK(store::remove_tree(disk, run_folder_));
    SOUSCHEF_CHECK(store::make_folders(disk, run_folder_));
    const bool autoexec = run.order().settings.autoexec;
    SOUSCHEF_TRY(const RendererLaunch launch,
                 run.renderer().launch(run.entry(), run_folder_, slot_, autoexec));
    SOUSCHEF_TRY(std::string open, run.open_line(slot_));
    SOUSCHEF_TRY(worker_, WorkerLink::start(context_.loop, run.renderer(), launch, run_folder_, slot_,
                                            {.on_event = [this](const Json& event) { handle(event); },
                                             .on_line = [this](std::string_view line) { print(line); },
                                             .on_end = [this](const ProcessEnd& end) { ended(end); }}));
    if (slot_.memory_limit > 0) log_.line("[memory: at most " + worker_->memory_cap().text() + "]");
    worker_->send(std::move(open));
    return {};
  };
  if (const Status started = start(); !started) {
    const Failure failure{FailureClass::fatal, started.error().line()};
    OrderRun& order = *run_;
    leave();
    order.worker_failed(slot_, failure);
  }
}

void SlotRun::quit() {
  state_ = State::ending;
  worker_->quit(context_.limits.exit_grace);
}

void SlotRun::release() {
  release_ = true;
  if (state_ == State::ready) quit();
  if (state_ == State::opening) kill({FailureClass::retry, "not needed any more", false});
}

void SlotRun::stop(const std::string& why) {
  if (worker_ == nullptr) return;
  if (suspended() && attempt_ != nullptr)
    context_.observer.warning(
        Error(ErrorCode::cancelled, "frame " + std::to_string(attempt_->frame) + " is given up", why));
  kill({FailureClass::retry, why, false});
}

void SlotRun::kill(Failure reason) {
  if (!reason_) reason_ = std::move(reason);
  worker_->kill();  // the rest happens when its end is seen
}

void SlotRun::leave() {
  state_ = State::empty;
  if (run_ != nullptr) (void)store::remove_tree(store::FileSystem::real(), run_folder_);
  device_.reset();  // from here the folder may be that of another runner on this machine
  if (run_ != nullptr) std::exchange(run_, nullptr)->leave();
}

void SlotRun::ended(const ProcessEnd& end) {
  log_.line("[the renderer ended: " + end.text() + "]");
  log_.flush();
  const std::optional<Failure> memory = out_of_memory();
  // The link is still at work: it goes when this call is over.
  context_.loop.post([gone = std::shared_ptr<WorkerLink>(std::move(worker_))] {});
  OrderRun& run = *run_;
  const bool asked = state_ == State::ending;
  std::unique_ptr<Attempt> attempt = std::move(attempt_);
  const Failure failure = reason_         ? *reason_
                          : memory        ? *memory
                          : !bug_.empty() ? failure_of("the worker script failed: " + last_line(bug_))
                                          : failure_of("the renderer stopped: " + end.text());
  if (!refused_) leave();
  if (attempt != nullptr)
    run.attempt_failed(std::move(attempt), failure);
  else if (!asked)
    run.worker_failed(slot_, failure);
  if (failure.counted && !asked) count_failure();
  changed_();
}

// ---------------------------------------------------------------------------------- frame by frame

void SlotRun::next_frame() {
  attempt_ = run_->begin_attempt(slot_);
  if (attempt_ == nullptr) return;
  state_ = State::rendering;
  last_frame_ = attempt_->last;
  judge_->forget();
  log_.open(attempt_->log, RenderLog::Begin::after);
  log_.line("=== frame " + std::to_string(attempt_->frame) + ", attempt " + std::to_string(attempt_->number) +
            ", slot " + slot_.name);
  worker_->process().reset_peak_memory();
  const RendererFrame frame{attempt_->frame, attempt_->last, attempt_->number, attempt_->staging};
  auto line = run_->renderer().frame_line(frame, attempt_->plan);
  if (!line) {
    state_ = State::ready;
    return run_->attempt_failed(std::move(attempt_), {FailureClass::fatal, line.error().line()});
  }
  worker_->send(std::move(*line));
}

bool SlotRun::is_about_attempt(const Json& event) const {
  return attempt_ != nullptr && event.value("frame", Json()) == attempt_->frame &&
         event.value("attempt", Json()) == attempt_->number;
}

void SlotRun::handle(const Json& event) {
  const std::string kind = text_at(event, "event");
  if (kind == "hello") hello_ = event;
  if (kind == "opened") opened(event);
  if (kind == "rendered" && is_about_attempt(event)) rendered(event);
  if (kind == "failed" && is_about_attempt(event)) failed(event);
  if (kind == "refused") refused(event);
  if (kind == "bug") {
    bug_ = text_at(event, "message");
    log_.line(bug_);
  }
  if (kind == "nonsense") log_.line("[not an answer: " + text_at(event, "message") + "]");
  if (kind == "progress" && attempt_ != nullptr && !run_->removed()) {
    const Json fraction = event.value("fraction", Json());
    context_.observer.frame_progress(run_->now(*attempt_), fraction.is_number() ? fraction.get<double>() : -1,
                                     text_at(event, "text"));
  }
}

void SlotRun::opened(const Json& event) {
  if (state_ != State::opening || hello_.is_null()) return;
  Json facts = event.value("facts", Json::object());
  facts["numbers"] = hello_.value("numbers", Json());
  facts["version"] = hello_.value("version", Json());
  facts["build"] = hello_.value("build", Json());
  log_.line("[opened by " + text_at(facts, "version") + " " + text_at(facts, "build") + "]");
  if (const std::string blocked = text_at(facts, "scripts_blocked"); !blocked.empty())
    log_.line("[a script in the file was needed, and may not run: " + blocked + "]");
  state_ = State::ready;
  proved_ = true;
  run_->scene_opened(slot_, std::move(facts));
  changed_();
}

void SlotRun::rendered(const Json&) {
  log_.flush();
  attempt_->mib = static_cast<std::uint32_t>(worker_->process().peak_memory() >> 20);
  if (judge_->worst() != nullptr) attempt_->flags |= kWarned;
  state_ = State::ready;
  if (is_gravely_marked()) return not_taken();
  failures_ = 0;
  run_->attempt_rendered(std::move(attempt_));
  if (!enabled_) quit();
  changed_();
}

// Blender has been seen to end a frame well after "CUDA error": a whole file of a picture that is not whole.
void SlotRun::not_taken() {
  const Failure failure = failure_of({});
  log_.line("[not taken, whatever the renderer says: " + failure.why + "]");
  log_.flush();
  run_->attempt_failed(std::move(attempt_), failure);
  count_failure();
  quit();
  changed_();
}

void SlotRun::failed(const Json& event) {
  log_.line("[failed: " + text_at(event, "message") + "]");
  log_.flush();
  const std::string message = text_at(event, "message");
  judge_->look_at(message);
  state_ = State::ready;
  run_->attempt_failed(std::move(attempt_), failure_of(message));
  count_failure();
  if (!enabled_ || is_gravely_marked()) quit();
  changed_();
}

void SlotRun::refused(const Json& event) {
  std::string why = text_at(event, "what");
  const Json causes = event.value("why", Json::array());
  for (const Json& cause : causes)
    if (cause.is_string() && why.size() < kLongestWhy) why += ": " + cause.get<std::string>();
  if (const std::string next = text_at(event, "next"); !next.empty()) why += " (" + next + ")";
  log_.line("[refused: " + why + "]");
  const bool absent = text_at(event, "code") == kGpuAbsent && slot_.device.kind == Device::Kind::gpu;
  if (absent && proved_ && attempt_ == nullptr && !question_) {
    refused_ = true;
    look_for_device(why);
  } else if (attempt_ != nullptr)
    run_->attempt_failed(std::move(attempt_), {FailureClass::fatal, why});
  else
    run_->fail(why);
  if (state_ != State::ending) quit();
}

// What the log has shown cannot be a good picture. A worker that has met it (a lost CUDA context) meets it
// again.
bool SlotRun::is_gravely_marked() const {
  return judge_->worst() != nullptr && judge_->worst()->failure != FailureClass::warn;
}

std::string SlotRun::beyond_cap() const {
  return "out of memory: the cap of " + memory_text(slot_.memory_limit) + " (raise memory of the slot " +
         slot_.name + " in the config, or make the scene lighter)";
}

// Of a worker that has ended: the kernel says so where the cap is a control group. It is tried again by a
// fresh worker, which holds nothing of other frames.
std::optional<Failure> SlotRun::out_of_memory() const {
  if (worker_ == nullptr || !worker_->memory_cap().was_hit()) return std::nullopt;
  return Failure{FailureClass::retry, beyond_cap()};
}

Failure SlotRun::failure_of(std::string what) const {
  const LogPattern* pattern = judge_->worst();
  if (pattern == nullptr || pattern->failure == FailureClass::warn)
    return {FailureClass::retry, std::move(what)};
  if (pattern->memory && slot_.memory_limit > 0) return {FailureClass::retry, beyond_cap()};
  std::string why = pattern->what + ": " + judge_->worst_line();
  if (!pattern->next.empty()) why += " (" + pattern->next + ")";
  return {pattern->failure, why.substr(0, kLongestWhy)};
}

void SlotRun::print(std::string_view line) {
  log_.line(line);
  judge_->look_at(line);
}

// -------------------------------------------------------------------------------------- its device

void SlotRun::count_failure() {
  ++failures_;
  const bool card = slot_.device.kind == Device::Kind::gpu;
  if (card && proved_ && failures_ % kManyFailures == 0 && !question_)
    look_for_device(std::to_string(failures_) + " failures in a row");
}

// A driver that hangs must not hang the loop.
void SlotRun::look_for_device(std::string why) {
  question_ = std::move(why);
  context_.background.run([device = slot_.device] { return is_there(device); },
                          [this, alive = alive_](bool there) {
                            if (*alive) device_looked_for(there);
                          });
}

// The card is there: it is the renderer or the scene that cannot. It is gone: another slot may go on with the
// order, and the orders after it are none the worse.
void SlotRun::device_looked_for(bool is_there) {
  const std::string why = *std::exchange(question_, std::nullopt);
  const bool refused = std::exchange(refused_, false);
  if (is_there && refused && run_ != nullptr) run_->fail(why);
  if (!is_there) {
    lost_ = true;
    enabled_ = false;
    context_.observer.slot_lost(
        slot_.name, "its device " + slot_.device.uuid + " is not in this machine any more (" + why + ")");
    release();
  }
  if (refused && worker_ == nullptr) leave();
  changed_();
}

// ------------------------------------------------------------------------------------- watching it

void SlotRun::tick() {
  if (worker_ == nullptr) return;
  log_.flush();
  if (suspended()) return watch_for_release();
  if (state_ == State::ready) {
    cpu_since_ = Steady::now();
    return;
  }
  const auto longest = context_.limits.longest_frame;
  if (attempt_ != nullptr && longest.count() > 0 &&
      attempt_->seconds() * 1000 > static_cast<double>(longest.count()))
    return kill({FailureClass::retry, "the frame took longer than " + minutes_text(longest)});
  watch_for_stall();
}

// One that prints nothing may be computing, one that computes nothing may be waiting for a device that prints
// its progress: stalled is who does neither.
void SlotRun::watch_for_stall() {
  const auto now = Steady::now();
  const auto cpu = worker_->process().cpu_time();
  const auto wall = std::chrono::duration_cast<std::chrono::milliseconds>(now - cpu_since_);
  const bool worked =
      static_cast<double>((cpu - cpu_time_).count()) > kIdleShare * static_cast<double>(wall.count()) + 20;
  if (worked || worker_->silence() < wall) {
    cpu_time_ = cpu;
    cpu_since_ = now;
    return;
  }
  if (wall >= context_.limits.stall)
    kill(failure_of("the renderer gave no sign of life for " + minutes_text(context_.limits.stall)));
}

void SlotRun::suspend(std::string_view why) {
  const bool at_work = state_ == State::opening || state_ == State::rendering;
  if (!at_work || suspended()) return;
  worker_->suspend();
  suspended_since_ = Steady::now();
  log_.line("[suspended: " + std::string(why) + "]");
  if (attempt_ != nullptr && !run_->removed()) context_.observer.frame_suspended(run_->now(*attempt_), why);
}

void SlotRun::resume() {
  if (!suspended()) return;
  worker_->resume();
  const auto stood_still = Steady::now() - suspended_since_;
  cpu_since_ += stood_still;
  log_.line("[goes on after " +
            minutes_text(std::chrono::duration_cast<std::chrono::milliseconds>(stood_still)) + "]");
  if (attempt_ == nullptr) return;
  attempt_->began += stood_still;
  if (!run_->removed()) context_.observer.frame_resumed(run_->now(*attempt_));
}

void SlotRun::watch_for_release() {
  const auto longest = context_.limits.suspend_release;
  if (longest.count() > 0 && Steady::now() - suspended_since_ >= longest)
    stop("it was suspended for " + minutes_text(longest));
}

}  // namespace souschef::core
