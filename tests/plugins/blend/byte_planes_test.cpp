// SPDX-License-Identifier: MIT
#include "plugins/blend/byte_planes.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace souschef::blend {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

TEST(BytePlanes, HoldTheDifferencesOfEachByteOfARow) {
  const auto rows = bytes({0x01, 0, 0x80, 0x3F, 0x02, 0, 0x80, 0x3F, 0x03, 0, 0x80, 0x3F, 0x77});
  std::vector<std::byte> planes(rows.size());
  split_planes(rows, 4, planes.data());
  EXPECT_EQ(planes, bytes({1, 1, 1, 0, 0, 0, 0x80, 0, 0, 0x3F, 0, 0, 0x77}));
}

// Rows of whole words take another road than others, and the last rows another than the first.
TEST(BytePlanes, ComeBackForEveryRowAndSize) {
  std::mt19937 random(1);
  for (std::size_t row = 1; row <= 240; row += row < 40 ? 1 : 17)
    for (const std::size_t size :
         {std::size_t{0}, row - 1, row, 15 * row + 3, 16 * row, 17 * row, 100 * row + 1}) {
      std::vector<std::byte> rows(size);
      for (std::byte& byte : rows) byte = static_cast<std::byte>(random());
      std::vector<std::byte> planes(size);
      std::vector<std::byte> back(size);
      split_planes(rows, row, planes.data());
      join_planes(planes, row, back.data());
      ASSERT_EQ(rows, back) << "row " << row << ", size " << size;
    }
}

// The fast road and the plain one must agree: the stream is read on other machines.
TEST(BytePlanes, AreTheSameWhateverTheRoad) {
  std::mt19937 random(2);
  std::vector<std::byte> rows(50 * 12);
  for (std::byte& byte : rows) byte = static_cast<std::byte>(random());
  std::vector<std::byte> planes(rows.size());
  split_planes(rows, 12, planes.data());
  for (std::size_t b = 0; b < 12; ++b)
    for (std::size_t i = 0; i < 50; ++i) {
      const auto value = std::to_integer<int>(rows[i * 12 + b]);
      const auto before = i == 0 ? 0 : std::to_integer<int>(rows[(i - 1) * 12 + b]);
      ASSERT_EQ(planes[b * 50 + i], static_cast<std::byte>(value - before));
    }
}

}  // namespace
}  // namespace souschef::blend
