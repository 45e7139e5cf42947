// SPDX-License-Identifier: MIT
// The table of commands. A new one is a row in command.cpp, a file cmd_<verb>.cpp and a file help/<verb>.md.
#pragma once

#include <span>
#include <string_view>

#include <souschef/result.hpp>

#include "cli/exit_code.hpp"
#include "cli/invocation.hpp"

namespace souschef::cli {

enum class Group { start, bank, queue, read, clean_up, look, other, hidden };

struct Command {
  std::string_view verb;
  Group group;
  std::string_view summary;  // a few words for the list of commands
  Result<ExitCode> (*run)(Invocation& invocation);
};

std::span<const Command> commands();
// Null where there is none of that name (or alias).
const Command* find_command(std::string_view verb);
// The known verb nearest to a typo, or an empty string.
std::string closest_command(std::string_view typed);

}  // namespace souschef::cli
