// SPDX-License-Identifier: MIT
#include "core/verification/size_outlier.hpp"

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

// Frames 1 to 20, of which those named are done with files of these sizes.
OrderLedger ledger_of(const std::vector<std::pair<std::int32_t, std::uint64_t>>& sizes) {
  Order order;
  order.frames = FrameRange::span(1, 20);
  OrderLedger ledger(order);
  for (const auto& [frame, size] : sizes) {
    EXPECT_TRUE(ledger.apply({{"event", "start"}, {"frame", frame}, {"attempt", 1}, {"slot", "cpu"}}));
    const FileRecord file{.path = "f.png", .size = size, .hash = {}};
    EXPECT_TRUE(ledger.apply(
        {{"event", "done"}, {"frame", frame}, {"attempt", 1}, {"ms", 1}, {"files", files_json({file})}}));
  }
  return ledger;
}

TEST(SizeOutlier, MuchSmallerOrLargerThanItsNeighboursIsOne) {
  const OrderLedger ledger = ledger_of({{1, 100'000}, {2, 110'000}, {3, 90'000}, {4, 105'000}, {6, 100'000}});
  EXPECT_TRUE(is_size_outlier(ledger, 5, 20'000));
  EXPECT_TRUE(is_size_outlier(ledger, 5, 500'000));
  EXPECT_FALSE(is_size_outlier(ledger, 5, 60'000));
  EXPECT_FALSE(is_size_outlier(ledger, 5, 300'000));
}

TEST(SizeOutlier, FewNeighboursSayNothing) {
  EXPECT_FALSE(is_size_outlier(ledger_of({{1, 100'000}, {2, 100'000}, {3, 100'000}}), 5, 100));
}

TEST(SizeOutlier, SmallPicturesDifferByLittle) {
  EXPECT_FALSE(is_size_outlier(ledger_of({{1, 900}, {2, 900}, {3, 900}, {4, 900}}), 5, 100));
}

TEST(SizeOutlier, OneOddNeighbourDecidesNothing) {
  const OrderLedger ledger =
      ledger_of({{1, 100'000}, {2, 100'000}, {3, 5'000'000}, {4, 100'000}, {6, 90'000}});
  EXPECT_FALSE(is_size_outlier(ledger, 5, 100'000));
}

TEST(SizeOutlier, FramesThatAreNearCountFarOnesDoNot) {
  std::vector<std::pair<std::int32_t, std::uint64_t>> sizes;
  for (std::int32_t frame = 1; frame <= 9; ++frame) sizes.emplace_back(frame, 10'000);
  for (std::int32_t frame = 11; frame <= 20; ++frame) sizes.emplace_back(frame, 900'000);
  EXPECT_FALSE(is_size_outlier(ledger_of(sizes), 20, 900'000));
}

}  // namespace
}  // namespace souschef::core
