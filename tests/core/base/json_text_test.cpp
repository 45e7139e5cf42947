// SPDX-License-Identifier: MIT
#include "core/base/json_text.hpp"

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

TEST(JsonText, ReadsAndWritesSortedWithoutSpaces) {
  const auto read = parse_json(R"( {"b": [1, -2, 2.5, null, true], "a": "\u00e9"} )");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(json_text(*read), "{\"a\":\"\u00e9\",\"b\":[1,-2,2.5,null,true]}");
}

TEST(JsonText, FaultIsNamedWithItsPlace) {
  const auto read = parse_json(R"({"a": nope})");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, ErrorCode::bad_input);
  EXPECT_EQ(read.error().why.at(0).rfind("not JSON at byte 8", 0), 0U) << read.error().line();
}

TEST(JsonText, DepthIsBounded) {
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  EXPECT_FALSE(parse_json(deep).has_value());
  EXPECT_TRUE(parse_json(deep, {1000, 65}).has_value());
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')).has_value());
}

TEST(JsonText, LengthIsBounded) {
  EXPECT_FALSE(parse_json("[1,2,3]", {6, 64}).has_value());
}

TEST(JsonText, InvalidUtf8IsRefusedInAndReplacedOut) {
  EXPECT_FALSE(parse_json("\"\xff\"").has_value());
  EXPECT_EQ(json_text(Json("\xff")), "\"\xef\xbf\xbd\"");
}

TEST(JsonText, NumberOutOfRangeIsRefused) {
  EXPECT_FALSE(parse_json("1e999").has_value());
}

TEST(JsonText, SeveralValuesAreRefused) {
  EXPECT_FALSE(parse_json("{} {}").has_value());
  EXPECT_FALSE(parse_json("").has_value());
}

}  // namespace
}  // namespace souschef::core
