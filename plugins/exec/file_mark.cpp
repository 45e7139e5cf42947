// SPDX-License-Identifier: MIT
#include "plugins/exec/file_mark.hpp"

#include <sys/stat.h>

namespace souschef::exec {

FileMark mark_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return {static_cast<std::uint64_t>(status.st_ino), static_cast<std::uint64_t>(status.st_size),
          status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

}  // namespace souschef::exec
