// SPDX-License-Identifier: MIT
// The driver of garbage collection: what `souschef gc` does, and what it would do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/jobs/job_store.hpp"
#include "core/jobs/keep_rules.hpp"
#include "core/jobs/rubbish.hpp"
#include "core/production/production.hpp"
#include "store/garbage_collection.hpp"

namespace souschef::core {

enum class GcStep : std::uint8_t { look, mark, rewrite, move, empty_trash };

struct GcEvents {
  std::function<void(GcStep)> step;
  store::ProgressFunction progress;  // of the rewriting
  store::CancelFunction cancelled;
};

struct GcRequest {
  KeepRules rules;
  bool dry_run = false;
  bool now = false;  // empty the trash too, as far as that is safe
  // No snapshot, job or pack goes to the trash, whatever the rules say; what it may release goes for good.
  // For who has no room left.
  bool trash_only = false;
};

struct GcSnapshot {
  SnapshotRecord record;
  SnapshotFate fate;
};
// A job that goes with its manifest.
struct GcJob {
  JobId job;
  std::string entry;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;   // as files
  std::uint64_t stored = 0;  // that only it needs; dry runs only
};

struct GcReport {
  std::vector<GcSnapshot> snapshots;  // kept and dropped, oldest first
  std::vector<GcJob> jobs;            // dropped
  std::vector<std::string> damaged;   // jobs that are kept although they are damaged
  store::GcPlan plan;                 // of the last round
  std::uint64_t snapshots_dropped = 0, jobs_kept = 0;
  std::uint64_t packs_back = 0;     // came back from the trash, or would
  std::uint64_t bytes_removed = 0;  // of packs and manifests, to the trash
  std::uint64_t bytes_written = 0;  // of new packs
  store::TrashReport trash;
  RubbishReport rubbish;              // removed too, or to be
  std::int64_t disk_bytes_freed = 0;  // as the file system says; others may have written meanwhile
  std::uint64_t disk_bytes_left = 0;
  double seconds = 0;
};

// Errors: locked; corrupt (something that is needed is missing, or a record cannot be read: nothing was
// touched); unsupported; no_space; cancelled. May be stopped and begun again at any moment.
Result<GcReport> collect_garbage(Production& production, const GcRequest& request,
                                 const GcEvents& events = {});

// What the last collection removed comes back: packs, manifests, records.
Result<store::UndoReport> undo_gc(Production& production);

}  // namespace souschef::core
