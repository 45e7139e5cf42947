// SPDX-License-Identifier: MIT
#include "core/base/toml_file.hpp"

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

std::string why(std::string_view text) {
  const auto parsed = parse_toml(text, "config.toml");
  return parsed ? "" : parsed.error().line();
}

TEST(TomlFile, LettersOfAllLanguagesStandInStringsAndComments) {
  for (const char* text :
       {R"(a = "größe"  # größe)", R"("ключ" = 'Ж')", R"(a = "\"é")", "a = '''\né'''\n",
        "a = \"\"\"x\n\\\"é\"\"\"\n", "a = [\"\"\"x\"\"\"\", \"é\"]\n", "\xEF\xBB\xBF# é\na = 1\n"})
    EXPECT_EQ(why(text), "") << text;
}

// toml++ took most of these for a place that is never reached, and went on as the compiler pleased.
TEST(TomlFile, LettersWithoutQuotesAreRefusedWithTheirLine) {
  for (const char* text : {"a = 1\ngröße = 2\n", "a = 1\nЖ\n", "a = 'x'\nb = é\n"})
    EXPECT_NE(why(text).find("line 2: a letter outside of ASCII"), std::string::npos) << why(text);
}

TEST(TomlFile, WhatIsCutShortIsRefused) {
  for (const char* text : {"a = \"é", "a = '''é", "a = \"é\\", "[tab", "a ="})
    EXPECT_NE(why(text), "") << text;
}

}  // namespace
}  // namespace souschef::core
