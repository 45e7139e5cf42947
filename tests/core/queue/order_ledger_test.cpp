// SPDX-License-Identifier: MIT
#include "core/queue/order_ledger.hpp"

#include <random>

#include <gtest/gtest.h>

#include "core/base/json_text.hpp"
#include "core/queue/frame_rows.hpp"

namespace souschef::core {
namespace {

Order order_of(const std::string& frames) {
  Order order;
  order.id = "01J00000000000000000000001";
  order.name = "fisk";
  order.frames = *FrameRange::parse(frames);
  return order;
}

void apply(OrderLedger& ledger, Json event) {
  event["at"] = 1700000000000;
  const Status applied = ledger.apply(event);
  ASSERT_TRUE(applied) << applied.error().line();
}

Json file(const std::string& path, int size = 1000) {
  return {{"path", path}, {"size", size}, {"hash", std::string(64, 'b')}};
}
Json start(int frame, int attempt) {
  return {{"event", "start"}, {"frame", frame}, {"attempt", attempt}, {"slot", "cpu"}};
}
Json done(int frame, int attempt) {
  return {{"event", "done"}, {"frame", frame}, {"attempt", attempt},
          {"ms", 1500},      {"mib", 300},     {"files", {file("p_000" + std::to_string(frame) + ".png")}}};
}
Json failed(int frame, int attempt, bool final) {
  return {{"event", "failed"}, {"frame", frame}, {"attempt", attempt}, {"final", final}, {"why", "no"}};
}

TEST(OrderLedger, FrameIsDone) {
  OrderLedger ledger(order_of("1-3"));
  apply(ledger, start(2, 1));
  EXPECT_EQ(ledger.frame(2)->state, FrameState::running);
  apply(ledger, done(2, 1));
  EXPECT_EQ(ledger.frame(2)->state, FrameState::done);
  EXPECT_EQ(ledger.frame(2)->files.size(), 1U);
  EXPECT_EQ(ledger.counts(), (FrameCounts{.todo = 2, .done = 1}));
  EXPECT_EQ(ledger.spent_ms(), 1500U);
}

TEST(OrderLedger, FailureThatIsNotFinalIsTriedAgain) {
  OrderLedger ledger(order_of("1"));
  apply(ledger, start(1, 1));
  apply(ledger, failed(1, 1, false));
  EXPECT_EQ(ledger.frame(1)->state, FrameState::todo);
  EXPECT_EQ(ledger.frame(1)->tries, 1U);
  apply(ledger, start(1, 2));
  apply(ledger, failed(1, 2, true));
  EXPECT_EQ(ledger.frame(1)->state, FrameState::failed);
}

TEST(OrderLedger, ResultOfAnAttemptThatWasGivenUpIsDiscarded) {
  OrderLedger ledger(order_of("1"));
  apply(ledger, start(1, 1));
  apply(ledger, {{"event", "redo"}, {"frames", "1"}});
  apply(ledger, done(1, 1));
  EXPECT_EQ(ledger.frame(1)->state, FrameState::todo);
  EXPECT_TRUE(ledger.frame(1)->files.empty());
}

TEST(OrderLedger, ResultThatComesTwiceCountsOnce) {
  OrderLedger ledger(order_of("1"));
  apply(ledger, start(1, 1));
  apply(ledger, done(1, 1));
  apply(ledger, done(1, 1));
  apply(ledger, failed(1, 1, true));
  EXPECT_EQ(ledger.counts(), (FrameCounts{.done = 1}));
  EXPECT_EQ(ledger.spent_ms(), 1500U);
}

TEST(OrderLedger, LostAttemptThatIsNobodysFaultDoesNotCount) {
  OrderLedger ledger(order_of("1"));
  apply(ledger, start(1, 1));
  apply(ledger, {{"event", "lost"}, {"frame", 1}, {"attempt", 1}, {"counted", false}});
  EXPECT_EQ(ledger.frame(1)->tries, 0U);
  EXPECT_EQ(ledger.frame(1)->attempt, 1U);
}

TEST(OrderLedger, RedoClearsWhatWas) {
  OrderLedger ledger(order_of("1-2"));
  apply(ledger, start(1, 1));
  apply(ledger, done(1, 1));
  apply(ledger, {{"event", "redo"}, {"frames", "1"}});
  EXPECT_EQ(ledger.counts(), (FrameCounts{.todo = 2}));
  EXPECT_EQ(ledger.spent_ms(), 0U);
  EXPECT_EQ(ledger.frame(1)->tries, 0U);
}

TEST(OrderLedger, AcceptedFailureCountsAsSkipped) {
  OrderLedger ledger(order_of("1"));
  apply(ledger, start(1, 1));
  apply(ledger, failed(1, 1, true));
  apply(ledger, {{"event", "accept"}, {"frames", "1"}});
  EXPECT_EQ(ledger.frame(1)->state, FrameState::skipped);
  EXPECT_EQ(ledger.frame(1)->flags, kAccepted);
}

TEST(OrderLedger, TransitionsFollowTheTable) {
  OrderLedger ledger(order_of("1"));
  apply(ledger, {{"event", "order"}, {"what", "complete"}});
  EXPECT_EQ(ledger.state(), OrderState::queued);
  apply(ledger, {{"event", "order"}, {"what", "prepare"}});
  EXPECT_EQ(ledger.state(), OrderState::preparing);
}

TEST(OrderLedger, OrderSubmittedPausedIsPaused) {
  Order order = order_of("1");
  order.paused = true;
  EXPECT_EQ(OrderLedger(order).state(), OrderState::paused);
}

TEST(OrderLedger, UnknownEventsAndFramesChangeNothing) {
  OrderLedger ledger(order_of("1"));
  const OrderLedger before = ledger;
  apply(ledger, {{"event", "from the future"}, {"frame", 1}});
  apply(ledger, start(77, 1));
  apply(ledger, {{"event", "start"}});
  EXPECT_EQ(ledger, before);
}

TEST(OrderLedger, FramesOfAnotherBootAreSuspect) {
  OrderLedger ledger(order_of("1-2"));
  apply(ledger, {{"event", "begin"}, {"boot", "a"}});
  apply(ledger, start(1, 1));
  apply(ledger, done(1, 1));
  apply(ledger, {{"event", "begin"}, {"boot", "a"}});
  EXPECT_TRUE(ledger.suspect().empty());
  apply(ledger, {{"event", "begin"}, {"boot", "b"}});
  EXPECT_EQ(ledger.suspect(), std::set<std::int32_t>{1});
  apply(ledger, {{"event", "settled"}});
  EXPECT_TRUE(ledger.suspect().empty());
}

TEST(OrderLedger, RequestsAreRemembered) {
  OrderLedger ledger(order_of("1"));
  apply(ledger, {{"event", "set"}, {"priority", 80}, {"request", "R1"}});
  EXPECT_TRUE(ledger.answered("R1"));
  EXPECT_EQ(ledger.priority(), 80);
}

// Whatever has happened: the account gives an equal ledger, and goes on like the original.
TEST(OrderLedger, AccountIsComplete) {
  std::mt19937 chance(1);
  const auto pick = [&](int bound) { return static_cast<int>(chance() % static_cast<unsigned>(bound)); };
  for (int round = 0; round < 40; ++round) {
    const Order order = order_of("-3-700");
    OrderLedger ledger(order);
    const auto random_event = [&]() -> Json {
      const int frame = pick(20) - 3;
      const FrameRecord* record = ledger.frame(frame);
      const int attempt = static_cast<int>(record->attempt);
      switch (pick(14)) {
        case 0:
          return {{"event", "begin"}, {"boot", pick(2) == 0 ? "a" : "b"}};
        case 1:
          return {{"event", "redo"},
                  {"frames", std::to_string(frame)},
                  {"request", "R" + std::to_string(pick(9))}};
        case 2:
          return {{"event", "accept"}, {"frames", std::to_string(frame)}};
        case 3:
          return {
              {"event", "order"}, {"what", name_of(static_cast<OrderEvent>(pick(15)))}, {"why", "because"}};
        case 4:
          return {
              {"event", "set"}, {"priority", pick(100)}, {"position", pick(1000)}, {"urgent", pick(2) == 0}};
        case 5:
          return {{"event", "stage"},
                  {"stage", "s" + std::to_string(pick(2))},
                  {"what", pick(2) == 0 ? "start" : "done"},
                  {"attempt", 1},
                  {"outputs", {file("/x.mp4")}}};
        case 6:
          return {{"event", "opened"}, {"root", "/out"}, {"facts", {{"fps_base", 1.001}}}};
        case 7:
          return {{"event", "settled"}};
        case 8:
          return failed(frame, attempt, pick(2) == 0);
        case 9:
          return {{"event", "unplaced"}, {"frame", frame}, {"attempt", attempt}, {"why", "full"}};
        case 10:
          return done(frame, attempt);
        case 11:
          return {{"event", "skipped"}, {"frame", frame}, {"why", "there"}};
        default:
          return start(frame, attempt + 1);
      }
    };
    for (int i = 0; i < 120; ++i) apply(ledger, random_event());
    OrderLedger copy(order);
    ASSERT_TRUE(copy.apply({{"event", "begin"}, {"boot", "a"}}));
    OrderLedger original = ledger;
    apply(original, {{"event", "begin"}, {"boot", "a"}});
    for (const Json& event : ledger.events()) ASSERT_TRUE(copy.apply(event));
    if (original.suspect() == ledger.suspect()) {
      EXPECT_EQ(copy, original) << round;
    }
  }
}

TEST(OrderLedger, AccountOfManyFramesIsSmall) {
  OrderLedger ledger(order_of("1-10000"));
  for (int frame = 1; frame <= 10000; ++frame) {
    apply(ledger, {{"event", "start"}, {"frame", frame}, {"attempt", 1}, {"slot", "gpu-0"}});
    const std::string number = std::to_string(100000 + frame).substr(1);
    apply(ledger, {{"event", "done"},
                   {"frame", frame},
                   {"attempt", 1},
                   {"ms", 123456},
                   {"mib", 23456},
                   {"files", {file("comp/shot_" + number + ".png", 12345678)}}});
  }
  apply(ledger, {{"event", "settled"}});
  std::size_t bytes = 0;
  for (const Json& event : ledger.events()) bytes += json_text(event).size() + 40;
  EXPECT_LE(bytes, 100U * 10000);
}

TEST(FramePattern, NumberStandsForItself) {
  for (const auto& [path, frame] : std::vector<std::pair<std::string, int>>{{"p_0017.png", 17},
                                                                            {"comp/17/p_0017_17.png", 17},
                                                                            {"p_-0005.png", -5},
                                                                            {"x0.png", 0},
                                                                            {"10000.exr", 10000},
                                                                            {"no number.png", 3},
                                                                            {"a_7_b.png", 7},
                                                                            {"p_-0005.png", 5},
                                                                            {"0007/img.png", 7}}) {
    const std::string pattern = frame_pattern(path, frame);
    EXPECT_EQ(path_from_pattern(pattern, frame), path);
  }
  EXPECT_EQ(path_from_pattern(frame_pattern("p_0017.png", 17), 9), "p_0009.png");
  EXPECT_EQ(path_from_pattern(frame_pattern("p_-0005.png", -5), 12), "p_0012.png");
}

TEST(FrameRows, DamagedRowsAreCorrupt) {
  const Json good =
      frame_rows(std::vector<FrameRecord>{{.frame = 1, .state = FrameState::done, .attempt = 1}});
  ASSERT_TRUE(frames_from_rows(good));
  for (const Json& row : {Json(3), Json::array(), Json{1, 9, 1, 1, 1, 1, 1, 0}, Json{1, 1, 1, 1, 1, 1, 1, 5},
                          Json{1, 1, 1, 1, 1, 1, 1, 0, 0, 5, "short"}, Json{1, "x", 1, 1, 1, 1, 1, 0}}) {
    Json bad = good;
    bad["rows"] = {row};
    EXPECT_FALSE(frames_from_rows(bad)) << row;
  }
}

}  // namespace
}  // namespace souschef::core
