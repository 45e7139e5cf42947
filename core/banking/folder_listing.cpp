// SPDX-License-Identifier: MIT
#include "core/banking/folder_listing.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>

#include "core/base/file_view.hpp"
#include "core/production/blend_path.hpp"

namespace souschef::core {
namespace {

// Case folded for ASCII; bytes beyond it are compared as they are, except that a combining mark after a
// letter (as macOS writes names) is dropped together with the accent of a precomposed Latin letter: a rough
// fold that only has to find candidates.
std::string folded(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<unsigned char>(name[i]);
    if (byte == 0xCC || byte == 0xCD) {  // U+0300..U+036F
      ++i;
    } else if (byte == 0xC3 && i + 1 < name.size()) {  // U+00C0..U+00FF
      static constexpr std::string_view kBase =
          "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy";
      out += kBase[static_cast<unsigned char>(name[++i]) & 0x3FU];
    } else {
      out += static_cast<char>(std::tolower(byte));
    }
  }
  return out;
}

bool is_folder(int folder, const dirent& entry) {
  if (entry.d_type == DT_DIR) return true;
  if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) return false;
  struct stat info {};
  return ::fstatat(folder, entry.d_name, &info, 0) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

const std::vector<FolderEntry>& FolderListings::of(const std::string& folder) {
  const auto [at, fresh] = folders_.try_emplace(folder);
  if (!fresh) return at->second;
  folders_read_.insert(folder);
  std::vector<FolderEntry>& entries = at->second;
  if (DIR* stream = ::opendir(folder.c_str())) {
    while (const dirent* entry = ::readdir(stream)) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      entries.push_back({std::string(name), is_folder(::dirfd(stream), *entry)});
    }
    ::closedir(stream);
  }
  if (view_ != nullptr) add_viewed(folder, entries);
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  return entries;
}

void FolderListings::add_viewed(const std::string& folder, std::vector<FolderEntry>& entries) const {
  std::erase_if(entries, [&](const FolderEntry& entry) { return view_->hides(joined(folder, entry.name)); });
  const std::string start = joined(folder, "");
  const auto& all = view_->replaced();
  for (auto at = all.lower_bound(start); at != all.end() && at->starts_with(start); ++at) {
    const std::size_t slash = at->find('/', start.size());
    entries.push_back({at->substr(start.size(), slash - start.size()), slash != std::string::npos});
  }
}

bool FolderListings::has_viewed_below(const std::string& folder) const {
  if (view_ == nullptr) return false;
  const std::string start = joined(folder, "");
  const auto at = view_->replaced().lower_bound(start);
  return at != view_->replaced().end() && at->starts_with(start);
}

FolderListings::Kind FolderListings::kind_of(const std::string& path) {
  const auto [at, fresh] = kinds_.try_emplace(path, Kind::nothing);
  if (!fresh) return at->second;
  if (view_ != nullptr && view_->replaces(path)) return at->second = Kind::file;
  if (view_ != nullptr && view_->hides(path)) return Kind::nothing;
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    if (has_viewed_below(path)) return at->second = Kind::folder;
    absent_.insert(path);
    return Kind::nothing;
  }
  return at->second = S_ISREG(info.st_mode) ? Kind::file : S_ISDIR(info.st_mode) ? Kind::folder : Kind::other;
}

std::string FolderListings::find_ignoring_case(const std::string& path) {
  if (kind_of(path) != Kind::nothing) return path;
  if (path.size() <= 1) return {};
  const std::string parent = find_ignoring_case(std::string(parent_of(path)));
  if (parent.empty()) return {};
  const std::string wanted = folded(name_part(path));
  for (const FolderEntry& entry : of(parent))
    if (folded(entry.name) == wanted) return joined(parent, entry.name);
  return {};
}

}  // namespace souschef::core
