// SPDX-License-Identifier: MIT
#include "core/queue/order_names.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/queue/order_words.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

class OrderNames : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(make_queue_folder(queue_)); }
  test::TempFolder folder_;
  QueueFolder queue_{folder_ / "queue"};
};

constexpr const char* kId = "01J00000000000000000000001";

TEST(OrderWords, AreManyDistinctAndOfFourLetters) {
  std::set<std::string_view> distinct;
  for (const std::string_view word : kOrderWords) {
    EXPECT_EQ(word.size(), 4U) << word;
    EXPECT_TRUE(check_order_name(word)) << word;
    EXPECT_TRUE(distinct.insert(word).second) << word;
  }
  EXPECT_GE(distinct.size(), 450U);
}

TEST(OrderName, GoodAndBad) {
  for (const char* good : {"fisk", "a", "shot-010", "fisk2"}) EXPECT_TRUE(check_order_name(good)) << good;
  for (const char* bad : {"", "Fisk", "2fisk", "-a", "a b", "a/b", "..", "\xc3\xa4"})
    EXPECT_FALSE(check_order_name(bad)) << bad;
  EXPECT_FALSE(check_order_name(std::string(33, 'a')));
}

TEST_F(OrderNames, ClaimedNameLeadsToItsOrder) {
  const auto name = claim_order_name(queue_, kId, [](std::uint64_t) { return 3; });
  ASSERT_TRUE(name);
  EXPECT_EQ(*name, kOrderWords[3]);
  EXPECT_EQ(*find_order(queue_, *name), kId);
}

TEST_F(OrderNames, TakenNameIsNotGivenTwice) {
  ASSERT_TRUE(claim_order_name(queue_, kId, std::string_view("fisk")));
  const Status second = claim_order_name(queue_, kId, std::string_view("fisk"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::exists);
}

TEST_F(OrderNames, ChanceThatAlwaysHitsATakenWordFindsAFreeOne) {
  const auto stubborn = [](std::uint64_t) { return 0; };
  std::set<std::string> names;
  for (int i = 0; i < 5; ++i) names.insert(*claim_order_name(queue_, kId, stubborn));
  EXPECT_EQ(names.size(), 5U);
}

TEST_F(OrderNames, WhenAllWordsAreTakenNamesGetNumbers) {
  for (const std::string_view word : kOrderWords)
    ASSERT_TRUE(queue_.disk->make_folder(queue_.name_folder(word)));
  const auto name = claim_order_name(queue_, kId);
  ASSERT_TRUE(name);
  EXPECT_GT(name->size(), 4U);
}

TEST_F(OrderNames, ReleasedNameIsFree) {
  ASSERT_TRUE(claim_order_name(queue_, kId, std::string_view("fisk")));
  ASSERT_TRUE(release_order_name(queue_, "fisk"));
  EXPECT_TRUE(claim_order_name(queue_, kId, std::string_view("fisk")));
  EXPECT_TRUE(release_order_name(queue_, "never"));
}

TEST_F(OrderNames, TypoGetsASuggestion) {
  ASSERT_TRUE(claim_order_name(queue_, kId, std::string_view("fisk")));
  const auto found = find_order(queue_, "fsik");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::not_found);
  EXPECT_EQ(found.error().next, "did you mean fisk?");
}

TEST_F(OrderNames, IdAndItsUniqueBeginningAreNamesToo) {
  ASSERT_TRUE(queue_.disk->make_folder(queue_.order_folder(kId)));
  EXPECT_EQ(*find_order(queue_, kId), kId);
  EXPECT_EQ(*find_order(queue_, std::string(kId).substr(0, 12)), kId);
  EXPECT_FALSE(find_order(queue_, "01J"));
}

}  // namespace
}  // namespace souschef::core
