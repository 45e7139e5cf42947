// SPDX-License-Identifier: MIT
// Windows that end and machines that others need, in the middle of frames.
#include <ctime>

#include "tests/core/rendering/null_fixture.hpp"

namespace souschef::core {
namespace {

// Time since boot that only goes on when it is asked for, ten seconds each; the wall's clock as the test
// says.
class Clock final : public store::Clock {
 public:
  [[nodiscard]] std::chrono::nanoseconds since_boot() const override {
    return fast ? std::chrono::seconds(1000 + 10 * ++asked_) : store::Clock::real().since_boot();
  }
  [[nodiscard]] std::chrono::nanoseconds since_1970() const override { return std::chrono::seconds(wall); }
  // 2026-11-19, a Thursday, at this time in London.
  void show(int hour, int minute) { wall = 1795046400 + hour * 3600 + minute * 60; }
  std::atomic<std::time_t> wall{0};
  std::atomic<bool> fast{false};

 private:
  mutable std::atomic<int> asked_{0};
};

class Schedule : public NullRenderer {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    NullRenderer::SetUp();
    clock_.show(23, 0);
  }
  void TearDown() override {
    ::unsetenv("TZ");
    ::tzset();
  }
  RenderOptions at_night() {
    RenderOptions options;
    options.clock = &clock_;
    options.windows = {"22:00-06:00"};
    return options;
  }
  Clock clock_;
};

TEST_F(Schedule, FrameStandsStillUntilTheNextWindow) {
  const Order order = scene("2 " + after_gate(), "1-3");
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.frame == 2) clock_.show(6, 0);
  };
  RenderOptions options = at_night();
  options.stop = [&] {
    if (listener_.count("frame_suspended 2") > 0) {
      open_gate();
      clock_.show(22, 0);
    }
    return StopWish::none;
  };
  EXPECT_EQ(run(options).orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_suspended 2: until 22:00"), 1U) << listener_.text();
  EXPECT_EQ(listener_.count("waiting until 22:00"), 1U);
  EXPECT_EQ(frame(order, 2).attempt, 1U);
}

TEST_F(Schedule, FrameIsFinishedWhereTheConfigSaysSo) {
  configure_slots("[schedule]\nat_end = \"finish\"\n");
  scene("2 slow 0.5\n", "1-3");
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.frame == 2) clock_.show(6, 0);
  };
  RenderOptions options = at_night();
  options.stop = [&] {
    return listener_.count("frame_done 2") > 0 ? StopWish::after_frames : StopWish::none;
  };
  EXPECT_EQ(run(options).frames_done, 2U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_suspended"), 0U);
  EXPECT_EQ(listener_.count("frame_started"), 2U);
}

TEST_F(Schedule, NothingBeginsOutsideOfTheWindows) {
  clock_.show(12, 0);
  scene("", "1-3");
  RenderOptions options = at_night();
  options.stop = [&] {
    return listener_.count("waiting until 22:00") > 0 ? StopWish::after_frames : StopWish::none;
  };
  EXPECT_EQ(run(options).orders_left, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("order_started"), 0U);
}

TEST_F(Schedule, WindowsOfTheConfigCount) {
  clock_.show(12, 0);
  configure_slots("[schedule]\nwindows = [\"mo-fr 22:00-06:00\"]\n");
  scene("", "1-3");
  RenderOptions options;
  options.clock = &clock_;
  options.stop = [&] { return listener_.count("waiting until 22:00") > 0 ? StopWish::now : StopWish::none; };
  EXPECT_EQ(run(options).orders_left, 1U) << listener_.text();
}

TEST_F(Schedule, WindowThatIsNoneIsRefusedBeforeAnythingBegins) {
  RenderOptions options;
  options.windows = {"at night"};
  const auto refused = render(*production_, options, listener_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::usage);
}

TEST_F(Schedule, MachineThatOthersNeedSuspendsAndGoesOnWhenItIsQuiet) {
  const Order order = scene("2 " + after_gate(), "1-3");
  RenderOptions options;
  clock_.fast = true;
  options.clock = &clock_;
  options.lease_expiry = std::chrono::hours(1000);
  options.busy = 1.5;
  options.others_load = [&]() -> std::optional<double> {
    const bool busy = listener_.count("frame_started 2") > 0 && listener_.count("frame_suspended 2") == 0;
    if (listener_.count("frame_suspended 2") > 0) open_gate();
    return busy ? 3.0 : 0.2;
  };
  EXPECT_EQ(run(options).orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_suspended 2: other programs use 3.0 cores"), 1U) << listener_.text();
  EXPECT_EQ(frame(order, 2).attempt, 1U);
}

}  // namespace
}  // namespace souschef::core
