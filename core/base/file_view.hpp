// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include <souschef/result.hpp>

namespace souschef::core {

// Other files in the place of some of the working copy's: a shot can be traced and banked as a revision has
// it while the artist works on. Which paths (absolute) differ is fixed before the first look; the files
// themselves are made when they are asked for. One thread at a time.
class FileView {
 public:
  virtual ~FileView() = default;

  // There is a file at this path, whatever the disk says.
  [[nodiscard]] bool replaces(const std::string& path) const { return replaced_.contains(path); }
  // There is none, whatever the disk says.
  [[nodiscard]] bool hides(const std::string& path) const { return hidden_.contains(path); }
  // Sorted: those below a folder stand together.
  [[nodiscard]] const std::set<std::string>& replaced() const { return replaced_; }
  [[nodiscard]] bool empty() const { return replaced_.empty() && hidden_.empty(); }

  // For a path that replaces(): what to open, resolved; it stays as it is as long as the view is there.
  // Errors: not_found (its bytes are not to be had), no_space, io, child_failed.
  virtual Result<std::filesystem::path> file_for(const std::string& path) = 0;

 protected:
  FileView(std::set<std::string> replaced, std::set<std::string> hidden)
      : replaced_(std::move(replaced)), hidden_(std::move(hidden)) {}

 private:
  std::set<std::string> replaced_, hidden_;
};

}  // namespace souschef::core
