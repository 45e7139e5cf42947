// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include <souschef/result.hpp>

#include "store/file_system_kind.hpp"

namespace souschef::store {

// Where this machine keeps what belongs to it alone: beside the store on a local file system, in the user's
// folders (by the store's UUID) where the store's file system is remote.
struct LocalFolders {
  std::filesystem::path index;
  std::filesystem::path pantry;
  std::filesystem::path checkouts;
};

// `production`: the .souschef folder. Where the user's home is on a network too, /var/tmp is taken: the index
// must not be on one. Errors: denied (somebody else owns the folder in /var/tmp), io.
Result<LocalFolders> local_folders(const std::filesystem::path& production, const std::string& store_uuid);

}  // namespace souschef::store
