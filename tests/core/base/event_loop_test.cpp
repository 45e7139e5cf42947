// SPDX-License-Identifier: MIT
#include "core/base/event_loop.hpp"

#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/background.hpp"

namespace souschef::core {
namespace {

using namespace std::chrono_literals;

class Loop : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = EventLoop::create();
    ASSERT_TRUE(made);
    loop_ = std::move(*made);
  }
  std::unique_ptr<EventLoop> loop_;
};

TEST_F(Loop, TimersComeInTheirOrder) {
  std::string order;
  loop_->after(2ms, [&] { order += "b"; });
  loop_->after(0ms, [&] { order += "a"; });
  const auto never = loop_->after(1ms, [&] { order += "x"; });
  loop_->cancel(never);
  while (order.size() < 2) loop_->turn(1s);
  EXPECT_EQ(order, "ab");
}

TEST_F(Loop, DescriptorsAreWatched) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const FileDescriptor read_end(ends[0]), write_end(ends[1]);
  int calls = 0;
  loop_->watch(ends[0], EventLoop::Ready::readable, [&] {
    char c = 0;
    EXPECT_EQ(::read(ends[0], &c, 1), 1);
    ++calls;
  });
  loop_->turn(0ms);
  EXPECT_EQ(calls, 0);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  loop_->turn(1s);
  EXPECT_EQ(calls, 1);
  loop_->unwatch(ends[0]);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  loop_->turn(0ms);
  EXPECT_EQ(calls, 1);
}

TEST_F(Loop, FunctionMayUnwatchItself) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const FileDescriptor read_end(ends[0]), write_end(ends[1]);
  int calls = 0;
  loop_->watch(ends[1], EventLoop::Ready::writable, [&] {
    loop_->unwatch(ends[1]);
    ++calls;
  });
  loop_->turn(1s);
  loop_->turn(0ms);
  EXPECT_EQ(calls, 1);
}

TEST_F(Loop, BackgroundResultsComeBackOnTheLoop) {
  Background background(*loop_, 3);
  const auto here = std::this_thread::get_id();
  int sum = 0, count = 0;
  for (int i = 1; i <= 100; ++i)
    background.run([i] { return i; },
                   [&](int value) {
                     EXPECT_EQ(std::this_thread::get_id(), here);
                     sum += value;
                     ++count;
                   });
  while (count < 100) loop_->turn(1s);
  EXPECT_EQ(sum, 5050);
}

}  // namespace
}  // namespace souschef::core
