// SPDX-License-Identifier: MIT
// The reserve: a file that only takes up space, given up so that a collection can work on a full disk. It is
// as large as two packs of this store get, and incompressible, so that it takes its size on every file
// system.
#pragma once

#include <string>

#include "store/file_system.hpp"
#include "store/store_paths.hpp"

namespace souschef::store {

// For Store::create: small, since there are no packs yet. Never fails: a store without a reserve is one.
void make_first_reserve(FileSystem& disk, const StorePaths& paths);
// Removes it where the disk has less left than a collection needs.
void give_reserve_up_if_needed(FileSystem& disk, const StorePaths& paths);
// Makes it as large as it should be, if the disk has plenty left.
void keep_reserve(FileSystem& disk, const StorePaths& paths, const std::string& lease_id);

}  // namespace souschef::store
