// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace souschef::core {

class FileView;

struct FolderEntry {
  std::string name;
  bool is_folder = false;
  auto operator<=>(const FolderEntry&) const = default;
};

// Names in folders, each folder read once; also whether a path exists and how. One run of one command; one
// thread.
class FolderListings {
 public:
  enum class Kind { nothing, file, folder, other };

  // `view` (may be null) is borrowed: what it says goes before the disk.
  explicit FolderListings(const FileView* view = nullptr) : view_(view) {}

  // Sorted by name; empty where the folder cannot be read.
  const std::vector<FolderEntry>& of(const std::string& folder);
  // Follows symbolic links.
  Kind kind_of(const std::string& path);
  // The path under which `path` exists if upper and lower case (and Unicode composition) are not told apart;
  // empty: nothing like it. Components that exist as written are kept.
  std::string find_ignoring_case(const std::string& path);

  // Everything that was looked at: what a later run must find unchanged for the same answer.
  [[nodiscard]] const std::set<std::string>& folders_read() const { return folders_read_; }
  [[nodiscard]] const std::set<std::string>& absent() const { return absent_; }

 private:
  // The names that the view has below a folder, one level deep.
  void add_viewed(const std::string& folder, std::vector<FolderEntry>& entries) const;
  [[nodiscard]] bool has_viewed_below(const std::string& folder) const;

  const FileView* view_;
  std::unordered_map<std::string, std::vector<FolderEntry>> folders_;
  std::unordered_map<std::string, Kind> kinds_;
  std::set<std::string> folders_read_;
  std::set<std::string> absent_;
};

}  // namespace souschef::core
