// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

struct stat;

namespace souschef::store {

// What the file system says about a file; times in nanoseconds since 1970.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;
  bool executable = false;
  bool operator==(const FileStamp&) const = default;
};

FileStamp stamp_of(const struct stat& status);
// What a path is now, links followed; nothing where there is none.
std::optional<FileStamp> stamp_of(const std::filesystem::path& path);

}  // namespace souschef::store
