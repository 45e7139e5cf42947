// SPDX-License-Identifier: MIT
#include <souschef/frame_range.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace souschef {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::int32_t> frames(std::string_view text) {
  auto range = FrameRange::parse(text);
  EXPECT_TRUE(range.has_value()) << text << ": " << (range ? "" : range.error().line());
  return range ? range->frames() : std::vector<std::int32_t>{};
}

TEST(FrameRange, SingleFrameIsThatFrame) {
  EXPECT_THAT(frames("7"), ElementsAre(7));
}
TEST(FrameRange, BothEndsAreIncluded) {
  EXPECT_THAT(frames("3-5"), ElementsAre(3, 4, 5));
}
TEST(FrameRange, ColonAndDotsAndToAreRanges) {
  EXPECT_THAT(frames("3:5"), ElementsAre(3, 4, 5));
  EXPECT_THAT(frames("3..5"), ElementsAre(3, 4, 5));
  EXPECT_THAT(frames("3 to 5"), ElementsAre(3, 4, 5));
}
TEST(FrameRange, StepCountsFromTheFirst) {
  EXPECT_THAT(frames("1-10x4"), ElementsAre(1, 5, 9));
  EXPECT_THAT(frames("1-10 step 4"), ElementsAre(1, 5, 9));
  EXPECT_THAT(frames("1-10 by 4"), ElementsAre(1, 5, 9));
  EXPECT_THAT(frames("1-10 every 4"), ElementsAre(1, 5, 9));
}
TEST(FrameRange, BackwardsRangeGoesDown) {
  EXPECT_THAT(frames("5-3"), ElementsAre(5, 4, 3));
}
TEST(FrameRange, NegativeFramesAreFrames) {
  EXPECT_THAT(frames("-2-2"), ElementsAre(-2, -1, 0, 1, 2));
  EXPECT_THAT(frames("-5--3"), ElementsAre(-5, -4, -3));
  EXPECT_THAT(frames("-5"), ElementsAre(-5));
  EXPECT_THAT(frames("1 -5"), ElementsAre(1, -5));
}
TEST(FrameRange, RepeatsAreDroppedSoCoarseFirstWorks) {
  EXPECT_THAT(frames("1-5x2,1-5"), ElementsAre(1, 3, 5, 2, 4));
}
TEST(FrameRange, SeparatorsAreCommasSemicolonsSpaces) {
  EXPECT_THAT(frames("1, 10;20 30"), ElementsAre(1, 10, 20, 30));
}
TEST(FrameRange, TenThousandAndMoreIsAllowed) {
  EXPECT_THAT(frames("10000-10001"), ElementsAre(10000, 10001));
}

TEST(FrameRange, NonsenseSaysWhatWasExpected) {
  for (const char* text : {"", "abc", "1-", "1-5x", "1-5x0", "--", "1-5x-2", "99999999", "1--", ","}) {
    auto range = FrameRange::parse(text);
    ASSERT_FALSE(range.has_value()) << text;
    EXPECT_EQ(range.error().code, ErrorCode::usage);
    EXPECT_THAT(range.error().next, HasSubstr("1-100x2"));
  }
}

TEST(FrameRange, TextParsesToTheSameList) {
  for (const char* text :
       {"1-100x2,150", "-5-5", "5-1", "1,2", "1,3", "7", "1-10x4,1-10", "100-1x7", "0", "-3,-7"}) {
    const auto range = FrameRange::parse(text);
    ASSERT_TRUE(range.has_value()) << text;
    const auto again = FrameRange::parse(range->text());
    ASSERT_TRUE(again.has_value()) << range->text();
    EXPECT_EQ(*again, *range) << text << " -> " << range->text();
  }
  EXPECT_EQ(FrameRange::parse("1,2,3,4")->text(), "1-4");
}

}  // namespace
}  // namespace souschef
