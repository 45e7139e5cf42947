// SPDX-License-Identifier: MIT
#include "core/banking/lfs_pointer.hpp"

#include <array>
#include <fstream>

namespace souschef::core {

bool is_lfs_pointer(const std::filesystem::path& file) {
  std::error_code code;
  const auto size = std::filesystem::file_size(file, code);
  if (code || size >= kMaxLfsPointer || size <= kLfsPointerStart.size()) return false;
  std::ifstream in(file, std::ios::binary);
  std::array<char, kLfsPointerStart.size()> head{};
  in.read(head.data(), head.size());
  return in && std::string_view(head.data(), head.size()) == kLfsPointerStart;
}

Error lfs_pointer_error(const std::string& shown_name) {
  return Error(ErrorCode::bad_input, shown_name + " has not been fetched",
               "it is a Git LFS pointer, not the file itself")
      .next_step("git lfs pull");
}

}  // namespace souschef::core
