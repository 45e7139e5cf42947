// SPDX-License-Identifier: MIT
#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "cli/table.hpp"
#include "core/jobs/collect_garbage.hpp"

namespace souschef::cli {
namespace {

Result<core::GcRequest> request_of(Invocation& invocation, std::optional<std::int64_t> keep_last,
                                   std::optional<std::int64_t> keep_days,
                                   const std::vector<std::string>& keep_tags, const std::string& max_size) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  core::GcRequest request;
  request.rules = core::keep_rules(production->config());
  if ((keep_last && *keep_last < 1) || (keep_days && *keep_days < 1))
    return Error(ErrorCode::usage, "--keep-last and --keep-days take a number from 1 on");
  if (keep_last) request.rules.keep_last = keep_last;
  if (keep_days) request.rules.keep_days = keep_days;
  if (!keep_tags.empty()) request.rules.keep_tags = keep_tags;
  if (!max_size.empty()) {
    SOUSCHEF_TRY(request.rules.max_size, core::parse_size(max_size));
  }
  return request;
}

void print_snapshots(Terminal& terminal, const core::GcReport& report, bool all) {
  Table table({Align::left, Align::left, Align::left, Align::left});
  for (const core::GcSnapshot& snapshot : report.snapshots) {
    terminal.record({{"type", "snapshot"},
                     {"snapshot", snapshot.record.ulid},
                     {"job", snapshot.record.job.hex()},
                     {"entry", escape_name(snapshot.record.entry)},
                     {"keep", snapshot.fate.keep},
                     {"why", snapshot.fate.why}});
    if (!all) continue;
    table.row({snapshot.fate.keep ? terminal.out_style(Style::green, "keep")
                                  : terminal.out_style(Style::yellow, "drop"),
               snapshot.record.job.brief(),
               snapshot.record.entry.empty() ? "(all)" : escape_name(snapshot.record.entry),
               snapshot.fate.why});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
}

void print_jobs(Terminal& terminal, const core::GcReport& report, bool dry_run) {
  Table table({Align::left, Align::left, Align::left, Align::right, Align::right});
  for (const core::GcJob& job : report.jobs) {
    core::Json record = {{"type", "job"}, {"job", job.job.hex()}, {"entry", escape_name(job.entry)}};
    if (dry_run) {
      record["files"] = job.files;
      record["bytes"] = job.bytes;
      record["stored"] = job.stored;
    }
    terminal.record(record);
    if (dry_run)
      table.row({"job goes", job.job.brief(), job.entry.empty() ? "" : escape_name(job.entry),
                 counted(job.files, "file"), human_bytes(job.stored) + " only it needs"});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
}

void print_packs(Terminal& terminal, const core::GcReport& report, bool show) {
  Table table({Align::left, Align::left, Align::right, Align::left});
  for (const store::PackDecision& pack : report.plan.packs) {
    const char* fate = pack.fate == store::PackFate::keep      ? "keep"
                       : pack.fate == store::PackFate::rewrite ? "rewrite"
                                                               : "drop";
    terminal.record({{"type", "pack"},
                     {"pack", pack.pack.hex()},
                     {"fate", fate},
                     {"why", store::words_for(pack.reason)},
                     {"bytes", pack.size},
                     {"needed", pack.live}});
    if (show)
      table.row({fate, "pack " + pack.pack.brief(), human_bytes(pack.size),
                 human_bytes(pack.live) + " of it needed: " + std::string(store::words_for(pack.reason))});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
}

core::Json rubbish_json(const core::RubbishReport& rubbish) {
  const auto part = [](const core::RubbishReport::Part& each) {
    return core::Json{{"count", each.count}, {"bytes", each.bytes}};
  };
  return {{"checkouts", part(rubbish.checkouts)},
          {"logs", part(rubbish.logs)},
          {"pantry", part(rubbish.pantry)},
          {"temporary", part(rubbish.temporary)}};
}

void print_rubbish(Terminal& terminal, const core::RubbishReport& rubbish, bool dry_run) {
  const auto line = [&](const core::RubbishReport::Part& part, const std::string& one,
                        const std::string& many) {
    if (part.count > 0)
      terminal.print((dry_run ? "would remove " : "removed ") + counted(part.count, one, many) + ", " +
                     human_bytes(part.bytes));
  };
  line(rubbish.checkouts, "checkout of an order that is over", "checkouts of orders that are over");
  line(rubbish.logs, "folder of old logs", "folders of old logs");
  line(rubbish.pantry, "shared file that no checkout uses", "shared files that no checkout uses");
  line(rubbish.temporary, "temporary folder of a program that died",
       "temporary folders of programs that died");
}

void print_summary(Terminal& terminal, const core::GcReport& report, bool dry_run) {
  terminal.record({{"type", "gc"},
                   {"dry_run", dry_run},
                   {"snapshots_kept", report.snapshots.size() - report.snapshots_dropped},
                   {"snapshots_dropped", report.snapshots_dropped},
                   {"jobs_kept", report.jobs_kept},
                   {"jobs_dropped", report.jobs.size()},
                   {"packs_back", report.packs_back},
                   {"bytes_planned", report.plan.freed()},
                   {"bytes_removed", report.bytes_removed},
                   {"bytes_written", report.bytes_written},
                   {"trash_deleted", report.trash.bytes},
                   {"trash_left", report.trash.bytes_left},
                   {"rubbish", rubbish_json(report.rubbish)},
                   {"disk_bytes_freed", report.disk_bytes_freed},
                   {"damaged_jobs", report.damaged.size()},
                   {"seconds", report.seconds}});
  if (!report.damaged.empty())
    terminal.warn(counted(report.damaged.size(), "damaged job") +
                  " kept for what can be had: souschef repair");
  if (report.packs_back > 0)
    terminal.say(counted(report.packs_back, "pack") + (dry_run ? " would come" : " came") +
                 " back from the trash: something in it is needed");
  const std::string what =
      counted(report.snapshots_dropped, "snapshot") + " and " + counted(report.jobs.size(), "job");
  if (dry_run) {
    terminal.print("would drop " + what + "; " + human_bytes(report.plan.freed()) + " would come back");
    return;
  }
  const std::uint64_t gone =
      report.bytes_removed > report.bytes_written ? report.bytes_removed - report.bytes_written : 0;
  terminal.print("dropped " + what + "; the store is " + human_bytes(gone) + " smaller, " +
                 human_seconds(report.seconds));
  if (report.trash.bytes > 0) terminal.print(human_bytes(report.trash.bytes) + " of trash deleted for good");
  terminal.say(
      "disk: " + human_bytes(static_cast<std::uint64_t>(std::max<std::int64_t>(0, report.disk_bytes_freed))) +
      " more free than before, " + human_bytes(report.disk_bytes_left) + " left");
  if (report.snapshots_dropped + report.jobs.size() > 0 && report.trash.batches_left > 0)
    terminal.say("Next: souschef undo brings it back; souschef gc --now empties the trash");
}

}  // namespace

Result<ExitCode> cmd_gc(Invocation& invocation) {
  bool dry_run = false, now = false;
  std::optional<std::int64_t> keep_last, keep_days;
  std::string max_size;
  std::vector<std::string> keep_tags;
  Arguments arguments(invocation);
  arguments.flag("-n,--dry-run", dry_run, "show what would go and why, and change nothing");
  arguments.option("--keep-last", "N", keep_last, "of each .blend or folder keep the newest N snapshots");
  arguments.option("--keep-days", "D", keep_days, "keep what is younger than D days");
  arguments.options("--keep-tag", "TAG", keep_tags,
                    "keep what was banked with this tag; may be given more than once");
  arguments.option("--max-size", "SIZE", max_size, "drop the oldest until the packs are smaller: 500GB");
  arguments.flag("--now", now, "empty the trash too: no undo");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(core::GcRequest request, request_of(invocation, keep_last, keep_days, keep_tags, max_size));
  request.dry_run = dry_run;
  request.now = now;
  Terminal& terminal = invocation.terminal();
  Progress progress(terminal, "rewriting", Progress::Unit::bytes);
  core::GcEvents events;
  events.progress = [&](const store::PutProgress& done) {
    progress.update(done.bytes_done, done.bytes_total);
  };
  events.cancelled = interrupted;
  SOUSCHEF_TRY(const core::GcReport report, core::collect_garbage(*production, request, events));
  terminal.clear_status();
  print_snapshots(terminal, report, dry_run || terminal.verbose());
  print_jobs(terminal, report, dry_run);
  print_packs(terminal, report, terminal.verbose());
  print_rubbish(terminal, report.rubbish, dry_run);
  print_summary(terminal, report, dry_run);
  return ExitCode::done;
}

}  // namespace souschef::cli
