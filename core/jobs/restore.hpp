// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/jobs/job_store.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

struct RestoreRequest {
  JobId job;
  std::filesystem::path folder;   // must not exist, or be an empty folder
  std::vector<std::string> only;  // globs on paths in the job; empty: everything
  store::ProgressFunction progress;
  store::CancelFunction cancelled;
};

struct RestoreResult {
  std::uint64_t files = 0, bytes = 0;
  std::vector<std::string> rewrapped;  // same content, but the compression around it is a fresh one
};

// Puts the files of a job into a folder, each as it was banked, verified by its hash. Never writes over
// anything. Errors: not_found, exists (the folder holds something), bad_input (names that differ only in
// case, on a file system that does not tell them apart: refused before anything is written), no_space,
// corrupt, unsupported.
Result<RestoreResult> restore_job(Production& production, const RestoreRequest& request);

// Sends one file of a job, which is no symbolic link, to `sink`; no collection takes it meanwhile. Errors:
// not_found, corrupt, unsupported, cancelled (the sink has enough).
Status read_banked_file(Production& production, JobId job, const ManifestFile& file, store::Form form,
                        ByteSink& sink);

}  // namespace souschef::core
