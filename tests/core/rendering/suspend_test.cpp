// SPDX-License-Identifier: MIT
// Renderers that stand still in the middle of a frame, and go on with it.
#include <algorithm>
#include <chrono>

#include "core/base/process.hpp"
#include "core/base/process_identity.hpp"
#include "tests/core/rendering/null_fixture.hpp"

namespace souschef::core {
namespace {

using Steady = std::chrono::steady_clock;

class Suspend : public NullRenderer {
 protected:
  // Pauses the order at once as soon as its frame begins for the first time.
  void pause_at(const Order& order, std::int32_t number) {
    listener_.on_frame_started = [this, order, number](const AttemptNow& now) {
      if (now.of.order.id == order.id && now.frame == number && now.attempt == 1)
        ask(RequestKind::pause, order, {{"now", true}});
    };
  }
  // A run in which `then` is done once after the frame stands still.
  RenderSummary run_until_suspended(const std::function<void()>& then) {
    RenderOptions options;
    // Those that were just ending when they were stopped may be seen for a moment longer.
    options.stop = [this, then, done = false]() mutable {
      if (!done && listener_.count("frame_suspended") > 0 && all_stopped()) {
        done = true;
        then();
      }
      return wish_;
    };
    return run(options);
  }
  static bool all_stopped() {
    const auto pids = processes_with_mark(process_mark());
    return !pids.empty() && std::all_of(pids.begin(), pids.end(), stands_still);
  }

  StopWish wish_ = StopWish::none;
};

TEST_F(Suspend, PauseNowStopsTheProcessesAndResumeGoesOnWithTheFrame) {
  const Order order = scene("2 " + after_gate(), "1-4");
  pause_at(order, 2);
  bool stopped = false;  // the shell and its sleep
  const RenderSummary summary = run_until_suspended([&] {
    stopped = true;
    EXPECT_EQ(view(order).ledger.state(), OrderState::paused);
    open_gate();
    ask(RequestKind::resume, order);
  });
  EXPECT_TRUE(stopped) << listener_.text();
  EXPECT_EQ(summary.orders_done, 1U) << listener_.text();
  EXPECT_EQ(frame(order, 2).attempt, 1U) << "no work was lost";
  EXPECT_EQ(listener_.count("order_opened"), 1U) << "by the same renderer";
  EXPECT_EQ(listener_.count("frame_resumed 2"), 1U);
}

// The watchdogs have clocks of their own: this one takes its time.
TEST_F(Suspend, WatchdogsDoNotCountTheTimeThatAFrameStoodStill) {
  configure_slots("[render]\nstall = 0.1\nlongest_frame = 0.1\n");
  const Order order = scene("2 " + after_gate(), "1-2");
  pause_at(order, 2);
  RenderOptions options;
  std::optional<Steady::time_point> since;
  options.stop = [&, asked = false]() mutable {
    if (!since && listener_.count("frame_suspended") > 0) since = Steady::now();
    if (!asked && since && Steady::now() - *since > std::chrono::milliseconds(6500)) {
      asked = true;
      open_gate();
      ask(RequestKind::resume, order);
    }
    return StopWish::none;
  };
  EXPECT_EQ(run(options).orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_suspended"), 1U);
  EXPECT_EQ(listener_.count("frame_retried"), 0U) << listener_.text();
  EXPECT_LT(frame(order, 2).ms, 6000U);
}

TEST_F(Suspend, FrameIsGivenUpAfterItsTimeWithoutCost) {
  configure_slots("[render]\nsuspend_release = 0.001\n");
  const Order order = scene("2.1 hang\n", "1-3");
  pause_at(order, 2);
  run();
  EXPECT_EQ(view(order).ledger.state(), OrderState::paused) << listener_.text();
  EXPECT_EQ(frame(order, 2).state, FrameState::todo);
  EXPECT_EQ(frame(order, 2).tries, 0U);
  EXPECT_EQ(listener_.count("warning frame 2 is given up: it was suspended for"), 1U) << listener_.text();
  ask(RequestKind::resume, order);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
}

TEST_F(Suspend, LastSlotIsGivenUpForAnotherOrder) {
  const Order order = scene("2 hang\n", "1-3");
  pause_at(order, 2);
  Order later;
  later.priority = 10;
  later = scene("", "1-3", later);
  run();
  EXPECT_EQ(view(later).ledger.state(), OrderState::done) << listener_.text();
  EXPECT_EQ(view(order).ledger.state(), OrderState::paused);
  EXPECT_EQ(frame(order, 2).state, FrameState::todo);
}

TEST_F(Suspend, AnotherOrderUsesTheOtherSlotAndTheFrameStays) {
  configure_slots(
      "[[slot]]\nname = \"a\"\ndevice = \"fake-1\"\n[[slot]]\nname = \"b\"\ndevice = \"fake-2\"\n");
  const Order order = scene("1 " + after_gate(), "1");
  pause_at(order, 1);
  Order later;
  later.priority = 10;
  later = scene("", "1-5", later);
  RenderOptions options;
  options.stop = [&, asked = false]() mutable {
    const bool other_done = listener_.count("order_ended done") > 0;
    if (other_done && !std::exchange(asked, true)) {
      open_gate();
      ask(RequestKind::resume, order);
    }
    return StopWish::none;
  };
  EXPECT_EQ(run(options).orders_done, 2U) << listener_.text();
  EXPECT_EQ(frame(order, 1).attempt, 1U);
}

TEST_F(Suspend, CancelEndsAFrameThatStandsStill) {
  const Order order = scene("2 hang\n", "1-3");
  pause_at(order, 2);
  run_until_suspended([&] { ask(RequestKind::cancel, order); });
  EXPECT_EQ(view(order).ledger.state(), OrderState::cancelled) << listener_.text();
  EXPECT_EQ(frame(order, 2).state, FrameState::todo);
}

TEST_F(Suspend, StopAfterFramesDoesNotWaitForAFrameThatStandsStill) {
  const Order order = scene("2 hang\n", "1-3");
  pause_at(order, 2);
  const RenderSummary summary = run_until_suspended([&] { wish_ = StopWish::after_frames; });
  EXPECT_EQ(summary.end, RenderEnd::stopped);
  EXPECT_EQ(frame(order, 2).state, FrameState::todo) << listener_.text();
  EXPECT_EQ(view(order).ledger.state(), OrderState::paused);
}

TEST_F(Suspend, KilledRunnerTakesStoppedProcessesWithIt) {
  const Order order = scene("2.1 hang\n", "1-3");
  pause_at(order, 2);
  const std::string mark = [&] {
    production_.reset();
    RunnerProcess runner(root());
    const auto mark_of_workers = [&] {
      const Json json = Json::parse(test::read_file(queue().workers()), nullptr, false);
      return json.is_object() ? json.value("mark", "") : "";
    };
    EXPECT_TRUE(runner.wait_until([&] {
      const auto seen = read_order(queue(), order.id);
      return seen && seen->ledger.frame(2)->state == FrameState::running;
    }));
    ask(RequestKind::pause, order, {{"now", true}});
    EXPECT_TRUE(runner.wait_until([&] {
      const auto seen = read_order(queue(), order.id);
      return seen && seen->ledger.state() == OrderState::paused;
    }));
    std::string found = mark_of_workers();
    EXPECT_TRUE(runner.kill());
    return found;
  }();
  reopen();
  ask(RequestKind::resume, order);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_TRUE(processes_with_mark(mark).empty());
  EXPECT_EQ(frame(order, 2).attempt, 2U);
}

}  // namespace
}  // namespace souschef::core
