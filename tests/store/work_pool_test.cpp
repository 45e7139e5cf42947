// SPDX-License-Identifier: MIT
#include "store/work_pool.hpp"

#include <atomic>
#include <vector>

#include <gtest/gtest.h>

namespace souschef::store {
namespace {

TEST(WorkPool, AllTasksRun) {
  WorkPool pool(3);
  std::atomic<int> count{0};
  TaskGroup group(pool);
  for (int i = 0; i < 100; ++i) group.run_long([&] { ++count; });
  for (int i = 0; i < 100; ++i) group.run_short([&] { ++count; });
  group.wait();
  EXPECT_EQ(count, 200);
}

TEST(WorkPool, TasksMayAddTasks) {
  WorkPool pool(2);
  std::atomic<int> count{0};
  TaskGroup group(pool);
  group.run_long([&] {
    for (int i = 0; i < 50; ++i) group.run_short([&] { ++count; });
  });
  group.wait();
  EXPECT_EQ(count, 50);
}

// Every long task needs far more slabs than there are; each is held by a short task.
TEST(WorkPool, LongTasksThatNeedSlabsNeverWaitForEachOther) {
  for (const unsigned threads : {1U, 2U, 5U}) {
    WorkPool pool(threads);
    std::atomic<int> count{0};
    TaskGroup group(pool);
    for (int file = 0; file < 10; ++file)
      group.run_long([&] {
        for (int i = 0; i < 30; ++i) group.run_short([slab = pool.take_slab(), &count] { ++count; });
      });
    group.wait();
    EXPECT_EQ(count, 300);
  }
}

TEST(WorkPool, ATaskMayWaitForWhatItsShortTasksDo) {
  WorkPool pool(1);
  std::atomic<int> count{0};
  TaskGroup group(pool);
  group.run_long([&] {
    for (int i = 0; i < 20; ++i) pool.submit_short([&] { ++count; });
    pool.work_until([&] { return count == 20; });
  });
  group.wait();
  EXPECT_EQ(count, 20);
}

TEST(Strand, KeepsTheOrder) {
  WorkPool pool(4);
  std::vector<int> seen;
  Strand strand(pool);
  for (int i = 0; i < 500; ++i) strand.run([&seen, i] { seen.push_back(i); });
  strand.wait();
  ASSERT_EQ(seen.size(), 500U);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST(Strand, ManyShareThePool) {
  WorkPool pool(2);
  std::vector<std::unique_ptr<Strand>> strands;
  std::vector<int> counts(20, 0);
  for (std::size_t s = 0; s < counts.size(); ++s) strands.push_back(std::make_unique<Strand>(pool));
  for (int i = 0; i < 50; ++i)
    for (std::size_t s = 0; s < counts.size(); ++s) strands[s]->run([&counts, s] { ++counts[s]; });
  for (const auto& strand : strands) strand->wait();
  for (const int count : counts) EXPECT_EQ(count, 50);
}

TEST(TaskGroup, WaitForComesUpForAir) {
  WorkPool pool(1);
  std::atomic<bool> go{false};
  TaskGroup group(pool);
  group.run_long([&] {
    while (!go) std::this_thread::yield();
  });
  EXPECT_FALSE(group.wait_for(std::chrono::milliseconds(1)));
  go = true;
  group.wait();
  EXPECT_TRUE(group.wait_for(std::chrono::milliseconds(0)));
}

}  // namespace
}  // namespace souschef::store
