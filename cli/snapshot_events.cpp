// SPDX-License-Identifier: MIT
#include "cli/snapshot_events.hpp"

#include <souschef/file_name.hpp>

#include "cli/interrupt.hpp"

namespace souschef::cli {

core::SnapshotEvents snapshot_events(Terminal& terminal, Progress& progress) {
  core::SnapshotEvents events;
  events.cancelled = interrupted;
  events.tracing = [&terminal](const std::string& file) { terminal.detail("tracing " + escape_name(file)); };
  events.banking = [&progress](const store::PutProgress& now) {
    progress.update(now.bytes_done, now.bytes_total, human_bytes(now.new_bytes) + " new");
  };
  if (terminal.can_ask())
    events.ask_outside = [&terminal](const core::OutsideFolder& folder) {
      return terminal.confirm("Bank " + counted(folder.files, "file") + " (" + human_bytes(folder.bytes) +
                              ") from outside the production, from " + escape_name(folder.folder) + "?");
    };
  return events;
}

void warn_of(Terminal& terminal, const core::SnapshotResult& result) {
  for (const std::string& warning : result.warnings) terminal.warn(warning);
  for (const core::ManifestMissing& each : result.missing)
    terminal.warn("banked without " + escape_name(each.path) + ", which " + escape_name(each.from) +
                  " needs");
}

core::Json missing_json(const std::vector<core::ManifestMissing>& missing) {
  core::Json list = core::Json::array();
  for (const core::ManifestMissing& each : missing)
    list.push_back({{"path", escape_name(each.path)}, {"kind", each.kind}, {"from", escape_name(each.from)}});
  return list;
}

}  // namespace souschef::cli
