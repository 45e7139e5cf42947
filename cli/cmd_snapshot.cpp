// SPDX-License-Identifier: MIT
#include <filesystem>

#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "cli/snapshot_events.hpp"
#include "core/banking/snapshot.hpp"
#include "core/production/production.hpp"

namespace fs = std::filesystem;

namespace souschef::cli {
namespace {

void report(Terminal& terminal, const core::SnapshotResult& result, bool dry_run) {
  warn_of(terminal, result);
  terminal.record({{"type", "job"},
                   {"job", dry_run ? core::Json() : core::Json(result.job.hex())},
                   {"snapshot", dry_run ? core::Json() : core::Json(result.snapshot)},
                   {"entry", escape_name(result.entry)},
                   {"files", result.files},
                   {"bytes", result.bytes},
                   {"unchanged", result.unchanged},
                   {"missing", missing_json(result.missing)}});
  const std::string name = result.entry.empty() ? "the whole production" : escape_name(result.entry);
  if (dry_run) {
    terminal.print("would bank " + name + ": " + counted(result.files, "file") + ", " +
                   human_bytes(result.bytes) + ", at most " + human_bytes(result.new_bytes) + " new");
    return;
  }
  terminal.print(
      terminal.out_style(Style::green, result.job.brief()) + "  " + name + "  " +
      counted(result.files, "file") + ", " + human_bytes(result.bytes) + ", " +
      (result.new_bytes == 0 ? std::string("nothing new") : human_bytes(result.new_bytes) + " new") + ", " +
      human_seconds(result.seconds));
}

}  // namespace

Result<ExitCode> cmd_snapshot(Invocation& invocation) {
  std::vector<std::string> paths;
  core::SnapshotRequest request;
  bool rehash = false;
  Arguments arguments(invocation);
  arguments.positionals("FILE.blend|DIR", paths, "one job for each .blend; a folder is banked as one job");
  arguments.options("--tag", "TAG", request.tags, "a name for the job; kept by gc");
  arguments.option("-m,--message", "TEXT", request.message, "a word on why");
  arguments.flag("--allow-missing", request.allow_missing,
                 "bank although files are missing; they are remembered");
  arguments.flag("--allow-outside", request.allow_outside,
                 "bank files outside the production without asking");
  arguments.options("--exclude", "GLOB", request.exclude,
                    "leave files of a folder out, as a line of .souschefignore");
  arguments.flag("--include-unused", request.include_unused,
                 "bank everything in a library, not only what is used");
  arguments.flag("-n,--dry-run", request.dry_run, "say what would be banked");
  arguments.flag("--rehash", rehash, "read every file again, whatever its times say");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  Terminal& terminal = invocation.terminal();
  invocation.set_rehash(rehash);
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  std::uint64_t jobs = 0, files = 0, bytes = 0, new_bytes = 0;
  double seconds = 0;
  ExitCode exit = ExitCode::done;
  for (const std::string& path : paths) {
    request.path = invocation.absolute(path);
    Progress progress(terminal, "banking", Progress::Unit::bytes);
    auto result = core::take_snapshot(*production, request, snapshot_events(terminal, progress));
    if (!result) {
      if (paths.size() == 1 || result.error().code == ErrorCode::cancelled) return std::move(result).error();
      terminal.error(result.error());
      exit = ExitCode::partly;
      continue;
    }
    terminal.clear_status();
    report(terminal, *result, request.dry_run);
    ++jobs;
    files += result->files;
    bytes += result->bytes;
    new_bytes += result->new_bytes;
    seconds += result->seconds;
  }
  terminal.record({{"type", "summary"},
                   {"jobs", jobs},
                   {"files", files},
                   {"bytes", bytes},
                   {"new_bytes", new_bytes},
                   {"seconds", seconds}});
  if (!request.dry_run && jobs > 0 && terminal.out_is_terminal())
    terminal.say("Next: souschef order JOB  renders it, souschef snapshots  lists all");
  return exit;
}

}  // namespace souschef::cli
