// SPDX-License-Identifier: MIT
// Many files out of the store at once: into a folder of somebody's (restore), or as a checkout that shares
// them through the pantry.
#pragma once

#include <span>
#include <vector>

#include <souschef/result.hpp>

#include "store/store.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

// As Store::restore.
Result<std::vector<PlacedFile>> restore_files(StoreParts& parts, std::span<const PlaceRequest> files,
                                              Form form, const ProgressFunction& progress,
                                              const CancelFunction& cancelled);
// As Store::checkout.
Result<std::vector<PlacedFile>> check_out_files(StoreParts& parts, std::span<const PlaceRequest> files,
                                                const ProgressFunction& progress,
                                                const CancelFunction& cancelled);

}  // namespace souschef::store
