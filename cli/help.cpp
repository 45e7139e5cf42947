// SPDX-License-Identifier: MIT
#include "cli/help.hpp"

#include <algorithm>

#include "cli/command.hpp"
#include "cli/help_texts.hpp"
#include "cli/table.hpp"

namespace souschef::cli {
namespace {

constexpr std::pair<Group, std::string_view> kGroups[] = {
    {Group::start, "Start"},    {Group::bank, "Bank and order"},     {Group::queue, "Render"},
    {Group::read, "Read back"}, {Group::clean_up, "Give disk back"}, {Group::look, "Look inside"},
    {Group::other, "More"},
};

const std::vector<OptionHelp>& common_options() {
  static const std::vector<OptionHelp> kOptions = {
      {"-C", "DIR", "work as if started in DIR"},
      {"--json", "", "records on stdout, one a line"},
      {"-q,--quiet", "", "no talk, only results and warnings"},
      {"-v,--verbose", "", "more talk"},
      {"--color", "WHEN", "auto, always or never"},
      {"--config", "KEY=VALUE", "a setting for this run only"},
      {"--log-file", "FILE", "append what the program does, line by line, for the report of a bug"},
      {"--trace-file", "FILE", "write where the time went, for chrome://tracing or ui.perfetto.dev"},
  };
  return kOptions;
}

// Markdown as a terminal shows it: headings bold, fences dropped, the rest as it is.
void print_markdown(Terminal& terminal, std::string_view text) {
  bool code = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.rfind("```", 0) == 0) {
      code = !code;
    } else if (code) {
      terminal.print("  " + terminal.out_style(Style::cyan, line));
    } else if (line.rfind('#', 0) == 0) {
      line.remove_prefix(std::min(line.find_first_not_of("# "), line.size()));
      terminal.print(terminal.out_style(Style::bold, line));
    } else {
      terminal.print(line);
    }
  }
}

void print_options(Terminal& terminal, std::string_view title, const std::vector<OptionHelp>& options) {
  if (options.empty()) return;
  terminal.print("");
  terminal.print(terminal.out_style(Style::bold, title));
  Table table({Align::left, Align::left});
  for (const OptionHelp& option : options) {
    std::string names = option.names;
    for (std::size_t at = 0; (at = names.find(',', at)) != std::string::npos; at += 2)
      names.replace(at, 1, ", ");
    table.row({"  " + names + (option.value_name.empty() ? "" : " " + option.value_name), option.doc});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
}

}  // namespace

std::string_view help_text(std::string_view name) {
  for (const auto& [known, text] : kHelpTexts)
    if (known == name) return text;
  return {};
}

std::vector<std::string_view> help_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, text] : kHelpTexts) names.push_back(name);
  return names;
}

void print_overview(Terminal& terminal) {
  print_markdown(terminal, help_text("souschef"));
  for (const auto& [group, title] : kGroups) {
    Table table({Align::left, Align::left});
    for (const Command& command : commands())
      if (command.group == group) table.row({"  " + std::string(command.verb), std::string(command.summary)});
    if (table.empty()) continue;
    terminal.print("");
    terminal.print(terminal.out_style(Style::bold, title));
    for (const std::string& line : table.lines()) terminal.print(line);
  }
  terminal.print("");
  terminal.print("souschef COMMAND --help  shows examples and options of one.");
}

void print_command_help(Terminal& terminal, std::string_view verb, std::string_view usage,
                        const std::vector<OptionHelp>& options) {
  print_markdown(terminal, help_text(verb));
  terminal.print("");
  terminal.print(terminal.out_style(Style::bold, "Usage"));
  terminal.print("  souschef " + std::string(verb) + std::string(usage) +
                 (options.empty() ? "" : " [options]"));
  print_options(terminal, "Options", options);
  print_options(terminal, "Every command takes", common_options());
}

void print_topic(Terminal& terminal, std::string_view text) {
  print_markdown(terminal, text);
}

}  // namespace souschef::cli
