// SPDX-License-Identifier: MIT
#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "core/jobs/why.hpp"

namespace souschef::cli {
namespace {

constexpr std::size_t kFilesShown = 5;

void print_chain(Terminal& terminal, const core::Chain& chain) {
  core::Json files = core::Json::array(), roots = core::Json::array();
  for (const std::string& file : chain.files) files.push_back(escape_name(file));
  for (const core::Root& root : chain.roots)
    roots.push_back({{"kind", core::name_of(root.kind)}, {"name", escape_name(root.name)}});
  terminal.record({{"type", "chain"}, {"job", chain.job.hex()}, {"files", files}, {"roots", roots}});
  terminal.print("  job " + terminal.out_style(Style::green, chain.job.brief()));
  for (std::size_t i = 0; i < chain.files.size() && i < kFilesShown; ++i)
    terminal.print("    as " + escape_name(chain.files[i]));
  if (chain.files.size() > kFilesShown)
    terminal.print("    and " + std::to_string(chain.files.size() - kFilesShown) + " more of its files");
  for (const core::Root& root : chain.roots)
    terminal.print("    kept by " + std::string(core::name_of(root.kind)) + " " + escape_name(root.name) +
                   (root.entry.empty() ? "" : " of " + escape_name(root.entry)));
  if (chain.roots.empty()) terminal.print("    kept by nobody: the next gc takes it");
}

}  // namespace

Result<ExitCode> cmd_why(Invocation& invocation) {
  std::string text;
  Arguments arguments(invocation);
  arguments.positional("JOB|FILE|ID", text, "a job, snapshot or tag; a file of the production; or a full id");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(const core::WhyAnswer answer, core::why(*production, text, interrupted));
  Terminal& terminal = invocation.terminal();
  terminal.print(answer.what);
  for (const core::Chain& chain : answer.chains) print_chain(terminal, chain);
  if (answer.chains.empty()) terminal.print("  needed by no job: the next gc takes it");
  return ExitCode::done;
}

}  // namespace souschef::cli
