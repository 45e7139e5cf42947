// SPDX-License-Identifier: MIT
#include "core/production/event_delivery.hpp"

#include <algorithm>
#include <array>
#include <atomic>

#include "core/base/json_text.hpp"

namespace souschef::core {
namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

// How long after the n-th failed attempt the next one is made.
constexpr std::array<std::chrono::seconds, 6> kPauses = {10s, 30s, 60s, 5min, 15min, 60min};
constexpr auto kGiveUp = 24h;
constexpr auto kEvery = 5s;  // other machines append too, and nothing tells us
constexpr auto kFarewell = 60s;

nanoseconds pause_after(int attempts) {
  return kPauses[static_cast<std::size_t>(
      std::clamp<int>(attempts - 1, 0, static_cast<int>(kPauses.size()) - 1))];
}

bool wants(const EventListener& listener, const std::string& name) {
  if (!listener.events.empty())
    return std::find(listener.events.begin(), listener.events.end(), name) != listener.events.end();
  const EventName* known = event_name(name);
  return known != nullptr && known->told_by_default;
}

// Trying again would not help.
bool is_final(ErrorCode code) {
  return code == ErrorCode::bad_input || code == ErrorCode::unsupported;
}

}  // namespace

struct EventDelivery::Place {
  EventListener listener;
  std::unique_ptr<EventCursor> cursor;  // null: not taken yet, or another process has it
};

EventDelivery::EventDelivery(PluginCatalog& plugins, const EventLog& log,
                             std::vector<EventListener> listeners)
    : plugins_(plugins), log_(log) {
  for (EventListener& listener : listeners)
    places_.push_back(std::make_unique<Place>(Place{std::move(listener), nullptr}));
}

EventDelivery::~EventDelivery() = default;

Status EventDelivery::begin() {
  for (const auto& place : places_) {
    if (place->cursor != nullptr) continue;
    SOUSCHEF_TRY(place->cursor, EventCursor::take(log_, place->listener.name, StartAt::now));
  }
  return {};
}

DeliveryOutcome EventDelivery::deliver(CallContext& context) {
  DeliveryOutcome outcome;
  for (const auto& place : places_) deliver_to(*place, context, outcome);
  return outcome;
}

void EventDelivery::deliver_to(Place& place, CallContext& context, DeliveryOutcome& outcome) {
  const auto note = [&](const Error& error) {
    outcome.problems.push_back(place.listener.name + ": " + error.line());
  };
  if (place.cursor == nullptr) {
    auto taken = EventCursor::take(log_, place.listener.name, StartAt::now);
    if (!taken) return note(taken.error());
    place.cursor = std::move(*taken);
    if (place.cursor == nullptr) return;  // another process tells this listener
  }
  while (!context.cancelled()) {
    auto event = place.cursor->peek();
    if (!event) return note(event.error());
    if (!*event) break;
    if (!wants(place.listener, (*event)->name)) {
      place.cursor->skip();
      continue;
    }
    if (!tell(place, **event, context, outcome)) break;
  }
  if (const Status saved = place.cursor->save(); !saved) note(saved.error());
}

bool EventDelivery::tell(Place& place, const Event& event, CallContext& context, DeliveryOutcome& outcome) {
  const auto& known = place.cursor->trouble();
  const bool again = known && known->id == event.id;
  const nanoseconds now = log_.clock().since_1970();
  // The second condition: a clock that was set back must not silence a listener for long.
  if (again && now < known->next && known->next - now <= kPauses.back()) return false;

  const Status told = call(place.listener, event, context);
  const nanoseconds since = again ? std::min(known->since, now) : now;
  const bool given_up = !told && (is_final(told.error().code) || now - since >= kGiveUp);
  if (!told)
    outcome.problems.push_back(place.listener.name + ": " + event.name + " " + event.id + ": " +
                               told.error().line());
  if (!told && !given_up) {
    ++outcome.failed;
    EventTrouble trouble{event.id, since, again ? known->attempts + 1 : 1, nanoseconds(0)};
    trouble.next = now + pause_after(trouble.attempts);
    if (const Status kept = place.cursor->keep_trouble(trouble); !kept)
      outcome.problems.push_back(kept.error().line());
    return false;
  }
  ++(told ? outcome.told : outcome.lost);
  if (const Status passed = place.cursor->pass(); !passed) {
    outcome.problems.push_back(place.listener.name + ": " + passed.error().line());
    return false;
  }
  return true;
}

Status EventDelivery::call(const EventListener& listener, const Event& event, CallContext& context) {
  // A config that is not trusted yet, or has a mistake, can be mended while the event waits: not final.
  if (const Status may = plugins_.may_use("event[" + listener.name + "]."); !may)
    return Error(ErrorCode::failed, may.error().line());
  SOUSCHEF_TRY(Calls* const calls, plugins_.calls(listener.plugin, PluginKind::event));
  auto settings = plugins_.settings_for(listener.plugin, listener.settings, "event." + listener.name);
  if (!settings) return Error(ErrorCode::failed, settings.error().line());
  SOUSCHEF_TRY(const Json revealed, plugins_.reveal_secrets(listener.plugin, std::move(*settings)));
  SOUSCHEF_CHECK(
      calls->call(context, "event.handle", json_text({{"event", event.json()}, {"settings", revealed}})));
  return {};
}

// ---- on a thread

class EventDeliveryThread::Context final : public CallContext {
 public:
  [[nodiscard]] bool cancelled() const override {
    const auto until = until_.load();
    return until != std::chrono::steady_clock::time_point::max() && std::chrono::steady_clock::now() > until;
  }
  void progress(double, std::string_view) override {}
  void log(LogLevel, std::string_view) override {}
  void end_in(std::chrono::seconds time) { until_ = std::chrono::steady_clock::now() + time; }

 private:
  std::atomic<std::chrono::steady_clock::time_point> until_ = std::chrono::steady_clock::time_point::max();
};

EventDeliveryThread::EventDeliveryThread(PluginCatalog& plugins, const EventLog& log,
                                         std::vector<EventListener> listeners, PluginLog note)
    : delivery_(plugins, log, std::move(listeners)),
      note_(std::move(note)),
      context_(std::make_unique<Context>()) {
  // Here and not on the thread: what is appended after this returns is heard.
  if (const Status begun = delivery_.begin(); !begun && note_)
    note_("events", LogLevel::error, begun.error().line());
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

EventDeliveryThread::~EventDeliveryThread() {
  context_->end_in(kFarewell);
  thread_.request_stop();
  wake_.notify_all();
}

void EventDeliveryThread::wake() {
  {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

void EventDeliveryThread::work(const std::stop_token& stop) {
  for (bool last = false; !last;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, kEvery, [&] { return woken_; });
      woken_ = false;
    }
    last = stop.stop_requested();
    const DeliveryOutcome outcome = delivery_.deliver(*context_);
    if (note_)
      for (const std::string& problem : outcome.problems) note_("events", LogLevel::warning, problem);
  }
}

}  // namespace souschef::core
