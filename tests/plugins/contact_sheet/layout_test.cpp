// SPDX-License-Identifier: MIT
#include "plugins/contact_sheet/layout.hpp"

#include <gtest/gtest.h>

namespace souschef::contact_sheet {
namespace {

TEST(Spread, HoldsTheFirstAndTheLast) {
  EXPECT_EQ(spread(10, 4), (std::vector<std::size_t>{0, 3, 6, 9}));
  EXPECT_EQ(spread(250, 3), (std::vector<std::size_t>{0, 125, 249}));
  EXPECT_EQ(spread(10, 1), (std::vector<std::size_t>{0}));
}

TEST(Spread, FewerThanWantedAreAllThereOnce) {
  EXPECT_EQ(spread(3, 24), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_TRUE(spread(0, 24).empty());
}

TEST(Spread, NumbersRise) {
  for (std::size_t total = 1; total < 60; ++total)
    for (std::size_t count = 1; count <= total; ++count) {
      const auto chosen = spread(total, count);
      ASSERT_EQ(chosen.size(), count);
      for (std::size_t i = 1; i < count; ++i) ASSERT_LT(chosen[i - 1], chosen[i]) << total << " " << count;
      ASSERT_LT(chosen.back(), total);
    }
}

TEST(GridFor, HasRoomForAll) {
  EXPECT_EQ(grid_for(24, 0, 16.0 / 9), (Grid{4, 6}));
  EXPECT_EQ(grid_for(7, 3, 1), (Grid{3, 3}));
  EXPECT_EQ(grid_for(1, 0, 1), (Grid{1, 1}));
  EXPECT_EQ(grid_for(3, 50, 1), (Grid{3, 1}));
}

}  // namespace
}  // namespace souschef::contact_sheet
