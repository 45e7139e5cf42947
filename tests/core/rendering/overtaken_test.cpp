// SPDX-License-Identifier: MIT
// A runner that loses the queue to another one while it works: it stops, says so, and touches nothing that is
// the other's now.
#include <signal.h>

#include <fstream>

#include "core/base/process.hpp"
#include "core/base/process_identity.hpp"
#include "core/production/render_folders.hpp"
#include "tests/core/rendering/null_fixture.hpp"
#include "tests/support/fake_clock.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

class Overtaken : public NullRenderer {
 protected:
  // What a later runner leaves first. Ours need not be able to read it: the number is the fence.
  void overtake() const { std::ofstream(queue().leases() / "runner.99") << "somebody else's\n"; }
  void overtake_at(std::int32_t number) {
    listener_.on_frame_started = [this, number](const AttemptNow& now) {
      if (now.frame == number) overtake();
    };
  }
  Error end_of_run(const RenderOptions& options = {}) {
    const auto summary = render(*production_, options, listener_);
    EXPECT_FALSE(summary) << listener_.text();
    return summary ? Error(ErrorCode::failed, "it went on") : summary.error();
  }
  // Watches until the queue is empty; `busy`: asked several times a second, true: not yet. Time passes only
  // while it stands by.
  RenderSummary watch_until_empty(const std::function<bool()>& busy = {}) {
    RenderOptions options;
    options.watch = true;
    options.clock = &clock_;
    options.stop = [&] {
      if (!listener_.holds_queue) clock_.advance(std::chrono::seconds(20));
      const bool empty = !listener_.lines.empty() && listener_.lines.back() == "waiting the queue is empty";
      const bool goes_on = busy && busy();
      return empty && !goes_on ? StopWish::after_frames : StopWish::none;
    };
    return run(options);
  }

  test::FakeClock clock_;
};

TEST_F(Overtaken, RunnerAtWorkStopsAndSaysSo) {
  scene("", "1-100");
  overtake_at(3);
  const Error error = end_of_run();
  EXPECT_EQ(error.code, ErrorCode::locked);
  EXPECT_NE(error.what.find("this runner has stopped"), std::string::npos) << error.line();
  EXPECT_NE(error.line().find("somebody took over as number 99"), std::string::npos) << error.line();
  EXPECT_NE(error.next.find("souschef status"), std::string::npos) << error.next;
}

// The frame was rendered and could not be journaled: it counted as under way for ever, and the runner waited
// for it.
TEST_F(Overtaken, FrameThatCannotBeJournaledHoldsNobodyUp) {
  const Order order = scene("", "1-100");
  overtake_at(3);
  EXPECT_EQ(end_of_run().code, ErrorCode::locked);
  EXPECT_EQ(listener_.count("warning something did not end"), 0U) << listener_.text();
  EXPECT_EQ(frame(order, 3).state, FrameState::running) << "the other one finds it as it was";
}

TEST_F(Overtaken, RendererThatHangsIsEnded) {
  scene("2 hang\n", "1-3");
  overtake_at(2);
  EXPECT_EQ(end_of_run().code, ErrorCode::locked);
  EXPECT_EQ(listener_.count("warning something did not end"), 0U) << listener_.text();
  EXPECT_TRUE(processes_with_mark(process_mark()).empty());
}

TEST_F(Overtaken, FramesOfTheOtherRunnerStayWhereTheyAre) {
  const Order order = scene("", "1-100");
  std::string theirs;
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.frame != 3) return;
    const fs::path folder = attempt_folder(now.of.ledger.root(), order.id, 3, 2);
    fs::create_directories(folder);
    theirs = (folder / "frame.bmp").string();
    std::ofstream(theirs) << "half a picture";
    overtake();
  };
  EXPECT_EQ(end_of_run().code, ErrorCode::locked);
  ASSERT_FALSE(theirs.empty());
  EXPECT_TRUE(fs::exists(theirs)) << listener_.text();
}

// The other one is silent from the start: it counts as dead as soon as the clock of the test says so.
TEST_F(Overtaken, WatchingRunnerStandsByAndTakesTheQueueAgain) {
  const Order order = scene("", "1-6");
  overtake_at(3);
  const RenderSummary summary = watch_until_empty();
  EXPECT_EQ(listener_.count("overtaken somebody took over as number 99"), 1U) << listener_.text();
  EXPECT_GE(listener_.count("waiting standing by: "), 1U) << listener_.text();
  EXPECT_EQ(summary.end, RenderEnd::stopped);
  EXPECT_EQ(summary.orders_done, 1U) << listener_.text();
  EXPECT_EQ(summary.frames_done, 6U) << "of both times";
  EXPECT_EQ(frame(order, 3).attempt, 2U);
  // The next frame begins while the last one is looked at: what was not written down in time is done again.
  EXPECT_EQ(frame(order, 1).attempt, 1U);
  for (const std::int32_t number : {2, 4, 5, 6}) EXPECT_LE(frame(order, number).attempt, 2U) << number;
}

TEST_F(Overtaken, WatchingRunnerThatHasNothingToDoStandsByToo) {
  const RenderSummary summary = watch_until_empty([this] {
    const bool first_time = listener_.count("overtaken ") == 0;
    if (first_time && listener_.count("waiting the queue is empty") > 0) overtake();
    return first_time;
  });
  EXPECT_EQ(summary.end, RenderEnd::stopped);
  EXPECT_EQ(listener_.count("overtaken "), 1U) << listener_.text();
  EXPECT_EQ(listener_.count("waiting the queue is empty"), 2U) << listener_.text();
}

TEST_F(Overtaken, WatchingRunnerThatStandsByCanBeStopped) {
  const Order order = scene("", "1-6");
  overtake_at(3);
  RenderOptions options;
  options.watch = true;
  options.stop = [this] {
    return listener_.count("waiting standing by: ") > 0 ? StopWish::after_frames : StopWish::none;
  };
  EXPECT_EQ(run(options).end, RenderEnd::stopped);
  EXPECT_EQ(frame(order, 3).state, FrameState::running) << "the other one's";
}

TEST_F(Overtaken, WatchingRunnerThatStandsByEndsWhenItsTimeIsOver) {
  scene("", "1-6");
  listener_.on_frame_started = [this](const AttemptNow&) { overtake(); };
  RenderOptions options;
  options.watch = true;
  options.run_for = std::chrono::milliseconds(1);
  EXPECT_EQ(run(options).end, RenderEnd::time_over);
}

// Nobody has taken the queue while the machine slept: it is taken again at once.
TEST_F(Overtaken, WatchingRunnerThatSleptAloneGoesOnAtOnce) {
  const Order order = scene("", "1-6");
  listener_.on_frame_started = [this](const AttemptNow& now) {
    if (now.frame == 3 && now.attempt == 1) clock_.advance(std::chrono::hours(8));
  };
  const RenderSummary summary = watch_until_empty();
  EXPECT_EQ(listener_.count("overtaken this machine slept"), 1U) << listener_.text();
  EXPECT_EQ(listener_.count("waiting standing by: "), 0U) << listener_.text();
  EXPECT_EQ(summary.frames_done, 6U);
  EXPECT_EQ(frame(order, 3).attempt, 2U);
}

TEST_F(Overtaken, StandbyTakesOverFromARunnerThatStandsStillAndThatOneStandsByWhenItWakes) {
  const Order order = scene("3.1 hang\n", "1-6");
  RunnerProcess sleeper(root(), {"watch"});
  ASSERT_TRUE(sleeper.wait_until([&] {
    const auto seen = read_order(queue(), order.id);
    return seen && seen->ledger.frame(3)->state == FrameState::running;
  }));
  ASSERT_EQ(::kill(sleeper.pid(), SIGSTOP), 0);

  const RenderSummary summary = watch_until_empty([&] {
    // The sleeper has the device: it gives it back when it sees that it was overtaken.
    if (listener_.count("order_started") > 0) ::kill(sleeper.pid(), SIGCONT);
    return false;
  });
  EXPECT_TRUE(listener_.lines.front().starts_with("waiting standing by: ")) << listener_.text();
  EXPECT_EQ(summary.orders_done, 1U) << listener_.text();
  EXPECT_EQ(frame(order, 3).attempt, 2U);
  // Those before may have been rendered and not yet journaled when it fell asleep.
  for (const std::int32_t number : {4, 5, 6}) EXPECT_EQ(frame(order, number).attempt, 1U) << number;
  EXPECT_EQ(view(order).ledger.counts().done, 6U);

  const Order next = scene("", "1-3");
  EXPECT_TRUE(sleeper.wait_until([&] {
    const auto seen = read_order(queue(), next.id);
    return seen && seen->ledger.state() == OrderState::done;
  })) << "it has the queue again";
}

}  // namespace
}  // namespace souschef::core
