// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include <souschef/result.hpp>

#include "store/store.hpp"

namespace souschef::store {

struct ReindexReport {
  std::uint64_t packs = 0, objects = 0, contents = 0, bytes = 0;
  std::vector<Error> unreadable;  // packs that gave nothing; souschef check says more
};

// Builds the index anew from the packs. What was seen of files of the production stays: it proves itself
// against the new index.
Result<ReindexReport> rebuild_index(Store& store);

}  // namespace souschef::store
