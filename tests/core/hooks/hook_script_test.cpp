// SPDX-License-Identifier: MIT
#include "core/hooks/hook_script.hpp"

#include <gmock/gmock.h>

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(HookScript, SaysForWhomItRuns) {
  const HookScript script{.places = {".", "film 'two'\n"}, .program = "/opt/sous chef/souschef"};
  for (const std::string_view name : git_hook_names()) {
    const auto read = read_git_hook_script(git_hook_script(name, script));
    ASSERT_TRUE(read) << name;
    EXPECT_THAT(read->places, ElementsAre(".", "film 'two'\n"));
    EXPECT_FALSE(read->made_folder);
  }
}

TEST(HookScript, AnotherProgramsIsNotOurs) {
  EXPECT_FALSE(read_git_hook_script("#!/bin/sh\ngit lfs post-commit \"$@\"\n"));
  EXPECT_FALSE(read_git_hook_script(""));
}

TEST(HookScript, QuotesSurviveTheShell) {
  EXPECT_EQ(shell_quoted("a'b $c"), "'a'\\''b $c'");
}

TEST(Hgrc, LinesGoInAndOutByteForByte) {
  for (const std::string before : {"", "[ui]\nusername = x\n", "[ui]\nusername = x", "\n\n"}) {
    HookScript script{.places = {"."}, .program = "/bin/souschef"};
    script.ended_line = !before.empty() && !before.ends_with('\n');
    const std::string text =
        before + (script.ended_line ? "\n" : "") + hg_hook_lines(script) + "[later]\nx = 1\n";
    const auto parts = split_hgrc(text);
    ASSERT_TRUE(parts) << parts.error().line();
    EXPECT_EQ(parts->before, before);
    EXPECT_EQ(parts->after, "[later]\nx = 1\n");
  }
}

TEST(Hgrc, HalfOfTheLinesIsRefused) {
  const std::string lines = hg_hook_lines({.places = {"."}, .program = "/bin/souschef"});
  const auto parts = split_hgrc(lines.substr(0, lines.size() / 2));
  ASSERT_FALSE(parts);
  EXPECT_THAT(parts.error().next, HasSubstr("by hand"));
}

}  // namespace
}  // namespace souschef::core
