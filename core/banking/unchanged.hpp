// SPDX-License-Identifier: MIT
// The shortest way through a snapshot: nothing has changed since the last one of the same thing.
//
// A row in the index says what a snapshot looked at: files with their stamps, folders with the names in them,
// names that were not there, the settings that matter, the store's generation. If all of it still is so, the
// job of that snapshot is the job of this one, and no file is opened. A row is written only if every file's
// stamp would show a later change (git's racy rule), and only on local file systems: elsewhere attributes are
// cached behind our back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/banking/bank_plan.hpp"
#include "core/banking/snapshot.hpp"
#include "core/production/folder_walk.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

// What stands in for a whole snapshot.
struct UnchangedJob {
  JobId job;
  std::uint64_t files = 0, bytes = 0;
  std::vector<ManifestMissing> missing;
  std::vector<std::string> warnings;
  std::uint64_t generation = 0;  // of the store, when the row was written
};

// Whether no garbage collection has begun since: asked after the record was published, before success is
// told.
bool still_stands(Production& production, const UnchangedJob& job);

// Whether rows may be used at all for this production.
bool may_remember_unchanged(const Production& production);

// A .blend: looks at what the row lists.
std::optional<UnchangedJob> find_unchanged_blend(Production& production, const SnapshotRequest& request);
void remember_unchanged_blend(Production& production, const SnapshotRequest& request, const BankPlan& plan,
                              const std::vector<store::StoredFile>& stored, const UnchangedJob& job);

// A folder: compares what a walk has just found.
std::optional<UnchangedJob> find_unchanged_folder(Production& production, const std::string& subject,
                                                  const std::vector<std::string>& rules,
                                                  const std::vector<WalkedEntry>& entries);
void remember_unchanged_folder(Production& production, const BankPlan& plan,
                               const std::vector<store::StoredFile>& stored, const UnchangedJob& job);

}  // namespace souschef::core
