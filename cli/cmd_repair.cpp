// SPDX-License-Identifier: MIT
#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "core/jobs/repair_production.hpp"

namespace souschef::cli {

Result<ExitCode> cmd_repair(Invocation& invocation) {
  std::vector<std::string> from;
  Arguments arguments(invocation);
  arguments.options("--from", "FOLDER", from, "another production or store that may have good copies");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  Terminal& terminal = invocation.terminal();
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  core::RepairJobsRequest request;
  for (const std::string& folder : from) request.from.push_back(invocation.absolute(folder));
  Progress progress(terminal, "checking", Progress::Unit::bytes);
  request.progress = [&](const store::PutProgress& now) { progress.update(now.bytes_done, now.bytes_total); };
  request.cancelled = interrupted;
  SOUSCHEF_TRY(const core::ProductionRepair repair, core::repair_production(*production, request));
  terminal.clear_status();
  const store::RepairReport& report = repair.store;
  for (const PackId& pack : report.set_aside)
    terminal.print("set aside damaged pack " + pack.brief() + " (.souschef/store/damaged-packs)");
  terminal.record({{"type", "repair"},
                   {"clean_before", report.before.clean()},
                   {"clean", repair.after.clean()},
                   {"packs_set_aside", report.set_aside.size()},
                   {"objects_saved", report.objects_saved},
                   {"packs_back", report.packs_back},
                   {"objects_fetched", report.objects_fetched},
                   {"files_banked", report.files_banked},
                   {"manifests_fetched", repair.manifests_fetched.size()},
                   {"damaged_jobs", repair.after.damaged_jobs.size()}});
  if (report.had_work())
    terminal.print("saved " + counted(report.objects_saved, "object") + " of damaged packs; back came " +
                   counted(report.packs_back, "pack") + " from the trash, " +
                   counted(report.objects_fetched, "object") + " from other stores, " +
                   counted(report.files_banked, "file") + " from the production");
  for (const core::DamagedJob& job : repair.after.damaged_jobs) {
    terminal.record({{"type", "damaged_job"}, {"job", job.job.hex()}, {"why", job.why}});
    terminal.print(terminal.out_style(Style::red, "still damaged: job " + job.job.brief()) + ": " + job.why);
    for (const std::string& file : job.files) terminal.print("  " + escape_name(file));
  }
  terminal.print(repair.after.clean() ? "all good: " + counted(repair.after.jobs, "job")
                                      : counted(repair.after.damaged_jobs.size(), "job") + " still damaged");
  if (!repair.after.clean())
    terminal.say("Next: souschef repair --from ANOTHER_PRODUCTION; gc keeps what is damaged");
  return repair.after.clean() ? ExitCode::done : ExitCode::corrupt;
}

}  // namespace souschef::cli
