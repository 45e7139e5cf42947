// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <souschef/result.hpp>

#include "core/base/background.hpp"
#include "core/base/event_loop.hpp"
#include "core/production/production.hpp"
#include "core/production/render_folders.hpp"
#include "core/queue/queue_writer.hpp"
#include "core/rendering/render.hpp"
#include "core/rendering/render_observer.hpp"

namespace souschef::core {

// From the config, "render.*".
struct RenderLimits {
  std::chrono::milliseconds stall = std::chrono::minutes(10);
  std::chrono::milliseconds longest_frame{0};  // 0: none
  std::chrono::milliseconds exit_grace = std::chrono::seconds(20);
  std::uint64_t keep_free = std::uint64_t{1} << 30;
  std::chrono::milliseconds suspend_release = std::chrono::hours(1);  // 0: never
  static RenderLimits of(const Config& config);
};

// What the parts of one runner share. All of it belongs to the loop's thread; only `background` and
// `loop.post` reach others.
struct RunContext {
  Production& production;
  RenderFolders folders;
  RenderLimits limits;
  QueueWriter& queue;
  EventLoop& loop;
  Background& background;
  RenderObserver& observer;

  RenderSummary summary;
  unsigned running = 0;         // attempts, on all slots
  bool queue_changed = true;    // who is next must be worked out again
  std::optional<Error> broken;  // the queue cannot be written any more: everything stops

  // False, and everything stops, where the queue could not be written.
  bool ok(Status status) {
    if (!status && !broken) broken = std::move(status.error());
    return status.has_value();
  }
  // Journals an event.
  bool record(OpenOrder& order, Json event) { return ok(queue.record(order, std::move(event))); }
  // Journals a transition; false where the order's state does not know it.
  bool record(OpenOrder& order, OrderEvent what, std::string why = {}) {
    auto done = queue.record(order, what, std::move(why));
    queue_changed = true;
    if (!done) return ok(std::move(done.error()));
    return *done;
  }
};

}  // namespace souschef::core
