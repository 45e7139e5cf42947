// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/production/production.hpp"
#include "store/statistics.hpp"

namespace souschef::core {

enum class StatisticsBy : std::uint8_t {
  entry,  // all snapshots of one .blend or folder
  job,
  file  // all versions of one path
};

struct StatisticsRow {
  std::string name;
  std::uint64_t jobs = 0;
  std::uint64_t logical = 0;  // as files, each time they are in a job
  store::Amount alone;        // what nobody else needs: removing this row gives so much back
};

// Bytes on disk: sum of alone.stored over the rows + shared.stored + unneeded.stored + tables = packs;
// packs + records = on_disk.
struct ProductionStatistics {
  std::vector<StatisticsRow> rows;  // the dearest first
  std::uint64_t jobs = 0, snapshots = 0;
  std::uint64_t logical = 0;  // of all jobs, as files
  store::Amount shared;       // needed by more than one row
  store::Amount unneeded;     // needed by none: what gc looks at
  std::uint64_t tables = 0;   // the packs' own headers and tables
  std::uint64_t packs = 0, pack_count = 0;
  std::uint64_t records = 0;  // manifests, snapshot records
  std::uint64_t on_disk = 0;
  std::uint64_t trash = 0;  // beside on_disk
  std::uint64_t index = 0;  // rebuildable; beside on_disk
};

Result<ProductionStatistics> production_statistics(Production& production, StatisticsBy by,
                                                   const store::CancelFunction& cancelled = {});

}  // namespace souschef::core
