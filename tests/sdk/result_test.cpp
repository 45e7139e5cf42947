// SPDX-License-Identifier: MIT
#include <souschef/result.hpp>

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace souschef {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0)
    return Error(ErrorCode::bad_input, "odd", std::to_string(value)).next_step("give an even number");
  return value / 2;
}
Result<int> quarter(int value) {
  SOUSCHEF_TRY(const int once, half(value));
  SOUSCHEF_TRY(const int twice, half(once));
  return twice;
}
Status check(int value) {
  SOUSCHEF_CHECK(quarter(value));
  return {};
}

TEST(Result, ValueComesThrough) {
  EXPECT_EQ(*quarter(12), 3);
  EXPECT_TRUE(check(12));
}
TEST(Result, FirstErrorComesThrough) {
  const auto result = quarter(6);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().line(), "odd: 3");
  EXPECT_EQ(result.error().next, "give an even number");
  EXPECT_FALSE(check(7));
}
TEST(Result, MovesValuesThatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(4);
  const std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 4);
}
TEST(Result, ContextGoesInFront) {
  const Error error =
      Error(ErrorCode::io, "cannot read x", "no such device").in_context("cannot bank shot.blend");
  EXPECT_EQ(error.line(), "cannot bank shot.blend: cannot read x: no such device");
}

}  // namespace
}  // namespace souschef
