// SPDX-License-Identifier: MIT
#include "core/slots/machine_load.hpp"

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

using std::chrono::seconds;

TEST(MachineLoad, IdleAndWaitingForDisksIsNoWork) {
  EXPECT_EQ(busy_ticks("cpu  100 20 3 99999 77777 4 5 600 0 0\ncpu0 1 2 3 4 5 6 7\n"), 132U);
}

TEST(MachineLoad, WhatIsNotUnderstoodIsNothing) {
  for (const char* text : {"", "cpu", "cpu0 1 2 3 4 5 6 7", "cpu  1 2 3", "cpu  a b c d e f g"})
    EXPECT_EQ(busy_ticks(text), std::nullopt) << text;
}

TEST(MachineLoad, OwnWorkIsNotOthers) {
  MachineLoad load;
  load.others();
  const auto others = load.others();
  ASSERT_TRUE(others);
  EXPECT_GE(*others, 0.0);
}

TEST(BusyWatch, ShortWorkOfOthersIsNotBelieved) {
  BusyWatch watch(1.0);
  EXPECT_FALSE(watch.feed(3, seconds(100)));
  EXPECT_FALSE(watch.feed(3, seconds(115)));
  EXPECT_FALSE(watch.feed(0.5, seconds(118)));
  EXPECT_FALSE(watch.feed(3, seconds(121))) << "it begins anew";
  EXPECT_TRUE(watch.feed(3, seconds(141)));
}

TEST(BusyWatch, ShortPauseOfOthersIsNotBelieved) {
  BusyWatch watch(1.0);
  watch.feed(3, seconds(100));
  ASSERT_TRUE(watch.feed(3, seconds(120)));
  EXPECT_TRUE(watch.feed(0, seconds(125)));
  EXPECT_TRUE(watch.feed(2, seconds(150)));
  EXPECT_TRUE(watch.feed(0, seconds(155)));
  EXPECT_FALSE(watch.feed(0, seconds(215)));
}

}  // namespace
}  // namespace souschef::core
