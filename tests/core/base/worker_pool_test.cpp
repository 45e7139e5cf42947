// SPDX-License-Identifier: MIT
#include "core/base/worker_pool.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

TEST(WorkerPool, RunsEveryIndexOnce) {
  WorkerPool pool(4);
  std::vector<std::atomic<int>> seen(1000);
  pool.run(seen.size(), [&](std::size_t i) { ++seen[i]; });
  for (const auto& count : seen) EXPECT_EQ(count, 1);
}

TEST(WorkerPool, NothingToRunReturns) {
  WorkerPool pool(4);
  pool.run(0, [](std::size_t) { FAIL(); });
}

TEST(WorkerPool, TaskMayRunMoreTasks) {
  WorkerPool pool(2);
  std::atomic<int> sum = 0;
  pool.run(8,
           [&](std::size_t) { pool.run(8, [&](std::size_t) { pool.run(8, [&](std::size_t) { ++sum; }); }); });
  EXPECT_EQ(sum, 512);
}

TEST(WorkerPool, ManyCallersShareTheThreads) {
  WorkerPool pool(3);
  std::atomic<int> sum = 0;
  {
    std::vector<std::jthread> callers;
    for (int c = 0; c < 6; ++c)
      callers.emplace_back([&] {
        for (int round = 0; round < 50; ++round) pool.run(7, [&](std::size_t) { ++sum; });
      });
  }
  EXPECT_EQ(sum, 6 * 50 * 7);
}

TEST(WorkerPool, OneThreadRunsInOrderOnTheCaller) {
  WorkerPool pool(1);
  std::vector<std::size_t> order;
  const auto caller = std::this_thread::get_id();
  pool.run(3, [&](std::size_t i) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    order.push_back(i);
  });
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2}));
}

}  // namespace
}  // namespace souschef::core
