// SPDX-License-Identifier: MIT
// The working tree in which a renderer runs: the files of a job in their places, with every reference that
// leads out of the job pointed back into it, so that nothing of the live production is ever opened.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/jobs/job_store.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

enum class CheckoutUse {
  shared,   // files are read-only and shared with other checkouts through the pantry
  writable  // private copies: for simulations that write beside the .blend
};

struct CheckoutRequest {
  JobId job;
  std::filesystem::path folder;  // made here; must not exist, or be empty
  CheckoutUse use = CheckoutUse::shared;
  store::ProgressFunction progress;
  store::CancelFunction cancelled;
};

struct Checkout {
  std::filesystem::path folder;
  std::filesystem::path entry;  // the .blend in it; empty for a folder job
  std::uint64_t files = 0, bytes = 0;
  std::uint64_t reflinks = 0, hardlinks = 0, copies = 0;
  std::vector<std::string> rewritten;  // .blend files with changed paths
};

// Errors: not_found, exists, corrupt, no_space, cancelled, unsupported; bad_input (a path does not fit into
// its field). After an error the folder is removed again.
Result<Checkout> check_out(Production& production, const CheckoutRequest& request);

}  // namespace souschef::core
