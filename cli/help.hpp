// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.hpp"

namespace souschef::cli {

struct OptionHelp {
  std::string names;       // "-n,--dry-run"
  std::string value_name;  // "TAG", or empty
  std::string doc;
};

// The text of help/<name>.md, or an empty string.
std::string_view help_text(std::string_view name);
std::vector<std::string_view> help_names();

// What `souschef` and `souschef help` print: the commands in their groups.
void print_overview(Terminal& terminal);
// Examples first, then the rest of help/<verb>.md, then the options as the command declared them.
void print_command_help(Terminal& terminal, std::string_view verb, std::string_view usage,
                        const std::vector<OptionHelp>& options);
// A help text of its own (help/frames.md as `souschef help frames`).
void print_topic(Terminal& terminal, std::string_view text);

}  // namespace souschef::cli
