// SPDX-License-Identifier: MIT
// What costs how much. Rows add up: what is needed by one group alone is that group's, the rest is shared.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <souschef/result.hpp>

#include "store/content_root.hpp"
#include "store/store.hpp"

namespace souschef::store {

struct Amount {
  std::uint64_t raw = 0;     // bytes of objects, each counted once
  std::uint64_t stored = 0;  // their part of the packs, headers included
  void operator+=(const Amount& other) {
    raw += other.raw;
    stored += other.stored;
  }
};

struct StoreStatistics {
  std::uint64_t packs = 0, objects = 0, contents = 0;
  std::uint64_t pack_bytes = 0;   // on disk
  std::uint64_t index_bytes = 0;  // rebuildable
  std::uint64_t logical = 0;      // of all roots of all groups, as files
  Amount needed;                  // by any group
  Amount shared;                  // by more than one
  Amount unneeded;                // by none: what gc would look at
  std::vector<Amount> alone;      // what each group alone costs: needed = shared + sum of alone

  // needed.stored + unneeded.stored + packs' own tables = pack_bytes
};

// `groups`: what each of them needs (the files of one job, the jobs of one shot, one file). Objects that
// cannot be found are left out. Errors: io, cancelled.
Result<StoreStatistics> store_statistics(Store& store, std::span<const std::vector<ContentRoot>> groups,
                                         const CancelFunction& cancelled = {});

}  // namespace souschef::store
