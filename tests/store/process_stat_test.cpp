// SPDX-License-Identifier: MIT
#include "store/process_stat.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace souschef::store {
namespace {

constexpr const char* kFields = " S 7 6 5 4 -1 6 7 8 9 10 100 20 3 4 20 0 1 0 12345 99 98\n";

TEST(ProcessStat, NameMayHoldAnything) {
  for (const std::string name : {"(a)", "(a) 9 9) (b)", "(two\nlines)", "()"}) {
    const auto stat = parse_process_stat("12 " + name + kFields);
    ASSERT_TRUE(stat) << name;
    EXPECT_EQ(stat->state, 'S');
    EXPECT_EQ(stat->parent, 7);
    EXPECT_EQ(stat->session, 5);
    EXPECT_EQ(stat->ticks, 120U);
    EXPECT_EQ(stat->children_ticks, 7U);
    EXPECT_EQ(stat->start_ticks, 12345U);
    EXPECT_FALSE(stat->is_over());
  }
}

TEST(ProcessStat, WhatIsNotUnderstoodIsNothing) {
  for (const char* text : {"", "12 (a) S 1 2 3", "no brackets at all", "12 (a)",
                           "12 (a) S x 6 5 4 -1 6 7 8 9 10 100 20 3 4 20 0 1 0 12345 99"})
    EXPECT_FALSE(parse_process_stat(text)) << text;
}

TEST(ProcessStat, ThisProcessHasOne) {
  const auto stat = read_process_stat(::getpid());
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->parent, ::getppid());
  EXPECT_EQ(stat->session, ::getsid(0));
  EXPECT_GT(stat->start_ticks, 0U);
}

}  // namespace
}  // namespace souschef::store
