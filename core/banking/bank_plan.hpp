// SPDX-License-Identifier: MIT
// What a snapshot will bank: decided before the first byte is stored, so that a refusal leaves nothing
// behind.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/banking/snapshot.hpp"

namespace souschef::core {

struct UnchangedJob;

struct PlannedFile {
  std::string job_path;                 // bytes
  std::string path;                     // absolute, as it was referred to
  std::filesystem::path real;           // resolved: what is opened
  store::SourceFile* opened = nullptr;  // by the trace; owned by it
};

struct BankPlan {
  std::string subject;  // of the record: the .blend or the folder; empty: the whole production
  std::string entry;    // of the manifest: the .blend; empty for a folder
  std::vector<PlannedFile> files;
  std::vector<ManifestFile> symlinks;    // of a folder: kept as links
  std::vector<ManifestMissing> missing;  // without those that are late
  std::vector<LateInput> late;
  std::vector<std::string> excluded;
  std::vector<ManifestRemap> remaps;
  std::vector<std::string> warnings;
  std::optional<Trace> trace;
};

// Refuses what is missing unless an earlier snapshot of the same entry, one that a person asked for, was let
// go without it. Errors: missing, naming each.
Status refuse_missing(Production& production, const std::string& entry, std::vector<ManifestMissing> missing);

// Errors: as take_snapshot.
Result<BankPlan> plan_blend(Production& production, const SnapshotRequest& request,
                            const SnapshotEvents& events);
// `unchanged`, if not null, is looked for after the walk; where it is found the plan has no files.
Result<BankPlan> plan_folder(Production& production, const SnapshotRequest& request,
                             const SnapshotEvents& events, std::optional<UnchangedJob>* unchanged);

}  // namespace souschef::core
