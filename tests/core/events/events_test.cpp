// SPDX-License-Identifier: MIT
#include "core/events/events.hpp"

#include <fcntl.h>

#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "core/events/event_cursor.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fault_file_system.hpp"
#include "tests/support/temp_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using namespace std::chrono_literals;

class EventsTest : public testing::Test {
 protected:
  void append(const std::string& name, const std::string& message = "") {
    clock_.advance(1s);
    const auto appended = log_.append({.name = name, .message = message});
    ASSERT_TRUE(appended.has_value()) << appended.error().line();
  }
  // The names of everything that a reader gives from now on.
  static std::string drain(EventReader& reader) {
    std::string names;
    for (;;) {
      auto event = reader.peek();
      EXPECT_TRUE(event.has_value()) << event.error().line();
      if (!event || !*event) return names;
      names += (*event)->name + " ";
      reader.pass();
    }
  }
  fs::path only_file() {
    for (const auto& entry : fs::directory_iterator(folder_ / "events"))
      if (entry.path().extension() == ".jsonl") return entry.path();
    return {};
  }

  test::TempFolder folder_;
  test::FakeClock clock_;
  EventLog log_{folder_ / "events", store::FileSystem::real(), clock_};
};

TEST_F(EventsTest, AppendedEventComesBackWhole) {
  clock_.advance(1s);
  const auto sent = log_.append({.name = "order_done",
                                 .message = "fisk is done\nindeed",
                                 .order = {"01JC", "fisk"},
                                 .data = {{"frames", 250}}});
  ASSERT_TRUE(sent.has_value()) << sent.error().line();
  EventReader reader(log_);
  const auto read = reader.peek();
  ASSERT_TRUE(read.has_value() && read->has_value());
  EXPECT_EQ((*read)->json(), sent->json());
  EXPECT_EQ((*read)->message, "fisk is done indeed");
  EXPECT_EQ((*read)->order.name, "fisk");
  EXPECT_EQ((*read)->time, "2023-11-14T22:13:21.000Z");
}

TEST_F(EventsTest, UnknownNameIsRefused) {
  EXPECT_EQ(log_.append({.name = "order_dune", .message = ""}).error().code, ErrorCode::bad_input);
}

TEST_F(EventsTest, HugeDataIsCutAndTheLineStaysReadable) {
  const auto sent = log_.append(
      {.name = "stalled", .message = std::string(10'000, 'm'), .data = {{"x", std::string(1 << 20, 'x')}}});
  ASSERT_TRUE(sent.has_value());
  EventReader reader(log_);
  EXPECT_EQ((*reader.peek())->data, Json({{"cut", true}}));
}

TEST_F(EventsTest, ReaderGoesOnWhereItWas) {
  EventReader reader(log_);
  EXPECT_EQ(drain(reader), "");
  append("order_added");
  append("order_done");
  EXPECT_EQ(drain(reader), "order_added order_done ");
  append("queue_empty");
  EventReader later(log_, reader.places());
  EXPECT_EQ(drain(later), "queue_empty ");
}

TEST_F(EventsTest, PeekDoesNotPass) {
  append("order_added");
  append("order_done");
  EventReader reader(log_);
  EXPECT_EQ((*reader.peek())->name, "order_added");
  EXPECT_EQ((*reader.peek())->name, "order_added");
  reader.pass();
  EXPECT_EQ((*reader.peek())->name, "order_done");
}

TEST_F(EventsTest, EventsOfSeveralMachinesComeInOrderOfTime) {
  append("order_added");
  clock_.advance(10s);
  const std::string other =
      R"({"id":"01B","name":"stalled","time":"2023-11-14T22:13:25.000Z","host":"b","message":""})";
  folder_.write("events/2023-11.b-00000000.jsonl", other + "\n");
  append("order_done");
  EventReader reader(log_);
  EXPECT_EQ(drain(reader), "order_added stalled order_done ");
}

TEST_F(EventsTest, HalfALineIsNotReadUntilItIsWhole) {
  append("order_added");
  EventReader reader(log_);
  EXPECT_EQ(drain(reader), "order_added ");
  std::ofstream(only_file(), std::ios::app) << R"({"id":"1","name":"stalled",)";
  EXPECT_EQ(drain(reader), "");
  std::ofstream(only_file(), std::ios::app) << R"("time":"2023-11-14T22:13:25.000Z"})"
                                            << "\n";
  EXPECT_EQ(drain(reader), "stalled ");
}

TEST_F(EventsTest, LineThatAWriterLeftUnfinishedHidesNoOther) {
  append("order_added");
  std::ofstream(only_file(), std::ios::app) << R"({"id":"1","na)";
  append("order_done");
  EventReader reader(log_);
  EXPECT_EQ(drain(reader), "order_added order_done ");
}

TEST_F(EventsTest, LongAndWildLinesArePassedOver) {
  append("order_added");
  std::ofstream(only_file(), std::ios::app) << std::string(1'000'000, 'x') << "\n[]\n{}\n\xff\n\n";
  append("order_done");
  EventReader reader(log_);
  EXPECT_EQ(drain(reader), "order_added order_done ");
}

TEST_F(EventsTest, ManyWritersAtOnceLoseNothing) {
  {
    std::vector<std::jthread> writers;
    for (int w = 0; w < 4; ++w)
      writers.emplace_back([&] {
        EventLog log(folder_ / "events", store::FileSystem::real(), clock_);
        for (int i = 0; i < 25; ++i) (void)log.append({.name = "order_added", .message = ""});
      });
  }
  EventReader reader(log_);
  EXPECT_EQ(drain(reader).size(), 100 * std::string("order_added ").size());
}

TEST_F(EventsTest, MonthsAreFilesAndOldOnesGo) {
  append("order_added");
  const fs::path old = only_file();
  clock_.advance(24h * 100);
  append("order_done");
  ASSERT_TRUE(log_.prune(12));
  EXPECT_TRUE(fs::exists(old));
  ASSERT_TRUE(log_.prune(2));
  EXPECT_FALSE(fs::exists(old));
  EventReader reader(log_);
  EXPECT_EQ(drain(reader), "order_done ");
}

TEST_F(EventsTest, FullDiskIsToldAndLeavesTheLogReadable) {
  fs::create_directories(folder_ / "disk");
  test::FaultFileSystem disk(folder_ / "disk");
  EventLog log(folder_ / "disk/events", disk, clock_);
  ASSERT_TRUE(log.append({.name = "order_added", .message = ""}).has_value());
  disk.fill_up_at(1);
  EXPECT_EQ(log.append({.name = "order_done", .message = ""}).error().code, ErrorCode::no_space);
  disk.make_room();
  ASSERT_TRUE(log.append({.name = "queue_empty", .message = ""}).has_value());
  EventReader reader(log);
  EXPECT_EQ(drain(reader), "order_added queue_empty ");
}

TEST_F(EventsTest, AppendedEventSurvivesAPowerCut) {
  fs::create_directories(folder_ / "disk");
  test::FaultFileSystem disk(folder_ / "disk");
  EventLog log(folder_ / "disk/events", disk, clock_);
  ASSERT_TRUE(log.append({.name = "order_added", .message = ""}).has_value());
  disk.lose_power(test::Loss::everything);
  EventLog after(folder_ / "disk/events", store::FileSystem::real(), clock_);
  EventReader reader(after);
  EXPECT_EQ(drain(reader), "order_added ");
}

TEST_F(EventsTest, TimesReadBackAsWritten) {
  EXPECT_EQ(utc_text(1700000000250ms), "2023-11-14T22:13:20.250Z");
  EXPECT_EQ(utc_time("2023-11-14T22:13:20.250Z"), 1700000000250ms);
  EXPECT_EQ(utc_time("yesterday"), 0ns);
}

class EventCursorTest : public EventsTest {
 protected:
  std::unique_ptr<EventCursor> take(StartAt start = StartAt::now) {
    auto cursor = EventCursor::take(log_, "team", start);
    EXPECT_TRUE(cursor.has_value()) << cursor.error().line();
    return cursor ? std::move(*cursor) : nullptr;
  }
};

TEST_F(EventCursorTest, NewListenerHearsWhatHappensFromNowOn) {
  append("order_added");
  auto cursor = take();
  EXPECT_FALSE((*cursor->peek()).has_value());
  append("order_done");
  EXPECT_EQ((*cursor->peek())->name, "order_done");
}

TEST_F(EventCursorTest, PlaceIsKept) {
  auto cursor = take(StartAt::beginning);
  append("order_added");
  append("order_done");
  ASSERT_TRUE((*cursor->peek()).has_value());
  ASSERT_TRUE(cursor->pass());
  cursor.reset();
  cursor = take();
  EXPECT_EQ((*cursor->peek())->name, "order_done");
}

TEST_F(EventCursorTest, EventThatWasNotPassedComesAgain) {
  auto cursor = take();
  append("order_added");
  ASSERT_TRUE((*cursor->peek()).has_value());
  cursor.reset();
  EXPECT_EQ((*take()->peek())->name, "order_added");
}

TEST_F(EventCursorTest, OneProcessAtATime) {
  auto cursor = take();
  EXPECT_EQ(take(), nullptr);
  cursor.reset();
  EXPECT_NE(take(), nullptr);
}

TEST_F(EventCursorTest, TroubleIsKept) {
  auto cursor = take();
  append("order_added");
  ASSERT_TRUE(cursor->keep_trouble({"01J", 1700000000s, 3, 1700000600s}));
  cursor.reset();
  cursor = take();
  ASSERT_TRUE(cursor->trouble().has_value());
  EXPECT_EQ(cursor->trouble()->id, "01J");
  EXPECT_EQ(cursor->trouble()->attempts, 3);
  EXPECT_EQ(cursor->trouble()->next, 1700000600s);
  ASSERT_TRUE((*cursor->peek()).has_value());
  ASSERT_TRUE(cursor->pass());
  EXPECT_FALSE(cursor->trouble().has_value());
}

TEST_F(EventCursorTest, DamagedCursorBeginsAnew) {
  auto cursor = take();
  append("order_added");
  cursor.reset();
  folder_.write("events/cursors/team.json", "{\"files\":");
  EXPECT_FALSE((*take()->peek()).has_value());
}

TEST_F(EventCursorTest, NameOfAListenerIsNoPath) {
  auto cursor = EventCursor::take(log_, "../up/\xff", StartAt::now);
  ASSERT_TRUE(cursor.has_value());
  EXPECT_TRUE(fs::exists(folder_ / "events/cursors/%2e%2e%2fup%2f%ff.json"));
}

}  // namespace
}  // namespace souschef::core
