// SPDX-License-Identifier: MIT
#include "core/base/scratch_folder.hpp"

#include <stdlib.h>

#include <string>
#include <system_error>
#include <utility>

#include "store/file_system.hpp"

namespace souschef::core {

namespace fs = std::filesystem;

Result<ScratchFolder> ScratchFolder::make() {
  std::error_code failed;
  std::string name = (fs::temp_directory_path(failed) / (std::string(kScratchPrefix) + "XXXXXX")).string();
  if (failed || ::mkdtemp(name.data()) == nullptr)
    return Error(ErrorCode::io, "cannot make a temporary folder", name)
        .next_step("see that TMPDIR names a folder with room");
  return ScratchFolder(name);
}

ScratchFolder::ScratchFolder(fs::path path) : path_(std::move(path)) {}
ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ScratchFolder::~ScratchFolder() {
  if (!path_.empty()) (void)store::remove_tree(store::FileSystem::real(), path_);
}

}  // namespace souschef::core
