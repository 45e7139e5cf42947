// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

namespace souschef::core {

// Of the content of a regular file, as it is now; links are not followed. Reads it in pieces of 1 MiB.
// Errors: those of store::SourceFile::open; io.
Result<Hash> hash_of_file(const std::filesystem::path& path);

}  // namespace souschef::core
