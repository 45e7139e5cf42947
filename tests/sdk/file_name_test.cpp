// SPDX-License-Identifier: MIT
#include <souschef/file_name.hpp>

#include <random>

#include <gtest/gtest.h>

namespace souschef {
namespace {

TEST(FileName, Utf8StaysAsItIs) {
  EXPECT_EQ(escape_name("tex/ñønæščii.png"), "tex/ñønæščii.png");
}
TEST(FileName, Latin1ByteIsEscaped) {
  EXPECT_EQ(escape_name("caf\xe9.png"), "caf\\xe9.png");
}
TEST(FileName, BackslashIsEscapedSoThatSpellingIsUnambiguous) {
  EXPECT_EQ(escape_name("a\\b"), "a\\x5cb");
}
TEST(FileName, OverlongAndSurrogateFormsAreNotUtf8) {
  EXPECT_EQ(escape_name("\xc0\x80"), "\\xc0\\x80");
  EXPECT_EQ(escape_name("\xed\xa0\x80"), "\\xed\\xa0\\x80");
}
TEST(FileName, StrayBackslashIsRefused) {
  EXPECT_FALSE(unescape_name("a\\b").has_value());
  EXPECT_FALSE(unescape_name("a\\x5").has_value());
  EXPECT_FALSE(unescape_name("a\\xZZ").has_value());
}
TEST(FileName, RandomBytesComeBack) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string name(random() % 24, '\0');
    for (char& c : name) c = static_cast<char>(random());
    const auto back = unescape_name(escape_name(name));
    ASSERT_TRUE(back.has_value());
    ASSERT_EQ(*back, name);
  }
}

TEST(FileName, ShownOneKeepsBackslashesThatNeedNoSpelling) {
  EXPECT_EQ(shown_name("C:\\tex\\a.png"), "C:\\tex\\a.png");
  EXPECT_EQ(shown_name("\\\\srv\\caf\xc3\xa9.png"), "\\\\srv\\caf\xc3\xa9.png");
  EXPECT_EQ(shown_name("C:\\caf\xe9.png"), "C:\\x5ccaf\\xe9.png");
}

}  // namespace
}  // namespace souschef
