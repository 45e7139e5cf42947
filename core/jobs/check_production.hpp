// SPDX-License-Identifier: MIT
// Is every job whole? What the store finds damaged, told in jobs and files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/production/production.hpp"
#include "store/check.hpp"

namespace souschef::core {

struct CheckJobsRequest {
  double data_percent = 0;  // of the stored data to read; 0: structure only
  bool pantry = false;      // hash the files that checkouts share, too
  store::ProgressFunction progress;
  store::CancelFunction cancelled;
};

// One that a snapshot, order, pin or tag refers to; others are the store's remarks.
struct DamagedJob {
  JobId job;
  std::vector<std::string> files;      // empty: its manifest itself
  std::string why;                     // of the first
  std::vector<std::string> snapshots;  // records that point to it
};

struct ProductionCheck {
  store::CheckReport store;
  std::uint64_t jobs = 0, snapshots = 0, files = 0;
  std::vector<DamagedJob> damaged_jobs;
  std::vector<std::string> damaged_records;  // snapshot records, pins and tags that cannot be read
  std::uint64_t pantry_changed = 0;

  [[nodiscard]] bool clean() const {
    return store.clean() && damaged_jobs.empty() && damaged_records.empty();
  }
};

// Remembers which jobs are damaged (damaged_jobs()), so that garbage collection keeps them and goes on.
// Errors: what stops the check itself; damage is in the report.
Result<ProductionCheck> check_production(Production& production, const CheckJobsRequest& request);

// The jobs that the last checks found damaged.
Result<std::vector<JobId>> damaged_jobs(const Production& production);

}  // namespace souschef::core
