// SPDX-License-Identifier: MIT
// One turn: what people ask for, then who comes next, then a frame for every free slot, then wait until
// something happens. Whoever comes first in the queue gets every slot that it has frames for; the slots that
// are over go to the next order, and while the first one is being prepared nobody overtakes it.
#include "core/rendering/runner.hpp"

#include <algorithm>

#include "core/base/json_text.hpp"
#include "core/base/log.hpp"

namespace souschef::core {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTick{250};
constexpr milliseconds kRequests{
    500};  // a request is seen after at most so long, mostly at once: RequestBell
constexpr milliseconds kWindUp = std::chrono::seconds(60);

// True once in so long.
bool due(Steady::time_point& last, milliseconds every) {
  const auto now = Steady::now();
  if (now - last < every) return false;
  last = now;
  return true;
}

}  // namespace

Runner::Runner(RunContext& context, const RenderOptions& options, RenderSchedule schedule,
               std::set<std::string> orders, std::vector<Slot> slots)
    : context_(context),
      options_(options),
      schedule_(std::move(schedule)),
      bell_(context.loop, context.queue.folder().requests(), [this] { last_requests_ = {}; }),
      orders_(std::move(orders)),
      started_(Steady::now()),
      idle_collection_(context) {
  const auto changed = [this] { context_.loop.wake(); };
  for (Slot& slot : slots) slots_.push_back(std::make_unique<SlotRun>(context_, std::move(slot), changed));
}

Runner::~Runner() = default;

// ---------------------------------------------------------------------------------------- the loop

RenderEnd Runner::work() {
  context_.observer.started(slots_.size());
  std::string told;
  while (!context_.broken) {
    schedule_.look();
    apply_requests();
    const StopWish wish = stop_wish();
    if (wish == StopWish::now || (wish == StopWish::after_frames && nothing_in_flight()))
      return RenderEnd::stopped;
    const bool time_over = options_.run_for && Steady::now() - started_ > *options_.run_for;
    if (time_over && nothing_in_flight()) return RenderEnd::time_over;

    const bool goes_on = wish == StopWish::none && !time_over;
    if (!goes_on) give_up_suspended("the runner was stopped");
    if (context_.queue_changed) list_candidates();
    suspend_and_resume();
    if (goes_on && schedule_.holds().empty()) give_out_frames();
    drop_finished();
    if (context_.queue_changed) continue;
    idle_collection_.look(nothing_left());
    if (nothing_left() && !options_.watch) return RenderEnd::nothing_left;
    const bool no_slot = all_slots_lost() && nothing_in_flight();
    if (no_slot && !options_.watch) return RenderEnd::no_slot;
    const std::string waits_for = nothing_left() ? std::string(kQueueEmpty)
                                  : no_slot      ? "no slot is left"
                                                 : schedule_.holds();
    if (waits_for != told && !waits_for.empty()) context_.observer.waiting(waits_for);
    told = waits_for;
    tick();
    context_.loop.turn(kTick);
  }
  return RenderEnd::stopped;
}

StopWish Runner::stop_wish() {
  const StopWish person = options_.stop ? options_.stop() : StopWish::none;
  return std::max(person, asked_);
}

// Rendered frames count until they are in their places.
bool Runner::nothing_in_flight() const {
  return context_.running == 0 && std::none_of(runs_.begin(), runs_.end(), [](const auto& each) {
           return each.second->frames_in_flight();
         });
}

bool Runner::all_slots_lost() const {
  return !slots_.empty() &&
         std::all_of(slots_.begin(), slots_.end(), [](const auto& slot) { return slot->lost(); });
}

bool Runner::anything_under_way() const {
  return std::any_of(runs_.begin(), runs_.end(), [](const auto& each) {
    return each.second->phase() != OrderRun::Phase::over || each.second->busy();
  });
}

void Runner::tick() {
  if (!due(last_tick_, kTick)) return;
  context_.ok(context_.queue.check());
  for (const auto& slot : slots_) slot->tick();
  for (const auto& [id, until] : proof_until_)
    if (context_.queue.now_ms() >= until) context_.queue_changed = true;
}

// ---------------------------------------------------------------------------------------- requests

void Runner::apply_requests() {
  if (!due(last_requests_, kRequests)) return;
  auto report = context_.queue.apply_inbox();
  if (!report) {
    context_.ok(std::move(report.error()));
    return;
  }
  handle_removed(report->removed);
  for (const Request& request : report->for_runner) {
    if (request.kind == RequestKind::stop)
      asked_ = request.arguments.value("now", false) ? StopWish::now : StopWish::after_frames;
    if (request.kind == RequestKind::slot) switch_slot(request);
  }
  for (const Request& request : report->applied) context_.observer.request_applied(request, nullptr);
  for (const RefusedRequest& refused : report->refused)
    log::warning("queue", refused.error.line(), {{"request", std::string(name_of(refused.request.kind))}});
  for (const RefusedRequest& refused : report->refused)
    context_.observer.request_applied(refused.request, &refused.error);
  if (report->applied.empty() && report->removed.empty()) return;
  context_.queue_changed = true;
  for (const Request& request : report->applied)
    if (request.kind == RequestKind::pause && request.arguments.value("now", false))
      if (OrderRun* run = find(request.order)) run->suspend();
  for (const auto& [id, run] : runs_) run->requests_came();
}

void Runner::switch_slot(const Request& request) {
  const std::string name = text_at(request.arguments, "slot");
  const Json enabled = request.arguments.value("enabled", Json());
  const auto slot =
      std::find_if(slots_.begin(), slots_.end(), [&](const auto& each) { return each->slot().name == name; });
  const auto refuse = [&](const std::string& why) {
    const Error refusal(ErrorCode::not_found, why);
    context_.observer.request_applied(request, &refusal);
  };
  if (slot == slots_.end()) return refuse("there is no slot " + name);
  if (!enabled.is_boolean()) return refuse("a slot is enabled or disabled");
  (*slot)->enable(enabled.get<bool>());
  context_.observer.request_applied(request, nullptr);
}

void Runner::handle_removed(const std::vector<std::string>& ids) {
  for (const std::string& id : ids)
    if (OrderRun* run = find(id)) run->order_removed();
}

// ---------------------------------------------------------------------------------- who comes next

// What people and other orders decide about an order happens here, since it is looked at whenever anything in
// the queue changes.
void Runner::list_candidates() {
  context_.queue_changed = false;
  std::vector<OrderRow> open;
  for (const auto& [id, row] : context_.queue.rows())
    if (!is_final(row.state)) open.push_back(row);
  std::sort(open.begin(), open.end(), comes_before);
  candidates_.clear();
  for (const OrderRow& row : open) {
    hold_and_release(row);
    look_after_proof(row);
    const OrderState state = context_.queue.rows().at(row.id).state;
    if (counts(row.id) && (state == OrderState::queued || is_under_way(state))) candidates_.push_back(row.id);
  }
}

// An order that was opened for a moment; one that is still being worked on stays open, its run uses it.
void Runner::let_go(const std::string& id) {
  if (find(id) == nullptr) context_.ok(context_.queue.close(id));
}

// --after: an order waits until all that it comes after are done.
void Runner::hold_and_release(const OrderRow& row) {
  if (row.after.empty() || (row.state != OrderState::queued && row.state != OrderState::waiting)) return;
  std::string waits_for;
  const auto& rows = context_.queue.rows();
  for (const std::string& id : row.after)
    if (const auto parent = rows.find(id); parent != rows.end() && parent->second.state != OrderState::done)
      waits_for = parent->second.name;
  const bool waiting = row.state == OrderState::waiting;
  if (waits_for.empty() != waiting) return;
  auto order = context_.queue.open(row.id);
  if (!order) return;
  if (waiting)
    context_.record(**order, OrderEvent::release);
  else
    context_.record(**order, OrderEvent::hold, "it comes after " + waits_for);
  let_go(row.id);
}

// --proof-hours: nobody has objected for so long.
void Runner::look_after_proof(const OrderRow& row) {
  if (row.state != OrderState::proof) {
    proof_until_.erase(row.id);
    return;
  }
  if (!proof_until_.contains(row.id)) {
    auto order = context_.queue.open(row.id);
    if (!order) return;
    constexpr std::int64_t kHour = 3'600'000;
    const int hours = (*order)->order.proof_hours;
    if (hours > 0) proof_until_[row.id] = (*order)->ledger.changed_ms() + hours * kHour;
    let_go(row.id);
  }
  const auto until = proof_until_.find(row.id);
  if (until == proof_until_.end() || context_.queue.now_ms() < until->second) return;
  proof_until_.erase(until);
  auto order = context_.queue.open(row.id);
  if (!order) return;
  context_.record(**order, OrderEvent::approve, "nobody has objected to the proof frames");
  let_go(row.id);
}

OrderRun* Runner::find(const std::string& id) {
  const auto found = runs_.find(id);
  return found == runs_.end() ? nullptr : found->second.get();
}

OrderRun* Runner::begin(const std::string& id) {
  auto order = context_.queue.open(id);
  if (!order) {
    context_.observer.warning(
        std::move(order.error()).in_context("an order cannot be read and is passed over"));
    std::erase(candidates_, id);
    return nullptr;
  }
  OrderRun& run = *runs_.emplace(id, std::make_unique<OrderRun>(context_, **order)).first->second;
  run.begin();
  return &run;
}

unsigned Runner::slots_opening(const OrderRun& run) const {
  return static_cast<unsigned>(std::count_if(slots_.begin(), slots_.end(), [&](const auto& slot) {
    return slot->order() == &run && slot->state() == SlotRun::State::opening;
  }));
}

// The order whose frame this slot renders next; null: none for now.
OrderRun* Runner::choose(const SlotRun& slot) {
  const std::vector<std::string> candidates = candidates_;
  for (const std::string& id : candidates) {
    OrderRun* run = find(id);
    if (run == nullptr) run = begin(id);
    if (run == nullptr || run->phase() == OrderRun::Phase::over) continue;
    if (run->phase() == OrderRun::Phase::preparing) return nullptr;
    const unsigned coming = slot.order() == run ? 0 : slots_opening(*run);
    const bool taken = run->one_slot_only() && slot.order() != run && run->now().slots > 0;
    if (!taken && run->has_frames(coming)) return run;
  }
  return nullptr;
}

void Runner::give_out_frames() {
  const bool alone = std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) {
    return slot->attempt() != nullptr && slot->attempt()->alone;
  });
  for (const auto& slot : slots_) {
    if (!slot->free() || alone || context_.broken) continue;
    if (OrderRun* run = choose(*slot)) slot->work_on(*run);
  }
  make_way();
}

// ---------------------------------------------------------------------------------- standing still

void Runner::suspend_and_resume() {
  for (const auto& slot : slots_) {
    const OrderRun* run = slot->order();
    if (run == nullptr) continue;
    const bool paused = run->phase() == OrderRun::Phase::suspended;
    if (paused && slot->attempt() != nullptr)
      slot->suspend(run->order().name + " is paused");
    else if (paused)
      slot->release();
    else if (!schedule_.holds().empty() && schedule_.suspends())
      slot->suspend(schedule_.holds());
    else if (schedule_.holds().empty())
      slot->resume();
  }
}

void Runner::give_up_suspended(const std::string& why) {
  for (const auto& slot : slots_)
    if (slot->suspended()) slot->stop(why);
}

// Frames of paused orders keep their slots as long as others have one to go on with: the queue never stands
// still for them.
void Runner::make_way() {
  const auto paused = [](const auto& slot) {
    return slot->order() != nullptr && slot->order()->phase() == OrderRun::Phase::suspended;
  };
  if (slots_.empty() || !std::all_of(slots_.begin(), slots_.end(), paused)) return;
  if (choose(*slots_.front()) != nullptr) slots_.front()->stop("another order needed the slot");
}

// Slots leave orders that are over; orders that nobody works on any more leave the runner.
void Runner::drop_finished() {
  for (const auto& slot : slots_) {
    OrderRun* run = slot->order();
    if (run == nullptr || run->phase() != OrderRun::Phase::over || slot->state() == SlotRun::State::ending)
      continue;
    if (run->killed())
      slot->stop("the order has ended");
    else if (slot->attempt() == nullptr)
      slot->release();
  }
  for (const auto& [id, run] : runs_) run->end_suspension();
  for (auto at = runs_.begin(); at != runs_.end();) {
    const bool finished = at->second->phase() == OrderRun::Phase::over && !at->second->busy();
    if (finished && !at->second->removed()) {
      const bool doomed = at->second->ledger().doomed();
      context_.ok(doomed ? context_.queue.remove(at->first) : context_.queue.close(at->first));
      context_.queue_changed = true;
    }
    at = finished ? runs_.erase(at) : std::next(at);
  }
}

// ----------------------------------------------------------------------------------------- the end

void Runner::wind_up() {
  for (const auto& slot : slots_) {
    if (slot->state() == SlotRun::State::ready)
      slot->release();
    else
      slot->stop("the runner was stopped");
  }
  const auto until = Steady::now() + kWindUp;
  for (const auto& [id, run] : runs_) run->requeue("the runner was stopped");
  while (anything_under_way() && Steady::now() < until) context_.loop.turn(kTick);
  if (anything_under_way())
    context_.observer.warning(Error(ErrorCode::failed, "something did not end in time and is left behind"));
  drop_finished();
}

}  // namespace souschef::core
