// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/object_map.hpp"
#include "store/store.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

struct RewriteRequest {
  StoreParts& parts;
  const ObjectMap& map;
  std::span<const std::uint32_t> order;  // by slot: when it was first reached; 0: not needed
  const std::set<PackId>& packs;         // whose needed objects are copied
  double verbatim_from = 1.0;            // as in GcPlan
  std::string lease_id;                  // stands in the new packs
};

struct RewriteReport {
  std::uint64_t bytes_written = 0;
  std::vector<PackId> written;
  std::set<PackId> damaged;  // not all of what is needed could be copied: these must stay
};

// Copies what is needed into new packs: frames that are mostly needed as they are, the objects of the others
// in the order in which files use them. Everything is compared with its id or checksum on the way. On disk
// and in the index when it returns.
Result<RewriteReport> rewrite_packs(const RewriteRequest& request, const ProgressFunction& progress = {},
                                    const CancelFunction& cancelled = {});

// `unsupported` if one of the packs holds a recipe of a newer version that nobody seems to need: what this
// program cannot parse is not garbage to it (invariant 11).
Status refuse_unknown_recipes(StoreParts& parts, const ObjectMap& map, std::span<const std::uint32_t> order,
                              const std::set<PackId>& packs);

}  // namespace souschef::store
