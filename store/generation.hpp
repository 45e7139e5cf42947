// SPDX-License-Identifier: MIT
// The file gc-generation: how often garbage was collected, and what the last collection condemned. It is
// raised before anything is moved, so that a writer who still sees the old number when it is done knows that
// everything it relied on was there. docs/format/store.md has the lines.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/file_system.hpp"
#include "store/store_paths.hpp"

namespace souschef::store {

struct Generation {
  std::uint64_t number = 0;
  std::set<PackId> condemned;  // absent for whoever looks for content to refer to
  bool operator==(const Generation&) const = default;
};

std::string serialize(const Generation& generation);
Result<Generation> parse_generation(std::string_view text);

// Number 0 where there is no such file.
Result<Generation> read_generation(FileSystem& disk, const StorePaths& paths);
// On disk when it returns. The caller holds the gc lease.
Status write_generation(FileSystem& disk, const StorePaths& paths, const Generation& generation,
                        const std::string& lease_id);

}  // namespace souschef::store
