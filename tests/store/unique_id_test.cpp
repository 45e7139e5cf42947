// SPDX-License-Identifier: MIT
#include "store/unique_id.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace souschef::store {
namespace {

TEST(UniqueId, UlidsOfOneProcessAscend) {
  std::vector<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(new_ulid());
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST(UniqueId, UlidsAscendWhenTheClockGoesBack) {
  test::FakeClock clock;
  clock.set_wall(std::chrono::hours(24 * 365 * 200));
  const std::string first = new_ulid(clock);
  clock.set_wall(std::chrono::hours(1));
  EXPECT_LT(first, new_ulid(clock));
}

TEST(UniqueId, UlidHasTwentySixDigits) {
  const std::string id = new_ulid();
  EXPECT_EQ(id.size(), 26U);
  EXPECT_EQ(id.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos);
}

TEST(UniqueId, UuidsDiffer) {
  const std::string id = new_uuid();
  EXPECT_EQ(id.size(), 36U);
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(id, new_uuid());
}

}  // namespace
}  // namespace souschef::store
