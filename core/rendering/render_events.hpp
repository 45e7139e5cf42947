// SPDX-License-Identifier: MIT
// Writes what a runner does into the production's event log (docs/format/events.md), for listeners and for
// `souschef events`; what is shown goes on to the next observer.
//
//   auto options = RenderEventsOptions::of(production);
//   options.appended = [&] { delivery.wake(); };
//   RenderEvents events(display, log, options);
//   auto summary = render(production, options, events);
//   if (summary) events.ended(*summary);
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "core/events/events.hpp"
#include "core/production/production.hpp"
#include "core/queue/queue_folder.hpp"
#include "core/rendering/render.hpp"
#include "core/rendering/render_observer.hpp"

namespace souschef::core {

struct RenderEventsOptions {
  QueueFolder queue;            // to find the orders that wait for another
  std::uint64_t keep_free = 0;  // bytes: the runner begins no frame below; people hear of it at twice that
  std::chrono::nanoseconds stall = std::chrono::minutes(10);  // RenderLimits::stall
  std::function<void()> appended;                             // may be empty

  static RenderEventsOptions of(const Production& production);
};

// One thread at a time, as observers are called. Borrows `next` and `log`. That an event cannot be written is
// a warning, told once: no work fails because of it.
class RenderEvents final : public RenderObserver {
 public:
  RenderEvents(RenderObserver& next, EventLog& log, RenderEventsOptions options);

  // After render(): the queue is let go.
  void ended(const RenderSummary& summary);

  void started(std::size_t slots) override;
  void overtaken(std::string_view why) override;
  void waiting(std::string_view why) override;
  void request_applied(const Request& request, const Error* refusal) override;
  void order_started(const OrderNow& now) override;
  void order_preparing(const OrderNow& now, std::uint64_t done, std::uint64_t total) override;
  void order_opened(const OrderNow& now, std::string_view slot) override;
  void order_ended(const OrderNow& now) override;
  void frame_started(const AttemptNow& now) override;
  void frame_suspended(const AttemptNow& now, std::string_view why) override;
  void frame_resumed(const AttemptNow& now) override;
  void frame_progress(const AttemptNow& now, double fraction, std::string_view text) override;
  void frame_done(const AttemptNow& now) override;
  void frame_failed(const AttemptNow& now, std::string_view why, bool final, std::string_view log) override;
  void stage_started(const OrderNow& now, std::string_view stage) override;
  void stage_progress(const OrderNow& now, std::string_view stage, double fraction,
                      std::string_view text) override;
  void stage_ended(const OrderNow& now, const StageRecord& stage) override;
  void slot_lost(std::string_view slot, std::string_view why) override;
  void warning(const Error& warning) override;

 private:
  using Nanoseconds = std::chrono::nanoseconds;
  // What is remembered of an order that is being worked on.
  struct Watched {
    Nanoseconds progress{0};  // the last frame that was done, or the beginning; by the log's clock
    bool told_stalled = false, told_all_failed = false;
  };

  void append(std::string name, std::string message, const EventOrder& order, Json data);
  void append(std::string name, std::string message, const Order& order, Json data);
  Watched& watch(const Order& order);  // begins now where it is new
  void order_failed(const OrderNow& now);
  void tell_held(const Order& parent, std::string_view became);
  void look_at_disk(const OrderNow& now);
  void tell_queue_empty();

  RenderObserver& next_;
  EventLog& log_;
  RenderEventsOptions options_;
  std::map<std::string, Watched> watched_;  // by order id
  std::set<std::string> low_;               // folders whose disk was low when last looked at
  Nanoseconds looked_{0};                   // at the disk
  std::size_t orders_ended_ = 0;            // since the queue was last empty
  bool told_trouble_ = false;
};

}  // namespace souschef::core
