// SPDX-License-Identifier: MIT
#include "store/statistics.hpp"

#include "tests/store/store_fixture.hpp"

namespace souschef::store {
namespace {

using test::random_words;

using StatisticsTest = StoreFixture;

TEST_F(StatisticsTest, RowsAddUp) {
  const std::string common = random_words(3'000'000, 1);
  const auto files = put({write("a", common + random_words(2'000'000, 2)), write("b", common),
                          write("c", random_words(500'000, 3)), write("unneeded", random_words(700'000, 4))});
  const std::vector<std::vector<ContentRoot>> groups = {{{files[0].content, {}}},
                                                        {{files[1].content, {}}, {files[2].content, {}}}};
  const auto statistics = *store_statistics(*store_, groups);
  EXPECT_EQ(statistics.logical, files[0].content_size + files[1].content_size + files[2].content_size);
  Amount sum = statistics.shared;
  for (const Amount& amount : statistics.alone) sum += amount;
  EXPECT_EQ(sum.raw, statistics.needed.raw);
  EXPECT_EQ(sum.stored, statistics.needed.stored);
  EXPECT_GT(statistics.shared.raw, 1'000'000U);
  EXPECT_GT(statistics.unneeded.raw, 700'000U);
  EXPECT_LT(statistics.needed.stored + statistics.unneeded.stored, statistics.pack_bytes);
}

TEST_F(StatisticsTest, WhatThreeGroupsShareIsCountedOnce) {
  const auto files = put({write("a", random_words(3'000'000, 1))});
  const std::vector<std::vector<ContentRoot>> groups(3, {{files[0].content, {}}});
  const auto statistics = *store_statistics(*store_, groups);
  EXPECT_EQ(statistics.shared.raw, statistics.needed.raw);
  for (const Amount& amount : statistics.alone) EXPECT_EQ(amount.raw, 0U);
}

}  // namespace
}  // namespace souschef::store
