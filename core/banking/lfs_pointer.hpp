// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <souschef/error.hpp>

namespace souschef::core {

// Git LFS leaves a small text in place of a file that was not fetched. Banking it would be banking nothing.
// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: below 1024 bytes, begins with this line.
inline constexpr std::uint64_t kMaxLfsPointer = 1024;
inline constexpr std::string_view kLfsPointerStart = "version https://git-lfs.github.com/spec/v1\n";

// True for a file that is a pointer. Files that cannot be read are none.
bool is_lfs_pointer(const std::filesystem::path& file);
// The refusal, by name.
Error lfs_pointer_error(const std::string& shown_name);

}  // namespace souschef::core
