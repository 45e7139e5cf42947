// SPDX-License-Identifier: MIT
#include "core/rendering/render_events.hpp"

#include <gtest/gtest.h>

#include "core/base/ulid.hpp"
#include "core/events/event_cursor.hpp"
#include "core/queue/order_names.hpp"
#include "core/queue/queue_writer.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

using namespace std::chrono_literals;

struct Shown final : RenderObserver {
  int orders_ended = 0, frames_failed = 0, slots_lost = 0, warnings = 0, overtakings = 0;
  void overtaken(std::string_view) override { ++overtakings; }
  void order_ended(const OrderNow&) override { ++orders_ended; }
  void frame_failed(const AttemptNow&, std::string_view, bool, std::string_view) override { ++frames_failed; }
  void slot_lost(std::string_view, std::string_view) override { ++slots_lost; }
  void warning(const Error&) override { ++warnings; }
};

class RenderEventsTest : public testing::Test {
 protected:
  RenderEventsTest() {
    order_.id = "01J00000000000000000000001";
    order_.name = "fisk";
    order_.frames = *FrameRange::parse("1-4");
    ledger_.emplace(order_);
  }
  void apply(Json event) {
    event["at"] = at_;
    const Status applied = ledger_->apply(event);
    ASSERT_TRUE(applied) << applied.error().line();
  }
  void state(const char* what, const char* why = "") {
    apply({{"event", "order"}, {"what", what}, {"why", why}});
  }
  void begin() {
    state("prepare");
    state("render");
    apply({{"event", "opened"}, {"root", (folder_ / "out").string()}, {"facts", Json::object()}});
  }
  void frame_done(int frame, const std::string& name) {
    apply({{"event", "start"}, {"frame", frame}, {"attempt", 1}, {"slot", "cpu"}});
    apply({{"event", "done"},
           {"frame", frame},
           {"attempt", 1},
           {"ms", 10},
           {"files", {{{"path", name}, {"size", 9}, {"hash", std::string(64, 'b')}}}}});
    events_.frame_done(attempt(frame));
  }
  void frame_failed(int frame, bool final) {
    apply({{"event", "start"}, {"frame", frame}, {"attempt", 1}, {"slot", "cpu"}});
    apply({{"event", "failed"}, {"frame", frame}, {"attempt", 1}, {"final", final}, {"why", "no"}});
    events_.frame_failed(attempt(frame), "no", final, "");
  }
  AttemptNow attempt(int frame) { return {now(), frame, 1, "cpu", 1}; }
  OrderNow now() { return {order_, *ledger_, 1}; }
  // What is in the log, by name.
  std::vector<Event> told() {
    std::vector<Event> all;
    EventReader reader(log_);
    for (auto event = reader.peek(); event && *event; event = reader.peek()) {
      all.push_back(**event);
      reader.pass();
      clock_.advance(1ms);
    }
    return all;
  }
  std::vector<std::string> names() {
    std::vector<std::string> list;
    for (const Event& event : told()) list.push_back(event.name);
    return list;
  }

  test::TempFolder folder_;
  test::FakeClock clock_;
  EventLog log_{folder_ / "events", store::FileSystem::real(), clock_};
  QueueFolder queue_{folder_ / "queue"};
  Shown shown_;
  RenderEvents events_{shown_, log_, {.queue = queue_, .stall = 10min}};
  Order order_;
  std::optional<OrderLedger> ledger_;
  std::int64_t at_ = 1'700'000'000'000;
};

using Names = std::vector<std::string>;

TEST_F(RenderEventsTest, OrderFromItsBeginningToItsEnd) {
  events_.order_started(now());
  begin();
  for (int frame = 1; frame <= 4; ++frame) frame_done(frame, "0001.png");
  at_ += 64 * 60 * 1000;
  state("finish");
  state("complete");
  events_.order_ended(now());
  ASSERT_EQ(names(), (Names{"order_started", "order_done"}));
  const Event done = told()[1];
  EXPECT_EQ(done.message, "fisk is done: 4 frames in 1 h 4 min");
  EXPECT_EQ(done.order.name, "fisk");
  EXPECT_EQ(done.data.at("seconds"), 64 * 60);
  EXPECT_EQ(done.data.at("thumbnail"), (folder_ / "out/0001.png").string());
  EXPECT_EQ(shown_.orders_ended, 1);
}

TEST_F(RenderEventsTest, OrderThatGoesOnHasNotStartedAnew) {
  begin();
  frame_done(1, "0001.exr");
  state("requeue");
  events_.order_started(now());
  EXPECT_EQ(names(), Names{});
}

TEST_F(RenderEventsTest, RawPicturesAreNoThumbnail) {
  begin();
  for (int frame = 1; frame <= 4; ++frame) frame_done(frame, "0001.exr");
  state("finish");
  state("complete");
  events_.order_ended(now());
  EXPECT_FALSE(told().back().data.contains("thumbnail"));
}

TEST_F(RenderEventsTest, FailedStageIsToldBeforeTheFailedOrder) {
  begin();
  apply({{"event", "stage"}, {"stage", "preview"}, {"what", "failed"}, {"attempt", 2}, {"why", "no ffmpeg"}});
  state("fail", "the stage preview failed");
  events_.order_ended(now());
  ASSERT_EQ(names(), (Names{"stage_failed", "order_failed"}));
  EXPECT_EQ(told()[0].data.at("reason"), "no ffmpeg");
}

// OpenCue#881: no mail when every frame had died.
TEST_F(RenderEventsTest, AllFramesFailedIsToldOnceAndBeforeTheEnd) {
  begin();
  frame_failed(1, true);
  frame_failed(2, true);
  EXPECT_EQ(names(), (Names{"frame_failed", "frame_failed"}));
  frame_failed(3, true);
  frame_failed(4, true);
  EXPECT_EQ(names(),
            (Names{"frame_failed", "frame_failed", "frame_failed", "all_frames_failed", "frame_failed"}));
  EXPECT_EQ(shown_.frames_failed, 4);
}

TEST_F(RenderEventsTest, OneGoodFrameAndTheyHaveNotAllFailed) {
  begin();
  frame_done(1, "0001.png");
  for (int frame = 2; frame <= 4; ++frame) frame_failed(frame, true);
  EXPECT_EQ(names(), (Names{"frame_failed", "frame_failed", "frame_failed"}));
}

TEST_F(RenderEventsTest, AttemptThatIsMadeAgainIsNoEvent) {
  begin();
  frame_failed(1, false);
  EXPECT_EQ(names(), Names{});
}

TEST_F(RenderEventsTest, StallIsToldOnceUntilAFrameComes) {
  events_.order_started(now());
  begin();
  clock_.advance(11min);
  frame_failed(1, false);
  frame_failed(2, false);
  EXPECT_EQ(names(), (Names{"order_started", "stalled"}));
  frame_done(1, "0001.png");
  clock_.advance(11min);
  frame_failed(2, false);
  EXPECT_EQ(names(), (Names{"order_started", "stalled", "stalled"}));
}

TEST_F(RenderEventsTest, EmptyQueueIsToldOnlyAfterWork) {
  events_.waiting("the queue is empty");
  begin();
  state("fail", "so");
  events_.order_ended(now());
  events_.waiting("the queue is empty");
  events_.waiting("the queue is empty");
  EXPECT_EQ(names(), (Names{"order_failed", "queue_empty"}));
}

TEST_F(RenderEventsTest, OvertakenRunnerHasStoppedAndTheEmptyQueueIsNotItsOwn) {
  begin();
  for (int frame = 1; frame <= 4; ++frame) frame_done(frame, "0001.png");
  state("finish");
  state("complete");
  events_.order_ended(now());
  events_.overtaken("somebody took over as number 7");
  events_.waiting(kQueueEmpty);
  ASSERT_EQ(names(), (Names{"order_done", "runner_stopped"}));
  EXPECT_EQ(told().back().data.at("reason"), "somebody took over as number 7");
  EXPECT_EQ(shown_.overtakings, 1);
}

TEST_F(RenderEventsTest, OrderThatWaitsForAFailedOneIsHeld) {
  ASSERT_TRUE(make_queue_folder(queue_));
  Order child = order_;
  child.id = new_ulid();
  child.name = "hake";
  child.after = {order_.id};
  ASSERT_TRUE(drop_request(queue_, make_order_request(child)));
  begin();
  state("fail", "so");
  events_.order_ended(now());
  ASSERT_EQ(names(), (Names{"order_failed", "order_held"}));
  EXPECT_EQ(told()[1].order.name, "hake");
  EXPECT_EQ(told()[1].message, "hake waits: fisk, which it comes after, failed");
}

TEST_F(RenderEventsTest, NearlyFullDiskIsToldOnce) {
  std::filesystem::create_directories(folder_ / "out");
  RenderEvents events(shown_, log_, {.queue = queue_, .keep_free = std::uint64_t{1} << 60});
  begin();
  for (int frame = 1; frame <= 3; ++frame) {
    clock_.advance(2min);
    events.frame_done(attempt(frame));
  }
  EXPECT_EQ(names(), Names{"disk_low"});
}

TEST_F(RenderEventsTest, LostSlotIsToldWithItsNameAndReason) {
  events_.slot_lost("gpu-3f9a12cd", "its device is gone");
  ASSERT_EQ(names(), Names{"slot_lost"});
  EXPECT_EQ(told()[0].data["slot"], "gpu-3f9a12cd");
  EXPECT_EQ(told()[0].data["reason"], "its device is gone");
  EXPECT_EQ(shown_.slots_lost, 1);
}

TEST_F(RenderEventsTest, LogThatCannotBeWrittenIsAWarningOnce) {
  folder_.write("events", "not a folder");
  events_.started(1);
  events_.started(1);
  EXPECT_EQ(shown_.warnings, 1);
}

}  // namespace
}  // namespace souschef::core
