// SPDX-License-Identifier: MIT
// What changed between two jobs, or between a job and the files as they are now: by file, and inside those
// that some inspector plugin knows (.blend: datablocks, frame range, resolution, libraries).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/jobs/manifest.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

enum class ChangeKind : std::uint8_t { added, removed, changed };
std::string_view name_of(ChangeKind kind);

// A part of a file: a datablock.
struct PartChange {
  ChangeKind change = ChangeKind::changed;
  std::string kind, name;     // "mesh", "Suzanne"
  std::string before, after;  // what is said of it, where that differs: "frames 1-250, 1920x1080"
};

struct FileChange {
  ChangeKind change = ChangeKind::changed;
  std::string path;
  std::uint64_t before = 0, after = 0;  // bytes
  std::string note;  // "may be executed now", "link to v4", why nothing can be told of its parts
  std::vector<PartChange> parts;
};

struct JobDiff {
  std::vector<FileChange> files;  // by path
  std::uint64_t same = 0;
};

struct DiffRequest {
  JobId before;
  std::optional<JobId> after;  // none: the files of the production as they are now
  bool parts = true;           // look inside changed files
};

// Against working files those of the job are looked at; files that the job does not have are not looked for.
// Errors: not_found, corrupt, io.
Result<JobDiff> diff_jobs(Production& production, const DiffRequest& request);

}  // namespace souschef::core
