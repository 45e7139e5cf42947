// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>

namespace souschef::exec {

// What a file was at a moment, to see whether a command has written it. Not there: all zero.
struct FileMark {
  std::uint64_t inode = 0, size = 0;
  std::int64_t seconds = 0, nanoseconds = 0;  // of the last change of its content

  bool operator==(const FileMark&) const = default;
};

FileMark mark_of(const std::filesystem::path& file);

}  // namespace souschef::exec
