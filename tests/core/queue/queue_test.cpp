// SPDX-License-Identifier: MIT
// The queue as a whole: requests in, journals, rows, another holder after a death.
#include <cstdlib>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/base/ulid.hpp"
#include "core/queue/order_names.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/queue/queue_writer.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fault_file_system.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

using namespace std::chrono_literals;

class Queue : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
    ASSERT_TRUE(make_queue_folder(queue_));
  }

  Order new_order(const std::string& frames = "1-5") {
    Order order;
    order.id = new_ulid();
    auto name = claim_order_name(queue_, order.id);
    EXPECT_TRUE(name);
    order.name = *name;
    order.entry = "a.blend";
    order.target = "lts";
    order.renderer = "null";
    order.frames = *FrameRange::parse(frames);
    return order;
  }
  Order submit(const std::string& frames = "1-5") {
    const Order order = new_order(frames);
    EXPECT_TRUE(drop_request(queue_, make_order_request(order)));
    return order;
  }
  void ask(RequestKind kind, const Order& order, Json arguments = Json::object()) {
    ASSERT_TRUE(drop_request(queue_, make_request(kind, order.id, std::move(arguments))));
  }

  std::unique_ptr<QueueDoor> door(const QueueFolder& queue) {
    auto opened = QueueDoor::open(queue, {.clock = &clock_, .lease_expiry = 30s});
    EXPECT_TRUE(opened);
    return std::move(*opened);
  }
  // What a command does that finds no runner.
  ApplyReport apply() {
    const auto way = door(queue_);
    auto writer = way->acquire("test");
    EXPECT_TRUE(writer) << (writer ? "" : writer.error().line());
    auto report = (*writer)->apply_inbox();
    EXPECT_TRUE(report) << (report ? "" : report.error().line());
    return std::move(*report);
  }
  OrderState state(const Order& order) {
    const auto view = read_order(queue_, order.id);
    EXPECT_TRUE(view) << (view ? "" : view.error().line());
    return view->ledger.state();
  }
  std::vector<OrderRow> listed() {
    auto list = list_orders(queue_);
    EXPECT_TRUE(list) << (list ? "" : list.error().line());
    return std::move(*list);
  }
  OrderRow row(const Order& order) {
    const auto list = listed();
    for (const OrderRow& each : list)
      if (each.id == order.id) return each;
    ADD_FAILURE() << "no row";
    return {};
  }

  test::TempFolder folder_;
  test::FakeClock clock_;
  QueueFolder queue_{folder_ / "queue"};
};

TEST_F(Queue, SubmittedOrderIsListedBeforeAnybodyTakesItIn) {
  const Order order = submit();
  EXPECT_TRUE(row(order).pending);
  EXPECT_EQ(row(order).counts.todo, 5U);
}

TEST_F(Queue, SubmittedOrderIsQueued) {
  const Order order = submit();
  EXPECT_EQ(apply().applied.size(), 1U);
  EXPECT_EQ(state(order), OrderState::queued);
  EXPECT_FALSE(row(order).pending);
  EXPECT_EQ(read_order(queue_, order.id)->order, order);
  EXPECT_TRUE(read_inbox(queue_)->requests.empty());
}

TEST_F(Queue, OrdersStandInTheOrderOfTheirComing) {
  const Order first = submit(), second = submit();
  apply();
  const auto list = listed();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].id, first.id);
  EXPECT_EQ(list[1].id, second.id);
}

TEST_F(Queue, PauseResumeCancel) {
  const Order order = submit();
  ask(RequestKind::pause, order);
  apply();
  EXPECT_EQ(state(order), OrderState::paused);
  ask(RequestKind::resume, order);
  apply();
  EXPECT_EQ(state(order), OrderState::queued);
  ask(RequestKind::cancel, order);
  apply();
  EXPECT_EQ(state(order), OrderState::cancelled);
}

TEST_F(Queue, RequestThatMeansNothingIsRefusedWithAReason) {
  const Order order = submit();
  ask(RequestKind::approve, order);
  const ApplyReport report = apply();
  ASSERT_EQ(report.refused.size(), 1U);
  EXPECT_NE(report.refused[0].error.what.find("queued"), std::string::npos);
  EXPECT_TRUE(read_inbox(queue_)->requests.empty());
}

TEST_F(Queue, RequestThatIsFoundAgainIsNotAppliedTwice) {
  const Order order = submit();
  const Request pause = make_request(RequestKind::pause, order.id);
  ASSERT_TRUE(drop_request(queue_, pause));
  apply();
  ask(RequestKind::resume, order);
  apply();
  ASSERT_TRUE(drop_request(queue_, pause));
  apply();
  EXPECT_EQ(state(order), OrderState::queued);
}

TEST_F(Queue, RequestForAnUnknownOrderWaitsAMinute) {
  Order order = new_order();
  ask(RequestKind::pause, order);
  const auto way = door(queue_);
  auto writer = way->acquire("test");
  ASSERT_TRUE(writer);
  EXPECT_EQ((*writer)->apply_inbox()->later, 1U);
  ASSERT_TRUE(drop_request(queue_, make_order_request(order)));
  EXPECT_EQ((*writer)->apply_inbox()->applied.size(), 2U);
  EXPECT_EQ(state(order), OrderState::paused);

  const Order never = new_order();
  ask(RequestKind::pause, never);
  EXPECT_EQ((*writer)->apply_inbox()->later, 1U);
  clock_.advance(61s);
  ASSERT_TRUE((*writer)->check() || true);
  EXPECT_EQ((*writer)->apply_inbox()->refused.size(), 1U);
}

TEST_F(Queue, MoveFirstLastAndBefore) {
  const Order a = submit(), b = submit(), c = submit();
  ask(RequestKind::move, c, {{"to", "first"}});
  ask(RequestKind::move, a, {{"to", "last"}});
  apply();
  const auto ids = [&] {
    std::vector<std::string> list;
    for (const OrderRow& each : listed()) list.push_back(each.id);
    return list;
  };
  EXPECT_EQ(ids(), (std::vector{c.id, b.id, a.id}));
  ask(RequestKind::move, a, {{"to", "before"}, {"before", b.id}});
  apply();
  EXPECT_EQ(ids(), (std::vector{c.id, a.id, b.id}));
  ask(RequestKind::set, b, {{"priority", 90}});
  apply();
  EXPECT_EQ(ids(), (std::vector{b.id, c.id, a.id}));
}

TEST_F(Queue, DeletedOrderIsGoneWithItsName) {
  const Order order = submit();
  apply();
  ask(RequestKind::remove, order);
  EXPECT_EQ(apply().removed, std::vector{order.id});
  EXPECT_TRUE(listed().empty());
  EXPECT_FALSE(find_order(queue_, order.name));
}

TEST_F(Queue, SecondHolderIsToldWhoHasIt) {
  const auto way = door(queue_), other = door(queue_);
  const auto writer = way->acquire("the first");
  ASSERT_TRUE(writer);
  const auto second = other->acquire("the second");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::locked);
}

TEST_F(Queue, HolderThatWasSucceededCannotWrite) {
  const Order order = submit();
  const auto way = door(queue_), other = door(queue_);
  auto writer = way->acquire("asleep");
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->apply_inbox());
  auto opened = (*writer)->open(order.id);
  ASSERT_TRUE(opened);
  EXPECT_FALSE(other->acquire("heir"));  // sees its counter
  clock_.advance(31s);
  ASSERT_TRUE(other->acquire("heir"));
  const auto recorded = (*writer)->record(**opened, OrderEvent::pause);
  ASSERT_FALSE(recorded);
  EXPECT_EQ(recorded.error().code, ErrorCode::locked);
  EXPECT_EQ(state(order), OrderState::queued);
}

TEST_F(Queue, AttemptsOfADeadHolderAreLostWithoutBlame) {
  const Order order = submit();
  {
    const auto way = door(queue_);
    auto writer = way->acquire("will die");
    ASSERT_TRUE((*writer)->apply_inbox());
    OpenOrder& open = **(*writer)->open(order.id);
    ASSERT_TRUE((*writer)->record(open, OrderEvent::prepare));
    ASSERT_TRUE((*writer)->record(open, OrderEvent::render));
    ASSERT_TRUE(
        (*writer)->record(open, Json{{"event", "start"}, {"frame", 3}, {"attempt", 1}, {"slot", "cpu"}}));
    ASSERT_TRUE((*writer)->update_row(open));
  }
  apply();
  const auto view = read_order(queue_, order.id);
  EXPECT_EQ(view->ledger.state(), OrderState::queued);
  EXPECT_EQ(view->ledger.frame(3)->state, FrameState::todo);
  EXPECT_EQ(view->ledger.frame(3)->tries, 0U);
  EXPECT_EQ(view->ledger.frame(3)->attempt, 1U);
}

TEST_F(Queue, FrameThatEndsEveryRunnerIsBlamedAtLast) {
  const Order order = submit();
  for (int death = 0; death < 30; ++death) {
    const auto way = door(queue_);
    auto writer = way->acquire("will die");
    ASSERT_TRUE((*writer)->apply_inbox());
    OpenOrder& open = **(*writer)->open(order.id);
    const FrameRecord& frame = *open.ledger.frame(3);
    if (frame.state == FrameState::failed) return;
    ASSERT_TRUE((*writer)->record(
        open, Json{{"event", "start"}, {"frame", 3}, {"attempt", frame.attempt + 1}, {"slot", "cpu"}}));
    ASSERT_TRUE((*writer)->update_row(open));
  }
  FAIL() << "the frame is still tried";
}

TEST_F(Queue, RowsMayBeDeletedAtAnyTime) {
  const Order a = submit(), b = submit();
  ask(RequestKind::cancel, b);
  apply();
  const auto before = listed();
  std::filesystem::remove(queue_.rows());
  EXPECT_EQ(listed(), before);
  ask(RequestKind::pause, a);
  apply();
  EXPECT_EQ(row(a).state, OrderState::paused);
  EXPECT_EQ(row(b).state, OrderState::cancelled);
}

TEST_F(Queue, LargeJournalIsCompacted) {
  const Order order = submit("1-400");
  const auto way = door(queue_);
  auto writer = way->acquire("test");
  ASSERT_TRUE((*writer)->apply_inbox());
  OpenOrder& open = **(*writer)->open(order.id);
  for (int round = 1; round <= 3; ++round)
    for (int frame = 1; frame <= 400; ++frame) {
      ASSERT_TRUE((*writer)->record(
          open, Json{{"event", "start"}, {"frame", frame}, {"attempt", round}, {"slot", "cpu"}}));
      ASSERT_TRUE((*writer)->record(
          open, Json{{"event", "failed"}, {"frame", frame}, {"attempt", round}, {"why", "x"}}));
    }
  const std::uint64_t before = open.position.bytes;
  ASSERT_TRUE((*writer)->sync());
  EXPECT_LT(open.position.bytes, before / 4);
  const auto view = read_order(queue_, order.id);
  ASSERT_TRUE(view) << view.error().line();
  EXPECT_EQ(view->ledger, open.ledger);
}

TEST_F(Queue, StatisticsStayWhenTheOrderGoes) {
  const Order order = submit("1-1");
  {
    const auto way = door(queue_);
    auto writer = way->acquire("test");
    ASSERT_TRUE((*writer)->apply_inbox());
    OpenOrder& open = **(*writer)->open(order.id);
    for (const auto event : {OrderEvent::prepare, OrderEvent::render})
      ASSERT_TRUE((*writer)->record(open, event));
    ASSERT_TRUE(
        (*writer)->record(open, Json{{"event", "start"}, {"frame", 1}, {"attempt", 1}, {"slot", "cpu"}}));
    ASSERT_TRUE((*writer)->record(open, Json{{"event", "done"}, {"frame", 1}, {"attempt", 1}, {"ms", 1234}}));
    for (const auto event : {OrderEvent::finish, OrderEvent::complete})
      ASSERT_TRUE((*writer)->record(open, event));
  }
  ask(RequestKind::remove, order);
  apply();
  EXPECT_NE(test::read_file(queue_.statistics()).find("\"median\":1234"), std::string::npos);
}

// The process ends at every single change of the disk, or the power goes: whoever comes after finds every
// order once, in a state that its requests lead to, and nothing of the inbox is lost.
class QueueCrash : public Queue, public ::testing::WithParamInterface<bool> {};

TEST_P(QueueCrash, AnyStepMayBeTheLast) {
  const bool power_cut = GetParam();
  const Order kept = submit(), paused = submit(), removed = submit();
  apply();
  ask(RequestKind::pause, paused);
  ask(RequestKind::remove, removed);
  const Order fresh = submit();
  ask(RequestKind::move, fresh, {{"to", "first"}});
  const QueueFolder prepared = queue_;
  for (std::uint64_t step = 1;; ++step) {
    const test::TempFolder folder;
    queue_ = {folder / "queue"};
    std::filesystem::copy(prepared.path, queue_.path, std::filesystem::copy_options::recursive);

    test::FaultFileSystem disk(folder.path());
    {
      const auto way = door({queue_.path, &disk});
      disk.die_at(step);
      if (auto writer = way->acquire("will die")) (void)(*writer)->apply_inbox();
    }
    const bool finished = !disk.died();
    if (power_cut) disk.lose_power(test::Loss::everything);

    const auto heir = door(queue_);
    auto writer = heir->acquire("heir");
    if (!writer) {
      clock_.advance(31s);
      writer = heir->acquire("heir");
    }
    ASSERT_TRUE(writer) << step << ": " << writer.error().line();
    const auto report = (*writer)->apply_inbox();
    ASSERT_TRUE(report) << step << ": " << report.error().line();
    std::set<std::string> ids;
    for (const OrderRow& each : listed()) {
      EXPECT_FALSE(each.pending) << step;
      EXPECT_TRUE(ids.insert(each.id).second) << step;
    }
    EXPECT_EQ(ids, (std::set{kept.id, paused.id, fresh.id})) << step;
    EXPECT_EQ(state(kept), OrderState::queued) << step;
    EXPECT_EQ(state(paused), OrderState::paused) << step;
    EXPECT_EQ(listed().front().id, fresh.id) << step;
    EXPECT_FALSE(find_order(queue_, removed.name)) << step;
    if (finished) {
      EXPECT_GT(step, 20U);
      break;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Both, QueueCrash, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "PowerCut" : "Death"; });

// ---------------------------------------------------------------------- a stage that was run alone

class QueueStage : public Queue {
 protected:
  // An order that is over, with one good frame.
  Order finished() {
    const Order order = submit("1");
    apply();
    const auto way = door(queue_);
    auto writer = way->acquire("test");
    auto opened = (*writer)->open(order.id);
    const auto record = [&](Json event) { EXPECT_TRUE((*writer)->record(**opened, std::move(event))); };
    for (const OrderEvent what : {OrderEvent::prepare, OrderEvent::render})
      EXPECT_TRUE((*writer)->record(**opened, what));
    record({{"event", "start"}, {"frame", 1}, {"attempt", 1}, {"slot", "cpu"}});
    record({{"event", "done"},
            {"frame", 1},
            {"attempt", 1},
            {"ms", 1},
            {"files", files_json({FileRecord{"0001.png", 3, Hash{}}})}});
    for (const OrderEvent what : {OrderEvent::finish, OrderEvent::complete})
      EXPECT_TRUE((*writer)->record(**opened, what));
    return order;
  }
  void made(const Order& order, const std::string& frames) {
    ask(RequestKind::stage, order,
        {{"stage", "preview"},
         {"summary", "1 frame"},
         {"ms", 5},
         {"outputs", files_json({FileRecord{"/out/fisk.mp4", 9, Hash{}}})},
         {"frames", frames}});
  }
};

TEST_F(QueueStage, OrderThatIsOverRemembersIt) {
  const Order order = finished();
  made(order, frames_fingerprint(read_order(queue_, order.id)->ledger).hex());
  EXPECT_TRUE(apply().refused.empty());
  const auto stages = read_order(queue_, order.id)->ledger.stages();
  ASSERT_EQ(stages.size(), 1U);
  EXPECT_EQ(stages[0].state, "done");
  EXPECT_EQ(stages[0].outputs.at(0).path, "/out/fisk.mp4");
  EXPECT_EQ(state(order), OrderState::done);
}

// A preview of yesterday's frames must not count as the stage of today's.
TEST_F(QueueStage, OtherFramesAreRefused) {
  const Order order = finished();
  made(order, std::string(64, '0'));
  EXPECT_EQ(apply().refused.size(), 1U);
  EXPECT_TRUE(read_order(queue_, order.id)->ledger.stages().empty());
}

TEST_F(QueueStage, OrderThatGoesOnRefusesIt) {
  const Order order = submit("1");
  apply();
  made(order, frames_fingerprint(read_order(queue_, order.id)->ledger).hex());
  EXPECT_EQ(apply().refused.size(), 1U);
}

}  // namespace
}  // namespace souschef::core
