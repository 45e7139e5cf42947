// SPDX-License-Identifier: MIT
#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "core/jobs/collect_garbage.hpp"

namespace souschef::cli {

Result<ExitCode> cmd_undo(Invocation& invocation) {
  Arguments arguments(invocation);
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(const store::UndoReport report, core::undo_gc(*production));
  invocation.terminal().record({{"type", "undo"},
                                {"generation", report.generation},
                                {"packs", report.packs},
                                {"files", report.files},
                                {"reason", report.reason}});
  invocation.terminal().print(
      "back from the trash: " + counted(report.files, "manifest or record", "manifests and records") + ", " +
      counted(report.packs, "pack"));
  invocation.terminal().say("Next: souschef snapshots; pin what the next gc must keep (souschef pin JOB)");
  return ExitCode::done;
}

}  // namespace souschef::cli
