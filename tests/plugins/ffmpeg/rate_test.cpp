// SPDX-License-Identifier: MIT
#include "plugins/ffmpeg/rate.hpp"

#include <gtest/gtest.h>

#include "plugins/ffmpeg/progress.hpp"

namespace souschef::ffmpeg {
namespace {

TEST(Rate, TelevisionRatesAreExactFractions) {
  EXPECT_EQ(rate_of(24, 1), (Rate{24, 1}));
  EXPECT_EQ(rate_of(24, 1.001), (Rate{24000, 1001}));
  EXPECT_EQ(rate_of(30, 1.0010000467300415), (Rate{30000, 1001}));  // a float, as Blender keeps it
  EXPECT_EQ(rate_of(60, 1.001), (Rate{60000, 1001}));
  EXPECT_EQ(rate_of(23.976, 1), (Rate{24000, 1001}));
  EXPECT_EQ(rate_of(29.97, 1), (Rate{30000, 1001}));
}

TEST(Rate, OtherRatesAreKept) {
  EXPECT_EQ(rate_of(12.5, 1), (Rate{25, 2}));
  EXPECT_EQ(rate_of(1, 2), (Rate{1, 2}));
  EXPECT_EQ(rate_of(50, 2), (Rate{25, 1}));
  EXPECT_EQ(rate_of(23.98, 1), (Rate{1199, 50}));
}

TEST(Rate, NonsenseIsTwentyFour) {
  for (const double wrong : {0.0, -1.0, 1.0 / 0.0, 1e9}) EXPECT_EQ(rate_of(wrong, 1), (Rate{24, 1}));
  EXPECT_EQ(rate_of(24, 0), (Rate{24, 1}));
}

TEST(Rate, TextIsRead) {
  EXPECT_EQ(parse_rate("24000/1001"), (Rate{24000, 1001}));
  EXPECT_EQ(parse_rate("25"), (Rate{25, 1}));
  for (const char* wrong : {"", "x", "24/", "24/0", "24/x", "24x"})
    EXPECT_EQ(parse_rate(wrong).numerator, 0) << wrong;
}

TEST(Progress, FramesAreCountedAcrossPieces) {
  Progress progress;
  EXPECT_FALSE(progress.add("fra"));
  EXPECT_TRUE(progress.add("me=12\nfps=3\nprogress=continue\nframe= "));
  EXPECT_EQ(progress.frames(), 12);
  EXPECT_TRUE(progress.add("  240\n"));
  EXPECT_EQ(progress.frames(), 240);
  EXPECT_FALSE(progress.add("frame=3\nframe=x\n" + std::string(10'000, 'y') + "\n"));
  EXPECT_EQ(progress.frames(), 240);
}

}  // namespace
}  // namespace souschef::ffmpeg
