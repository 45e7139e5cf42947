// SPDX-License-Identifier: MIT
// The runner: takes the queue of a production and renders its orders until nothing is left.
//
//   RenderOptions options;
//   options.stop = [] { return interrupted() ? StopWish::after_frames : StopWish::none; };
//   SOUSCHEF_TRY(const RenderSummary summary, render(production, options, observer));
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/production/production.hpp"
#include "core/rendering/render_observer.hpp"
#include "store/clock.hpp"

namespace souschef::core {

enum class StopWish {
  none,
  after_frames,  // frames that are being rendered are finished, then everything ends
  now            // they are given up; the next run renders them again
};

struct RenderOptions {
  std::vector<std::string> orders;  // names or ids; empty: whatever is in the queue
  std::vector<std::string> slots;   // by name; empty: those of the config, else one for the CPU
  bool watch = false;               // stay: wait for orders, and first for the queue where another has it
  // After so long no frame begins any more; what is being rendered is finished.
  std::optional<std::chrono::nanoseconds> run_for;
  // When to render; empty: schedule.windows of the config. Outside of them frames stand still.
  std::vector<std::string> windows;
  std::optional<double> busy;  // cores; nothing: schedule.busy of the config
  // Cores that other programs use since it was last asked; empty: this machine's.
  std::function<std::optional<double>()> others_load;
  // Asked several times a second, on the thread that called render(). May be empty.
  std::function<StopWish()> stop;
  const store::Clock* clock = nullptr;       // null: the real one
  std::chrono::nanoseconds lease_expiry{0};  // of the queue's lease; 0: by the kind of file system
};

enum class RenderEnd {
  nothing_left,  // every order that was asked for is over, or waits for a person
  stopped,       // by StopWish, or by a request
  time_over,     // RenderOptions::run_for
  no_slot        // the devices of all slots are gone; never with watch
};

struct RenderSummary {
  RenderEnd end = RenderEnd::nothing_left;
  std::size_t orders_done = 0, orders_failed = 0;
  std::size_t orders_left = 0;  // asked for, and neither done, failed nor cancelled
  std::size_t frames_done = 0, frames_failed = 0, frames_skipped = 0;  // in this run
};

// Holds the queue until it returns. Returns when nothing is left that can be done without a person (a paused
// order, one that waits for approval), or as the options say; a frame or an order that fails is in the
// summary and is no error. Whenever it ends, kill -9 included, the next run goes on where this one was: no
// finished frame is rendered again, and no process outlives this one.
//
// With `watch` a runner that finds another one at work stands by, and takes over when that one stops, or when
// it has given no sign of life for the lease's time. So does one that was itself taken for dead and overtaken
// (a machine that slept): it gives up what was under way, tells observer.overtaken() and waits for its turn.
//
// Errors: usage, bad_input (the schedule); `locked`, naming the holder (not with watch); not_found (an order,
// a slot); io, no_space, denied (the queue cannot be written); `locked` later on, where another runner has
// taken the queue over (not with watch). Threads: one render() for a production at a time; starts threads of
// its own. Observer calls come on the calling thread.
Result<RenderSummary> render(Production& production, const RenderOptions& options, RenderObserver& observer);

}  // namespace souschef::core
