// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

namespace souschef::core {

// One hash over everything in a folder that could change what runs from it: names, contents, which files are
// executable, where symbolic links lead. Folders of version control (.git, .hg, .svn) do not count. The same
// content elsewhere has the same hash. Reads everything. Errors: bad_input (a link that leads out, a device,
// more than a plugin has any reason to hold), denied, io.
Result<Hash> hash_of_folder(const std::filesystem::path& folder);

}  // namespace souschef::core
