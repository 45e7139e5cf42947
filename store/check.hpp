// SPDX-License-Identifier: MIT
// Is everything there, and is it what it should be?
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/content_root.hpp"
#include "store/store.hpp"

namespace souschef::store {

struct CheckRequest {
  // What must be complete; any number, duplicates welcome. Results name them by their index.
  std::span<const ContentRoot> roots;
  // The share of stored data that is read and compared, in percent: 0 looks at the structure only. Which
  // frames are read is decided by `seed`, so that a different share is read each time.
  double data_percent = 0;
  std::uint64_t seed = 0;
};

struct DamagedPack {
  PackId pack;
  std::uint64_t size = 0;
  std::string why;
  std::uint64_t damaged_objects = 0;  // of those that could be told
};
struct DamagedRoot {
  std::size_t root = 0;       // index into the request
  std::uint64_t objects = 0;  // missing or damaged
  std::string why;            // of the first
};
struct CheckReport {
  std::uint64_t packs = 0, objects = 0, bytes = 0;  // on disk
  std::uint64_t frames_read = 0, bytes_read = 0;
  std::uint64_t roots = 0;
  std::vector<DamagedPack> damaged_packs;
  std::vector<DamagedRoot> damaged_roots;
  // The index disagreed with the packs and was built anew; no harm in itself.
  bool index_was_wrong = false;
  // What is odd but harms nobody: leftovers of killed programs, unreadable leases.
  std::vector<std::string> remarks;

  [[nodiscard]] bool clean() const { return damaged_packs.empty() && damaged_roots.empty(); }
};

// Reads no more than it is asked to and changes nothing but the index; but for a needed object in the trash,
// which comes back here as it does for every reader. Objects that are damaged in one pack and good in another
// count as good. Errors: only what stops the check itself (io, cancelled, unsupported); damage is in the
// report.
Result<CheckReport> check_store(Store& store, const CheckRequest& request,
                                const ProgressFunction& progress = {}, const CancelFunction& cancelled = {});

// Hashes the files of the pantry again; those that were changed are forgotten, and built anew when they are
// needed. Their number.
Result<std::uint64_t> check_pantry(Store& store, const CancelFunction& cancelled = {});

}  // namespace souschef::store
