// SPDX-License-Identifier: MIT
// Tells the listeners of the config what has happened. docs/format/events.md
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/events/event_cursor.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/plugin_options.hpp"

namespace souschef::core {

struct DeliveryOutcome {
  std::size_t told = 0;               // events that a listener has taken
  std::size_t failed = 0;             // attempts that will be made again
  std::size_t lost = 0;               // given up
  std::vector<std::string> problems;  // one line each, for the log and for `events deliver`

  bool operator==(const DeliveryOutcome&) const = default;
};

// Each listener has its own cursor: one that cannot be reached keeps no other from hearing. One thread at a
// time.
class EventDelivery {
 public:
  // `plugins` and `log` are borrowed. Cursors begin where the log ends at the listener's first delivery.
  EventDelivery(PluginCatalog& plugins, const EventLog& log, std::vector<EventListener> listeners);
  ~EventDelivery();
  EventDelivery(const EventDelivery&) = delete;
  EventDelivery& operator=(const EventDelivery&) = delete;

  // Takes the cursors, so that what happens from now on is heard. deliver() does it otherwise.
  Status begin();
  // Everything that is due, listener after listener. A call that is cancelled counts as a failed attempt.
  DeliveryOutcome deliver(CallContext& context);

 private:
  struct Place;
  void deliver_to(Place& place, CallContext& context, DeliveryOutcome& outcome);
  // Whether to go on with this listener.
  bool tell(Place& place, const Event& event, CallContext& context, DeliveryOutcome& outcome);
  Status call(const EventListener& listener, const Event& event, CallContext& context);

  PluginCatalog& plugins_;
  const EventLog& log_;
  std::vector<std::unique_ptr<Place>> places_;
};

// The same on a thread of its own, for a runner: every few seconds, and soon after wake().
class EventDeliveryThread {
 public:
  EventDeliveryThread(PluginCatalog& plugins, const EventLog& log, std::vector<EventListener> listeners,
                      PluginLog note);
  // Tries once more what is due, for at most a minute, then ends.
  ~EventDeliveryThread();
  EventDeliveryThread(const EventDeliveryThread&) = delete;
  EventDeliveryThread& operator=(const EventDeliveryThread&) = delete;

  void wake();  // something was appended; thread-safe

 private:
  class Context;
  void work(const std::stop_token& stop);

  EventDelivery delivery_;
  PluginLog note_;
  std::unique_ptr<Context> context_;
  std::mutex mutex_;  // guards woken_
  std::condition_variable_any wake_;
  bool woken_ = false;
  std::jthread thread_;
};

}  // namespace souschef::core
