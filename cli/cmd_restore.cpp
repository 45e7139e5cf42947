// SPDX-License-Identifier: MIT
#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "core/jobs/restore.hpp"

namespace souschef::cli {

Result<ExitCode> cmd_restore(Invocation& invocation) {
  std::string job, folder;
  core::RestoreRequest request;
  Arguments arguments(invocation);
  arguments.positional("JOB", job,
                       "a job's id or its beginning, a snapshot, a tag, or latest:shots/sh010.blend");
  arguments.positional("DIR", folder, "a new folder");
  arguments.options("--only", "GLOB", request.only, "only files whose path fits");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  Terminal& terminal = invocation.terminal();
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(request.job, core::JobStore(*production).find(job));
  request.folder = invocation.absolute(folder);
  Progress progress(terminal, "restoring", Progress::Unit::bytes);
  request.progress = [&](const store::PutProgress& now) { progress.update(now.bytes_done, now.bytes_total); };
  request.cancelled = interrupted;
  SOUSCHEF_TRY(const core::RestoreResult result, core::restore_job(*production, request));
  terminal.clear_status();
  core::Json rewrapped = core::Json::array();
  for (const std::string& path : result.rewrapped) {
    rewrapped.push_back(escape_name(path));
    terminal.warn(
        escape_name(path) +
        ": the same content; its compression is a fresh one (the original's encoder is not at hand)");
  }
  terminal.record({{"type", "restore"},
                   {"job", request.job.hex()},
                   {"folder", escape_name(request.folder.string())},
                   {"files", result.files},
                   {"bytes", result.bytes},
                   {"rewrapped", rewrapped}});
  terminal.print("restored " + counted(result.files, "file") + ", " + human_bytes(result.bytes) + ", to " +
                 escape_name(request.folder.string()));
  return ExitCode::done;
}

}  // namespace souschef::cli
