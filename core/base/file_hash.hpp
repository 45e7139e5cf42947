// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

namespace souschef::store {
class OpenFile;
}

namespace souschef::core {

// Of the content of a regular file, as it is now; links are not followed. Reads it in pieces of 1 MiB.
// Errors: those of store::SourceFile::open; io.
Result<Hash> hash_of_file(const std::filesystem::path& path);

// Of the first `size` bytes of an open file. Errors: io; changed (the file is shorter).
Result<Hash> hash_of_file(const store::OpenFile& file, std::uint64_t size);

}  // namespace souschef::core
