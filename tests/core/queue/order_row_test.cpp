// SPDX-License-Identifier: MIT
#include "core/queue/order_row.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

OrderRow row_named(const std::string& id, OrderState state = OrderState::queued) {
  OrderRow row;
  row.id = id;
  row.name = "fisk";
  row.state = state;
  row.entry = "shots/a\tb\xff.blend";
  row.counts = {1, 2, 3, 4, 5};
  row.position = -7;
  row.why = "line\nbreak";
  row.after = {"X", "Y"};
  row.writes_below = "renders/sh 010";
  return row;
}

TEST(OrderRow, ComesBackFromItsLine) {
  const OrderRow row = row_named("A");
  const auto back = parse_row(row_line(row, 9));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->row, row);
  EXPECT_EQ(back->generation, 9U);
}

TEST(OrderRow, EveryTruncatedLineIsNoRow) {
  const std::string line = row_line(row_named("A"), 9);
  // The list of orders near the end may be shorter than it was: a line is only taken with its end.
  const std::size_t list = line.rfind('\t', line.rfind('\t') - 1);
  for (std::size_t length = 0; length <= list; ++length)
    EXPECT_FALSE(parse_row(line.substr(0, length))) << length;
}

TEST(OrderRow, OfAnOlderProgramMayWriteAnywhere) {
  const std::string line = row_line(row_named("A"), 9);
  const auto back = parse_row(line.substr(0, line.rfind('\t')));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->row.writes_below, ".");
}

std::string below(std::vector<std::string> writes) {
  Order order;
  order.writes = std::move(writes);
  order.frames = *FrameRange::parse("1");
  return row_of(order, OrderLedger(order)).writes_below;
}

TEST(OrderRow, NamesTheFolderOfAllThatTheOrderWrites) {
  EXPECT_EQ(below({}), "");
  EXPECT_EQ(below({"r/sh010/0001.png"}), "r/sh010");
  EXPECT_EQ(below({"r/sh010/beauty/0001.exr", "r/sh010/aov/0001.exr"}), "r/sh010");
  EXPECT_EQ(below({"r/sh010/0001.exr", "r/sh0100/0001.exr"}), "r");
  EXPECT_EQ(below({"r/0001.exr", "s/0001.exr"}), ".");
  EXPECT_EQ(below({"0001.exr"}), ".");
}

// No program writes such an order, but the file may be anybody's.
TEST(OrderRow, PathFromTheRootHasAnEndToo) {
  EXPECT_EQ(below({"/x", "y"}), ".");
  EXPECT_EQ(below({"r/x", "/y"}), ".");
}

TEST(OrderRow, SortsByUrgencyPriorityAndPosition) {
  OrderRow a = row_named("A"), b = row_named("B");
  EXPECT_TRUE(comes_before(a, b));
  b.position = -8;
  EXPECT_TRUE(comes_before(b, a));
  a.priority = 90;
  EXPECT_TRUE(comes_before(a, b));
  b.urgent = true;
  EXPECT_TRUE(comes_before(b, a));
}

class Rows : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(make_queue_folder(queue_)); }
  std::unique_ptr<RowFile> open(std::uint64_t generation = 1) {
    auto file = RowFile::open(queue_, generation);
    EXPECT_TRUE(file);
    return std::move(*file);
  }
  std::optional<std::map<std::string, OrderRow>> read() {
    const auto lines = RowLines::read(queue_);
    return lines ? std::optional(lines->rows()) : std::nullopt;
  }
  test::TempFolder folder_;
  QueueFolder queue_{folder_ / "queue"};
};

TEST_F(Rows, LastLineOfAnOrderCounts) {
  auto file = open();
  ASSERT_TRUE(file->write(row_named("A", OrderState::queued)));
  ASSERT_TRUE(file->write(row_named("B")));
  ASSERT_TRUE(file->write(row_named("A", OrderState::done)));
  const auto rows = read();
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->size(), 2U);
  EXPECT_EQ(rows->at("A").state, OrderState::done);
}

TEST_F(Rows, RemovedOrderIsGone) {
  auto file = open();
  ASSERT_TRUE(file->write(row_named("A")));
  ASSERT_TRUE(file->remove("A"));
  EXPECT_TRUE(read()->empty());
}

TEST_F(Rows, LineOfAnEarlierHolderDoesNotCountAfterALaterOnes) {
  auto early = open(1);
  ASSERT_TRUE(early->write(row_named("A", OrderState::queued)));
  auto late = open(2);
  ASSERT_TRUE(late->write(row_named("A", OrderState::done)));
  ASSERT_TRUE(early->write(row_named("A", OrderState::rendering)));
  EXPECT_EQ(read()->at("A").state, OrderState::done);
}

TEST_F(Rows, DamagedLinesArePassedOver) {
  auto file = open();
  ASSERT_TRUE(file->write(row_named("A")));
  std::ofstream(queue_.rows(), std::ios::app) << "garbage\n\t\t\n"
                                              << row_line(row_named("B"), 1).substr(0, 20);
  EXPECT_EQ(read()->size(), 1U);
  auto again = open(2);
  ASSERT_TRUE(again->write(row_named("C")));
  EXPECT_EQ(read()->size(), 2U);
}

// An older line would say what is not true any more: the journal is asked then.
TEST_F(Rows, OrderWhoseLastLineIsDamagedHasNoRow) {
  auto file = open();
  ASSERT_TRUE(file->write(row_named("A")));
  std::ofstream(queue_.rows(), std::ios::app) << "A\t1\tname\tno state\n";
  EXPECT_TRUE(read()->empty());
  EXPECT_FALSE(RowLines::read(queue_)->row("A"));
}

TEST_F(Rows, FileOfAnotherKindIsNoFile) {
  std::ofstream(queue_.rows()) << "something else\n";
  EXPECT_FALSE(read());
  auto file = open();
  ASSERT_TRUE(file->write(row_named("A")));
  EXPECT_EQ(read()->size(), 1U);
}

TEST_F(Rows, FileDoesNotGrowForEver) {
  auto file = open();
  OrderRow row = row_named("A");
  for (int i = 0; i < 5000; ++i) {
    row.changed_ms = i;
    ASSERT_TRUE(file->write(row));
  }
  EXPECT_LT(std::filesystem::file_size(queue_.rows()), 100U << 10);
  EXPECT_EQ(read()->at("A").changed_ms, 4999);
}

}  // namespace
}  // namespace souschef::core
