// SPDX-License-Identifier: MIT
#include <charconv>
#include <optional>

#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "core/jobs/check_production.hpp"

namespace souschef::cli {
namespace {

constexpr std::size_t kNamesShown = 10;

// "5%", "5", "0.5%": a share of the data; nothing if it is none.
std::optional<double> percent_of(std::string text) {
  if (text.ends_with('%')) text.pop_back();
  double percent = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || percent <= 0 || percent > 100)
    return std::nullopt;
  return percent;
}

core::Json names(const std::vector<std::string>& list) {
  core::Json json = core::Json::array();
  for (const std::string& name : list) json.push_back(escape_name(name));
  return json;
}

void print_damage(Terminal& terminal, const core::ProductionCheck& check) {
  for (const store::DamagedPack& pack : check.store.damaged_packs) {
    terminal.record({{"type", "damaged_pack"},
                     {"pack", pack.pack.hex()},
                     {"bytes", pack.size},
                     {"objects", pack.damaged_objects},
                     {"why", pack.why}});
    terminal.print(terminal.out_style(Style::red, "damaged pack " + pack.pack.brief()) + ": " + pack.why);
  }
  for (const core::DamagedJob& job : check.damaged_jobs) {
    terminal.record({{"type", "damaged_job"},
                     {"job", job.job.hex()},
                     {"files", names(job.files)},
                     {"snapshots", names(job.snapshots)},
                     {"why", job.why}});
    terminal.print(terminal.out_style(Style::red, "damaged job " + job.job.brief()) + ": " + job.why);
    for (std::size_t i = 0; i < job.files.size() && i < kNamesShown; ++i)
      terminal.print("  " + escape_name(job.files[i]));
    if (job.files.size() > kNamesShown)
      terminal.print("  and " + std::to_string(job.files.size() - kNamesShown) + " more");
  }
  for (const std::string& name : check.damaged_records) {
    terminal.record({{"type", "damaged_record"}, {"name", name}});
    terminal.print(terminal.out_style(Style::red, "cannot be read: ") + escape_name(name));
  }
}

}  // namespace

Result<ExitCode> cmd_check(Invocation& invocation) {
  bool pantry = false;
  std::string share;
  Arguments arguments(invocation);
  arguments.flag_or_value(
      "--data", "5%", "100%", share,
      "read and compare the stored data too: all of it, or a share, another one each time");
  arguments.flag("--pantry", pantry, "hash the files that checkouts share, too");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  core::CheckJobsRequest request;
  request.pantry = pantry;
  if (!share.empty()) {
    const auto percent = percent_of(share);
    if (!percent)
      return Error(ErrorCode::usage, "not a share of the data: " + share)
          .next_step("souschef check --data=5%");
    request.data_percent = *percent;
  }

  Terminal& terminal = invocation.terminal();
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  Progress progress(terminal, "checking", Progress::Unit::bytes);
  request.progress = [&](const store::PutProgress& now) { progress.update(now.bytes_done, now.bytes_total); };
  request.cancelled = interrupted;
  SOUSCHEF_TRY(const core::ProductionCheck check, core::check_production(*production, request));
  terminal.clear_status();
  print_damage(terminal, check);
  for (const std::string& remark : check.store.remarks) terminal.say("note: " + remark);
  if (check.store.index_was_wrong) terminal.say("note: the index did not match the packs and was built anew");
  if (check.pantry_changed > 0)
    terminal.say("note: " + counted(check.pantry_changed, "file") +
                 " of the pantry had been changed; they will be built anew when they are needed");
  terminal.record({{"type", "check"},
                   {"clean", check.clean()},
                   {"jobs", check.jobs},
                   {"snapshots", check.snapshots},
                   {"packs", check.store.packs},
                   {"objects", check.store.objects},
                   {"bytes", check.store.bytes},
                   {"bytes_read", check.store.bytes_read},
                   {"damaged_packs", check.store.damaged_packs.size()},
                   {"damaged_jobs", check.damaged_jobs.size()},
                   {"remarks", names(check.store.remarks)}});
  terminal.print(
      (check.clean() ? "all good: " : "not all good: ") + counted(check.jobs, "job") + ", " +
      counted(check.store.packs, "pack") + ", " + counted(check.store.objects, "object") + ", " +
      (request.data_percent > 0 ? human_bytes(check.store.bytes_read) + " of data read" : "structure only"));
  if (!check.clean()) terminal.say("Next: souschef repair");
  return check.clean() ? ExitCode::done : ExitCode::corrupt;
}

}  // namespace souschef::cli
