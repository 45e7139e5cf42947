// SPDX-License-Identifier: MIT
#include "core/queue/journal.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/fault_file_system.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

constexpr const char* kId = "01J00000000000000000000001";

class Journal : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(make_queue_folder(queue_));
    ASSERT_TRUE(queue_.disk->make_folder(queue_.order_folder(kId)));
  }

  std::unique_ptr<JournalWriter> begin(const JournalPosition& previous = {},
                                       const std::vector<Json>* state = nullptr) {
    auto writer = JournalWriter::begin(queue_, kId, previous, {"runner.1", "boot", 5}, state);
    EXPECT_TRUE(writer) << (writer ? "" : writer.error().line());
    return writer ? std::move(*writer) : nullptr;
  }
  static void add(JournalWriter& writer, int number) {
    ASSERT_TRUE(writer.append({{"event", "test"}, {"number", number}}));
  }
  // The numbers of the test events, or the error's word.
  std::string content(JournalPosition* position = nullptr) {
    std::string text;
    const auto read = read_journal(queue_, kId, [&](const Json& event) {
      if (event["event"] == "test") text += std::to_string(event["number"].get<int>()) + " ";
      return Status();
    });
    if (!read) return std::string(name_of(read.error().code));
    if (position != nullptr) *position = *read;
    return text;
  }
  std::string file_text(std::uint64_t segment) { return test::read_file(queue_.segment(kId, segment)); }
  void put(std::uint64_t segment, std::string_view text) {
    std::ofstream(queue_.segment(kId, segment), std::ios::binary | std::ios::trunc) << text;
  }

  test::TempFolder folder_;
  QueueFolder queue_{folder_ / "queue"};
};

TEST_F(Journal, EventsComeBackInOrder) {
  auto writer = begin();
  for (int i = 1; i <= 3; ++i) add(*writer, i);
  JournalPosition position;
  EXPECT_EQ(content(&position), "1 2 3 ");
  EXPECT_EQ(position.segment, 1U);
  EXPECT_EQ(position.seq, 4U);
  EXPECT_EQ(position.bytes, writer->position().bytes);
}

TEST_F(Journal, WithoutASegmentIsNotFound) {
  EXPECT_EQ(content(), "not_found");
}

TEST_F(Journal, NextSegmentGoesOn) {
  auto first = begin();
  add(*first, 1);
  auto second = begin(first->position());
  add(*second, 2);
  EXPECT_EQ(content(), "1 2 ");
}

TEST_F(Journal, WhatAnEarlierHolderWritesAfterHisSuccessorBeganIsIgnored) {
  auto first = begin();
  add(*first, 1);
  auto second = begin(first->position());
  add(*first, 99);
  add(*second, 2);
  EXPECT_EQ(content(), "1 2 ");
}

TEST_F(Journal, OfTwoThatBeginTheSameSegmentOneStops) {
  auto first = begin();
  auto second = begin(first->position());
  const auto third = JournalWriter::begin(queue_, kId, first->position(), {"runner.3", "boot", 5});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, ErrorCode::locked);
}

TEST_F(Journal, CompleteSegmentReplacesTheEarlierOnes) {
  auto first = begin();
  for (int i = 1; i <= 9; ++i) add(*first, i);
  const std::vector<Json> state = {{{"event", "test"}, {"number", 45}}};
  auto second = begin(first->position(), &state);
  add(*second, 10);
  EXPECT_EQ(content(), "45 10 ");
  EXPECT_FALSE(std::filesystem::exists(queue_.segment(kId, 1)));
}

TEST_F(Journal, EarlierSegmentsThatCouldNotBeRemovedAreNotRead) {
  auto first = begin();
  add(*first, 1);
  const std::string old = file_text(1);
  const std::vector<Json> state = {{{"event", "test"}, {"number", 45}}};
  begin(first->position(), &state);
  put(1, old);
  EXPECT_EQ(content(), "45 ");
}

TEST_F(Journal, EveryTruncationGivesABeginningOfTheEvents) {
  auto writer = begin();
  for (int i = 1; i <= 3; ++i) add(*writer, i);
  const std::string whole = file_text(1);
  const std::size_t header = whole.find('\n') + 1;
  for (std::size_t length = header; length < whole.size(); ++length) {
    put(1, whole.substr(0, length));
    const std::string text = content();
    EXPECT_EQ(std::string("1 2 3 ").substr(0, text.size()), text) << length;
  }
  for (std::size_t length = 0; length < header; ++length) {
    put(1, whole.substr(0, length));
    EXPECT_EQ(content(), "corrupt") << length;
  }
}

TEST_F(Journal, EveryFlippedBitIsSeen) {
  auto writer = begin();
  for (int i = 1; i <= 3; ++i) add(*writer, i);
  const std::string whole = file_text(1);
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int bit : {0, 3, 6}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      put(1, damaged);
      const std::string text = content();
      // The last line may be taken for torn, and with it the one before, where what parts them is damaged.
      const bool last_two = at + 1 >= whole.rfind('\n', whole.size() - 2) + 1;
      EXPECT_TRUE(text == "corrupt" || (last_two && (text == "1 2 " || text == "1 ")))
          << at << " " << bit << ": " << text;
    }
}

TEST_F(Journal, ZerosAtTheEndAreATornEnd) {
  auto writer = begin();
  add(*writer, 1);
  put(1, file_text(1) + std::string(4096, '\0'));
  EXPECT_EQ(content(), "1 ");
}

TEST_F(Journal, MissingSegmentIsCorrupt) {
  auto first = begin();
  auto second = begin(first->position());
  auto third = begin(second->position());
  add(*third, 1);
  std::filesystem::remove(queue_.segment(kId, 2));
  EXPECT_EQ(content(), "corrupt");
}

TEST_F(Journal, TornEndIsLeftBehindByTheNextSegment) {
  auto first = begin();
  add(*first, 1);
  put(1, file_text(1) + "{\"event\":\"te");
  JournalPosition position;
  ASSERT_EQ(content(&position), "1 ");
  auto second = begin(position);
  add(*second, 2);
  EXPECT_EQ(content(), "1 2 ");
}

// A power cut at any moment: what was synced is there, and what is there is a beginning of what was written.
TEST_F(Journal, PowerCutAtEveryStepKeepsWhatWasSynced) {
  for (std::uint64_t step = 1;; ++step) {
    const test::TempFolder folder;
    test::FaultFileSystem disk(folder.path());
    QueueFolder queue{folder / "queue", &disk};
    ASSERT_TRUE(make_queue_folder(queue));
    ASSERT_TRUE(disk.make_folder(queue.order_folder(kId)));
    ASSERT_TRUE(disk.sync_folder(queue.orders()));
    disk.die_at(step);
    std::size_t synced = 0;
    bool begun = false;
    if (auto first = JournalWriter::begin(queue, kId, {}, {"runner.1", "boot", 5})) {
      begun = true;
      for (int i = 1; i <= 2; ++i)
        if ((*first)->append({{"event", "test"}, {"number", i}}) && (*first)->sync()) ++synced;
      if (auto second = JournalWriter::begin(queue, kId, (*first)->position(), {"runner.2", "boot", 5})) {
        if ((*second)->append({{"event", "test"}, {"number", 3}}) && (*second)->sync()) ++synced;
        const std::vector<Json> state = {{{"event", "test"}, {"number", 1}},
                                         {{"event", "test"}, {"number", 2}},
                                         {{"event", "test"}, {"number", 3}}};
        (void)JournalWriter::begin(queue, kId, (*second)->position(), {"runner.2", "boot", 5}, &state);
      }
    }
    const bool finished = !disk.died();
    disk.lose_power(test::Loss::everything);
    queue.disk = &store::FileSystem::real();
    std::string text;
    const auto read = read_journal(queue, kId, [&](const Json& event) {
      if (event["event"] == "test") text += std::to_string(event["number"].get<int>());
      return Status();
    });
    if (begun) {
      ASSERT_TRUE(read) << step << ": " << read.error().line();
      EXPECT_GE(text.size(), synced) << step;
      EXPECT_EQ(std::string("123").substr(0, text.size()), text) << step;
    }
    if (finished) break;
  }
}

TEST(JournalLine, ComesBack) {
  const auto event = parse_journal_line(journal_line({{"event", "note"}, {"text", "\xff \xc3\xa4"}}, 7));
  ASSERT_TRUE(event);
  EXPECT_EQ((*event)["seq"], 7);
  EXPECT_EQ((*event)["text"], "\xef\xbf\xbd \xc3\xa4");
}

TEST(JournalLine, NonsenseIsCorrupt) {
  for (const char* line : {"", "{}", "null", "{\"event\":\"x\",\"seq\":1}",
                           "{\"event\":\"x\",\"seq\":1,\"sum\":\"0123456789abcdef\"}"})
    EXPECT_FALSE(parse_journal_line(line)) << line;
}

}  // namespace
}  // namespace souschef::core
