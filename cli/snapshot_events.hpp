// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "core/banking/snapshot.hpp"

namespace souschef::cli {

// Shows a banking on the terminal, and asks there about files from outside. Borrows both.
core::SnapshotEvents snapshot_events(Terminal& terminal, Progress& progress);
// What people should know of it although it succeeded.
void warn_of(Terminal& terminal, const core::SnapshotResult& result);

// What a job was banked without, for records.
core::Json missing_json(const std::vector<core::ManifestMissing>& missing);

}  // namespace souschef::cli
