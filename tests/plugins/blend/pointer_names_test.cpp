// SPDX-License-Identifier: MIT
#include "plugins/blend/pointer_names.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace souschef::blend {
namespace {

std::uint64_t add(GroupKeys& keys, const std::string& label) {
  return keys.add(std::as_bytes(std::span(label)));
}

TEST(GroupKeys, AreTheSameForTheSameLabels) {
  GroupKeys first(8);
  GroupKeys second(8);
  for (const char* label : {"OBCube", "MECube", "OBCube.001"})
    EXPECT_EQ(add(first, label), add(second, label));
}

// These numbers stand in every stream: they must never change.
TEST(GroupKeys, AreTheDocumentedNumbers) {
  GroupKeys wide(8);
  EXPECT_EQ(add(wide, "OBCube"), 1018719254610U);
  EXPECT_EQ(add(wide, "OBCube"), 401053593059U);
  GroupKeys narrow(4);
  EXPECT_EQ(add(narrow, "OBCube"), 1989686044U);
}

TEST(GroupKeys, DoNotDependOnWhatElseIsThere) {
  GroupKeys few(8);
  GroupKeys many(8);
  for (int i = 0; i < 500; ++i) add(many, "OBother" + std::to_string(i));
  EXPECT_EQ(add(few, "OBCube"), add(many, "OBCube"));
}

TEST(GroupKeys, RepeatedLabelsDiffer) {
  GroupKeys keys(8);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(add(keys, "REND")).second);
}

// 31 bits: among 200 000 labels some ten keys collide by themselves.
TEST(GroupKeys, CollidingLabelsDiffer) {
  GroupKeys keys(4);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200'000; ++i) ASSERT_TRUE(seen.insert(add(keys, "OB" + std::to_string(i))).second) << i;
  EXPECT_LE(*seen.rbegin(), 0x7FFFFFFFU);
}

TEST(GroupKeys, FindTheirGroup) {
  GroupKeys keys(8);
  const std::uint64_t first = add(keys, "OBCube");
  const std::uint64_t second = add(keys, "OBCube");
  EXPECT_EQ(keys.find(first), 0U);
  EXPECT_EQ(keys.find(second), 1U);
  EXPECT_EQ(keys.find(first ^ 1), kNoGroup);
}

}  // namespace
}  // namespace souschef::blend
