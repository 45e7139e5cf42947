// SPDX-License-Identifier: MIT
#include "core/base/line_buffer.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

std::vector<std::string> lines_of(LineBuffer& buffer) {
  std::vector<std::string> lines;
  while (auto line = buffer.take()) lines.push_back(*line);
  return lines;
}

TEST(LineBuffer, PiecesOfAnySizeGiveTheSameLines) {
  const std::string text = "one\r\ntwo\n\nthree\n";
  const std::vector<std::string> expected = {"one", "two", "", "three"};
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    LineBuffer buffer(100);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      buffer.add(std::string_view(text).substr(at, piece));
      for (auto& line : lines_of(buffer)) lines.push_back(line);
    }
    EXPECT_EQ(lines, expected) << piece;
    EXPECT_FALSE(buffer.take_rest());
  }
}

TEST(LineBuffer, UnfinishedLineIsTheRest) {
  LineBuffer buffer(100);
  buffer.add("one\ntwo");
  EXPECT_EQ(lines_of(buffer), std::vector<std::string>{"one"});
  EXPECT_EQ(buffer.take_rest(), "two");
  EXPECT_FALSE(buffer.take_rest());
}

TEST(LineBuffer, LineOfExactlyTheLimitIsWhole) {
  LineBuffer buffer(3);
  buffer.add("abc");
  EXPECT_FALSE(buffer.take());
  buffer.add("\r");
  EXPECT_FALSE(buffer.take());
  buffer.add("\nabcd\n");
  EXPECT_EQ(buffer.take(), "abc");
  EXPECT_FALSE(buffer.was_cut());
  EXPECT_EQ(buffer.take(), "abc");
  EXPECT_TRUE(buffer.was_cut());
}

TEST(LineBuffer, EndlessLineIsCutAndTheNextOneIsWhole) {
  LineBuffer buffer(4);
  for (int i = 0; i < 1000; ++i) {
    buffer.add("xxxxxxxxxx");
    EXPECT_FALSE(buffer.take());
  }
  buffer.add("\nnext\n");
  EXPECT_EQ(buffer.take(), "xxxx");
  EXPECT_TRUE(buffer.was_cut());
  EXPECT_EQ(buffer.take(), "next");
  EXPECT_FALSE(buffer.was_cut());
}

}  // namespace
}  // namespace souschef::core
