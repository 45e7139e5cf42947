// SPDX-License-Identifier: MIT
#include <souschef/fields.hpp>

#include <gtest/gtest.h>

namespace souschef {
namespace {

const Fields kFields = {{"order", "zebu"}, {"trap", "{order}"}};

TEST(Fields, AFieldBecomesItsValue) {
  EXPECT_EQ(fill_fields("{order}_{order}.mp4", kFields), "zebu_zebu.mp4");
}

TEST(Fields, WhatAValueHoldsIsNotLookedAtAgain) {
  EXPECT_EQ(fill_fields("{trap}", kFields), "{order}");
}

TEST(Fields, OtherBracesStay) {
  EXPECT_EQ(fill_fields(R"({"a": {"b": "{order}"}} {nobody} {)", kFields),
            R"({"a": {"b": "zebu"}} {nobody} {)");
}

}  // namespace
}  // namespace souschef
