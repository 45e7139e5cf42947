// SPDX-License-Identifier: MIT
// What a hook consists of, as text: a script for git, lines of an hgrc for Mercurial.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

namespace souschef::core {

// The hooks that are installed. docs/hooks.md says what each is for.
std::span<const std::string_view> git_hook_names();

struct HookScript {
  std::set<std::string> places;  // of productions, relative to the top of the working copy: "."
  std::string program;           // absolute; where it is not there any more, `souschef` of PATH is run
  bool made_folder = false;      // git: the folder of hooks is ours too
  bool made_file = false;        // hg: there was no hgrc
  bool ended_line = false;       // hg: the last line had no end
};

// Where the hook of that name keeps what stood there before.
std::string hook_before(std::string_view name);
std::string git_hook_script(std::string_view name, const HookScript& script);
// Nothing where the text is not of git_hook_script(); `program` stays empty.
std::optional<HookScript> read_git_hook_script(std::string_view text);

// The lines, and an hgrc with and without them. Errors: bad_input (half of them is there).
std::string hg_hook_lines(const HookScript& script);
struct HgrcParts {
  std::string before, after;         // what is not ours
  std::optional<HookScript> script;  // nothing: our lines are not there
};
Result<HgrcParts> split_hgrc(const std::string& text);

// A word for sh, in quotes.
std::string shell_quoted(std::string_view text);

}  // namespace souschef::core
