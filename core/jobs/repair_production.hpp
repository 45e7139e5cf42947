// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <vector>

#include <souschef/result.hpp>

#include "core/jobs/check_production.hpp"
#include "core/production/production.hpp"
#include "store/repair.hpp"

namespace souschef::core {

struct RepairJobsRequest {
  // Where good copies may be: other productions (their .souschef is found), or stores themselves.
  std::vector<std::filesystem::path> from;
  store::ProgressFunction progress;
  store::CancelFunction cancelled;
};

struct ProductionRepair {
  store::RepairReport store;
  std::vector<JobId> manifests_fetched;  // from other stores
  ProductionCheck after;
};

// Gets back what is missing, from wherever a good copy is: other packs, the trash, files of the production
// that are still what was banked, other stores. Errors: locked, no_space, not_found (no store at `from`),
// cancelled.
Result<ProductionRepair> repair_production(Production& production, const RepairJobsRequest& request);

}  // namespace souschef::core
