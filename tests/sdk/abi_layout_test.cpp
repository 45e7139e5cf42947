// SPDX-License-Identifier: MIT
// What a plugin that was compiled long ago believes about the structs must stay true.
#include "tests/sdk/abi_layout.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include <souschef/plugin.h>

namespace {

#define SOUSCHEF_MEMBER(type, member) {#type, offsetof(type, member), sizeof(type)},
constexpr souschef_layout_row kNow[] = {
#include "tests/sdk/abi_members.inc"
};

TEST(AbiLayout, MembersOf10AreWhereTheyWere) {
  ASSERT_EQ(std::size(kNow), kAbi10Count);
  for (std::size_t i = 0; i < kAbi10Count; ++i) {
    EXPECT_EQ(kNow[i].last_offset, kAbi10[i].last_offset) << kNow[i].type;
    EXPECT_GE(kNow[i].size, kAbi10[i].size) << kNow[i].type;
  }
}

// The padding at the end of an older struct is inside its struct_size: a member there would be read from it.
TEST(AbiLayout, NewMembersLieBehindTheOldStruct) {
  std::map<std::string, std::size_t> old;
  for (std::size_t i = 0; i < kAbi10Count; ++i) old[kAbi10[i].type] = kAbi10[i].size;
  EXPECT_GE(offsetof(souschef_host_json, type), old["souschef_host_json"]);
  EXPECT_GE(offsetof(souschef_simulation, cache), old["souschef_simulation"]);
  std::size_t grown = 0;
  for (const souschef_layout_row& row : kNow) grown += row.size > old[row.type] ? 1 : 0;
  EXPECT_EQ(grown, 2U) << "a struct has grown: check its first new member here as well";
}

TEST(AbiLayout, StructsOfArraysNeverGrow) {
  for (std::size_t i = 0; i < kAbi10Count; ++i)
    for (const std::string fixed : {"souschef_text", "souschef_bytes", "souschef_path_change"})
      if (fixed == kNow[i].type) {
        EXPECT_EQ(kNow[i].size, kAbi10[i].size) << fixed;
      }
}

}  // namespace
