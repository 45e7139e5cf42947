// SPDX-License-Identifier: MIT
#include "core/queue/frame_order.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

using Frames = std::vector<std::int32_t>;

TEST(FrameOrder, ForwardReverseList) {
  const auto frames = *FrameRange::parse("5,1-3");
  EXPECT_EQ(hand_out_order(frames, FrameOrder::forward), (Frames{1, 2, 3, 5}));
  EXPECT_EQ(hand_out_order(frames, FrameOrder::reverse), (Frames{5, 3, 2, 1}));
  EXPECT_EQ(hand_out_order(frames, FrameOrder::list), (Frames{5, 1, 2, 3}));
}

TEST(FrameOrder, SpreadShowsBothEndsAndTheMiddleFirst) {
  EXPECT_EQ(hand_out_order(FrameRange::span(1, 9), FrameOrder::spread), (Frames{1, 9, 5, 3, 7, 2, 4, 6, 8}));
  EXPECT_EQ(hand_out_order(FrameRange::span(4, 4), FrameOrder::spread), Frames{4});
  EXPECT_EQ(hand_out_order(FrameRange::span(4, 5), FrameOrder::spread), (Frames{4, 5}));
}

TEST(FrameOrder, SpreadHasEveryFrameOnce) {
  for (int last = 1; last < 200; ++last) {
    Frames frames = hand_out_order(FrameRange::span(1, last), FrameOrder::spread);
    std::sort(frames.begin(), frames.end());
    EXPECT_EQ(frames, FrameRange::span(1, last).frames());
  }
}

TEST(ProofFrames, AreSpreadWithBothEnds) {
  EXPECT_EQ(proof_frames(FrameRange::span(1, 101), 5), (Frames{1, 26, 51, 76, 101}));
  EXPECT_EQ(proof_frames(FrameRange::span(1, 101), 1), Frames{51});
  EXPECT_EQ(proof_frames(FrameRange::span(1, 3), 9), (Frames{1, 2, 3}));
}

}  // namespace
}  // namespace souschef::core
