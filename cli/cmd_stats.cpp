// SPDX-License-Identifier: MIT
#include <optional>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/table.hpp"
#include "core/jobs/production_statistics.hpp"

namespace souschef::cli {
namespace {

using core::ProductionStatistics;
using core::StatisticsBy;

constexpr std::size_t kRowsShown = 30;

std::optional<StatisticsBy> by_named(const std::string& word) {
  if (word.empty() || word == "entry") return StatisticsBy::entry;
  if (word == "job") return StatisticsBy::job;
  if (word == "file") return StatisticsBy::file;
  return std::nullopt;
}

void print_records(Terminal& terminal, const ProductionStatistics& statistics, const std::string& by) {
  for (const core::StatisticsRow& row : statistics.rows)
    terminal.record({{"type", "row"},
                     {"by", by},
                     {"name", row.name},
                     {"jobs", row.jobs},
                     {"logical", row.logical},
                     {"alone", row.alone.raw},
                     {"alone_stored", row.alone.stored}});
  core::StatisticsRow sum;
  for (const core::StatisticsRow& row : statistics.rows) sum.alone += row.alone;
  terminal.record({{"type", "stats"},
                   {"jobs", statistics.jobs},
                   {"snapshots", statistics.snapshots},
                   {"logical", statistics.logical},
                   {"deduplicated", sum.alone.raw + statistics.shared.raw},
                   {"alone_stored", sum.alone.stored},
                   {"shared", statistics.shared.raw},
                   {"shared_stored", statistics.shared.stored},
                   {"unneeded", statistics.unneeded.raw},
                   {"unneeded_stored", statistics.unneeded.stored},
                   {"tables", statistics.tables},
                   {"packs", statistics.packs},
                   {"pack_count", statistics.pack_count},
                   {"records", statistics.records},
                   {"stored", statistics.on_disk},
                   {"trash", statistics.trash},
                   {"index", statistics.index}});
}

void print_table(Terminal& terminal, const ProductionStatistics& statistics, bool all) {
  Table table({Align::left, Align::right, Align::right, Align::right});
  table.row({"", "as files", "deduplicated", "stored"});
  store::Amount sum = statistics.shared;
  store::Amount rest;
  std::uint64_t rest_logical = 0;
  std::size_t shown = 0;
  for (const core::StatisticsRow& row : statistics.rows) {
    sum += row.alone;
    if (all || shown < kRowsShown) {
      ++shown;
      table.row(
          {row.name, human_bytes(row.logical), human_bytes(row.alone.raw), human_bytes(row.alone.stored)});
    } else {
      rest += row.alone;
      rest_logical += row.logical;
    }
  }
  if (shown < statistics.rows.size())
    table.row({"(" + std::to_string(statistics.rows.size() - shown) + " more: --all)",
               human_bytes(rest_logical), human_bytes(rest.raw), human_bytes(rest.stored)});
  table.row({"(shared)", "", human_bytes(statistics.shared.raw), human_bytes(statistics.shared.stored)});
  table.row({"(needed by nobody)", "", human_bytes(statistics.unneeded.raw),
             human_bytes(statistics.unneeded.stored)});
  table.row({"(tables, manifests, records)", "", "", human_bytes(statistics.tables + statistics.records)});
  table.row({"total", human_bytes(statistics.logical), human_bytes(sum.raw + statistics.unneeded.raw),
             human_bytes(statistics.on_disk)});
  for (const std::string& line : table.lines()) terminal.print(line);
}

}  // namespace

Result<ExitCode> cmd_stats(Invocation& invocation) {
  std::string by;
  bool all = false;
  Arguments arguments(invocation);
  arguments.option("--by", "WHAT", by, "rows for each entry (the default), job or file");
  arguments.flag("-a,--all", all, "every row, not only the dearest " + std::to_string(kRowsShown));
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  const auto wanted = by_named(by);
  if (!wanted)
    return Error(ErrorCode::usage, "--by takes entry, job or file, not " + by)
        .next_step("souschef stats --by file");
  Terminal& terminal = invocation.terminal();
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(const ProductionStatistics statistics,
               core::production_statistics(*production, *wanted, interrupted));
  print_records(terminal, statistics, by.empty() ? "entry" : by);
  print_table(terminal, statistics, all);
  terminal.say(counted(statistics.jobs, "job") + " and " + counted(statistics.snapshots, "snapshot") +
               " in " + counted(statistics.pack_count, "pack") + "; beside them " +
               human_bytes(statistics.trash) + " of trash and an index of " + human_bytes(statistics.index));
  if (statistics.unneeded.stored > statistics.packs / 10) terminal.say("Next: souschef gc -n");
  return ExitCode::done;
}

}  // namespace souschef::cli
