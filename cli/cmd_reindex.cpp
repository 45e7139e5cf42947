// SPDX-License-Identifier: MIT
#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "core/jobs/reindex.hpp"

namespace souschef::cli {

Result<ExitCode> cmd_reindex(Invocation& invocation) {
  Arguments arguments(invocation);
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  Terminal& terminal = invocation.terminal();
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(const store::ReindexReport report, core::reindex(*production));
  terminal.record({{"type", "reindex"},
                   {"packs", report.packs},
                   {"objects", report.objects},
                   {"contents", report.contents},
                   {"bytes", report.bytes},
                   {"unreadable", report.unreadable.size()}});
  terminal.print("indexed " + counted(report.objects, "object") + " of " + counted(report.packs, "pack") +
                 "; the index takes " + human_bytes(report.bytes));
  for (const Error& error : report.unreadable) terminal.warn(error.line());
  if (!report.unreadable.empty()) terminal.say("Next: souschef check");
  return report.unreadable.empty() ? ExitCode::done : ExitCode::corrupt;
}

}  // namespace souschef::cli
