// SPDX-License-Identifier: MIT
#include <algorithm>

#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "core/base/local_time.hpp"
#include "core/jobs/job_store.hpp"
#include "core/production/ignore_rules.hpp"

namespace souschef::cli {
namespace {

struct Filter {
  std::string path, tag, revision;

  [[nodiscard]] bool passes(const core::SnapshotRecord& record) const {
    if (!path.empty() && !core::matches_glob(path, record.entry)) return false;
    if (!tag.empty() && std::find(record.tags.begin(), record.tags.end(), tag) == record.tags.end())
      return false;
    const auto id = record.revision.find("id");
    return revision.empty() || (id != record.revision.end() && id->second.starts_with(revision));
  }
};

}  // namespace

Result<ExitCode> cmd_snapshots(Invocation& invocation) {
  Filter filter;
  Arguments arguments(invocation);
  arguments.option("--path", "GLOB", filter.path, "only those whose entry fits, shots/sc010/**");
  arguments.option("--tag", "TAG", filter.tag, "only those with this tag");
  arguments.option("--rev", "REVISION", filter.revision, "only those of this revision");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  std::vector<std::string> damaged;
  SOUSCHEF_TRY(const auto records, core::JobStore(*production).snapshots(&damaged));
  Terminal& terminal = invocation.terminal();
  Table table({Align::left, Align::left, Align::left, Align::right, Align::right, Align::left, Align::left});
  for (const core::SnapshotRecord& record : records) {
    if (!filter.passes(record)) continue;
    core::Json json = core::to_json(record);
    json["type"] = "snapshot";
    terminal.record(json);
    std::string notes;
    for (const std::string& tag : record.tags) notes += "[" + tag + "] ";
    notes += record.message;
    table.row({terminal.out_style(Style::green, record.job.brief()),
               core::local_time(record.time_ms, "%Y-%m-%d %H:%M:%S"),
               record.entry.empty() ? "(all)" : escape_name(record.entry), std::to_string(record.files),
               human_bytes(record.bytes), record.user + "@" + record.host, notes});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  if (table.empty()) terminal.say("No snapshots. Next: souschef snapshot SHOT.blend");
  for (const std::string& name : damaged)
    terminal.warn("a snapshot record cannot be read: " + name + "  (souschef check)");
  return damaged.empty() ? ExitCode::done : ExitCode::corrupt;
}

}  // namespace souschef::cli
