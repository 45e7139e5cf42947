// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/check.hpp"
#include "store/content_root.hpp"
#include "store/store.hpp"

namespace souschef::store {

// A file that may still have a content that the store has lost.
struct RepairCandidate {
  ContentId content;
  std::filesystem::path path;  // resolved
};

struct RepairRequest {
  std::span<const ContentRoot> roots;             // what must be complete
  std::span<const RepairCandidate> candidates;    // only those of damaged contents are read
  std::span<const std::filesystem::path> others;  // folders of other stores, to take objects from
};

struct RepairReport {
  CheckReport before;
  std::vector<PackId> set_aside;      // now in damaged-packs/
  std::uint64_t objects_saved = 0;    // good ones of those packs, in new packs
  std::uint64_t packs_back = 0;       // from the trash
  std::uint64_t objects_fetched = 0;  // from other stores
  std::uint64_t files_banked = 0;     // of the candidates
  CheckReport after;                  // all data again

  [[nodiscard]] bool had_work() const { return !before.clean(); }
};

// Reads everything, sets damaged packs aside and gets what is missing from wherever a good copy is: the good
// part of those packs, the trash, files of the production, other stores. Nothing is deleted. May be stopped
// and begun again. Errors: locked (a collection is at work), no_space, io, cancelled; unsupported (another
// store of a newer version).
Result<RepairReport> repair_store(Store& store, const RepairRequest& request,
                                  const ProgressFunction& progress = {},
                                  const CancelFunction& cancelled = {});

}  // namespace souschef::store
