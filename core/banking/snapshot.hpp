// SPDX-License-Identifier: MIT
// Banking: from a .blend or a folder to an immutable job.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/banking/outside_policy.hpp"
#include "core/banking/trace.hpp"
#include "core/jobs/job_store.hpp"
#include "core/jobs/manifest.hpp"
#include "core/production/production.hpp"
#include "core/queue/order.hpp"

namespace souschef::core {

class FileView;
class FutureFiles;

// Called when the job is known and its content is on disk, before its record is written; may complete the
// record. After an error there is no record.
using DescribeFunction = std::function<Status(const Manifest& manifest, SnapshotRecord& record)>;

struct SnapshotRequest {
  std::filesystem::path path;  // absolute: a .blend, or a folder
  std::string message;
  std::vector<std::string> tags;
  std::vector<std::string> exclude;
  bool allow_missing = false;
  bool allow_outside = false;
  bool include_unused = false;
  bool dry_run = false;
  Origin origin = Origin::person;
  std::map<std::string, std::string> revision;  // of a version control system; empty: none
  std::vector<std::string> modified;
  FileView* view = nullptr;       // of a .blend: files that stand in for some of the disk's; borrowed
  FutureFiles* future = nullptr;  // what it writes is left out for now: SnapshotResult::late; borrowed
  DescribeFunction describe = {};
};

// How far it is; all may be empty. Called from the thread that banks, and `banking` from others too.
struct SnapshotEvents {
  std::function<void(const std::string& file)> tracing;
  store::ProgressFunction banking;
  store::CancelFunction cancelled;
  AskFunction ask_outside;  // empty: nobody is there to be asked; the answer is no
};

struct SnapshotResult {
  JobId job;
  std::string snapshot;  // ULID of the record; the earlier one's where nothing changed within the hour
  std::string entry;
  std::uint64_t files = 0, bytes = 0;
  std::uint64_t new_bytes = 0;  // added to the store on disk; for a dry run an estimate from above
  std::uint64_t files_read = 0;
  std::vector<ManifestMissing> missing;
  std::vector<LateInput> late;  // not in the job yet, and not among `missing`
  std::vector<std::string> warnings;
  double seconds = 0;
  bool unchanged = false;  // this very job was there already
};

// Errors: not_found, bad_input, missing (with the list in `why`), denied (outside, and nobody said yes),
// changed (files that are written all the time), no_space, cancelled. Nothing is acknowledged that is not on
// disk.
Result<SnapshotResult> take_snapshot(Production& production, const SnapshotRequest& request,
                                     const SnapshotEvents& events = {});

}  // namespace souschef::core
