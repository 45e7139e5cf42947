// SPDX-License-Identifier: MIT
#include "store/local_folders.hpp"

#include <cerrno>
#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

namespace {

bool is_local(const fs::path& folder) {
  // The nearest folder above that exists decides.
  for (fs::path at = folder; !at.empty(); at = at.parent_path()) {
    if (const auto kind = file_system_kind(at)) return kind->nearness == Nearness::local;
    if (at == at.parent_path()) break;
  }
  return false;
}

// By the XDG rules: $VARIABLE if it is absolute, else a folder in the home.
fs::path user_folder(const char* variable, const char* in_home) {
  const char* set = std::getenv(variable);
  if (set != nullptr && set[0] == '/') return fs::path(set) / "souschef";
  const char* home = std::getenv("HOME");
  return home != nullptr && home[0] == '/' ? fs::path(home) / in_home / "souschef" : fs::path();
}

// Everybody may make folders in /var/tmp: only one that is ours alone will do.
Result<fs::path> private_folder() {
  const fs::path folder = "/var/tmp/souschef-" + std::to_string(::getuid());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return system_error(errno, "cannot make the folder " + folder.string());
  struct stat found {};
  if (::lstat(folder.c_str(), &found) != 0) return system_error(errno, "cannot look at " + folder.string());
  if (!S_ISDIR(found.st_mode) || found.st_uid != ::getuid() || (found.st_mode & 0077U) != 0)
    return Error(ErrorCode::denied, "cannot use " + folder.string(), "somebody else may write to it");
  return folder;
}

Result<fs::path> local_user_folder(const char* variable, const char* in_home) {
  fs::path folder = user_folder(variable, in_home);
  if (!folder.empty() && is_local(folder)) return folder;
  return private_folder();
}

}  // namespace

Result<LocalFolders> local_folders(const fs::path& production, const std::string& store_uuid) {
  if (is_local(production))
    return LocalFolders{production / "index", production / "pantry", production / "checkouts"};
  SOUSCHEF_TRY(const fs::path state, local_user_folder("XDG_STATE_HOME", ".local/state"));
  SOUSCHEF_TRY(const fs::path cache, local_user_folder("XDG_CACHE_HOME", ".cache"));
  return LocalFolders{state / store_uuid / "index", cache / store_uuid / "pantry",
                      cache / store_uuid / "checkouts"};
}

}  // namespace souschef::store
