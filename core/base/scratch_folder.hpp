// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

#include <souschef/result.hpp>

namespace souschef::core {

// How the names of such folders begin: a killed program leaves them behind.
inline constexpr std::string_view kScratchPrefix = "souschef-scratch-";

// A folder of one's own under the system's temporary folder, readable by nobody else, that goes away with all
// that is in it when this object does; where removing fails, what is left is the system's to tidy.
class ScratchFolder {
 public:
  // Errors: io.
  static Result<ScratchFolder> make();

  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path);
  std::filesystem::path path_;  // empty once moved from
};

}  // namespace souschef::core
