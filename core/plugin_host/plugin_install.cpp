// SPDX-License-Identifier: MIT
// The copy is made under a hidden name, which discovery passes over, hashed again and then renamed. An older
// one steps aside first; between the two renames the plugin is missing, never mixed.
#include "core/plugin_host/plugin_install.hpp"

#include <unistd.h>

#include <set>
#include <string>
#include <system_error>

#include <souschef/file_name.hpp>

#include "core/base/folder_hash.hpp"
#include "core/plugin_host/plugin_discovery.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

bool stays_behind(const fs::path& name) {
  static const std::set<std::string> kFolders = {".git", ".hg", ".svn"};  // as hash_of_folder
  return kFolders.contains(name.string());
}

Error cannot_copy(const fs::path& path, const std::error_code& code) {
  const ErrorCode kind = code == std::errc::no_space_on_device  ? ErrorCode::no_space
                         : code == std::errc::permission_denied ? ErrorCode::denied
                                                                : ErrorCode::io;
  return Error(kind, "cannot copy " + path.string(), code.message());
}

Status sync_file(const fs::path& file) {
  SOUSCHEF_TRY(const auto open, store::FileSystem::real().open(file, store::Access::read));
  return open->sync();
}

// Depth is bounded: hash_of_folder has walked the same folder.
Status copy_tree(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::create_directory(to, failed);
  if (failed) return cannot_copy(to, failed);
  for (fs::directory_iterator at(from, failed), end; !failed && at != end; at.increment(failed)) {
    const fs::path target = to / at->path().filename();
    if (at->is_symlink()) {
      fs::copy_symlink(at->path(), target, failed);
    } else if (at->is_directory()) {
      if (stays_behind(at->path().filename())) continue;
      SOUSCHEF_CHECK(copy_tree(at->path(), target));
    } else {
      fs::copy_file(at->path(), target, failed);
      if (!failed) SOUSCHEF_CHECK(sync_file(target));
    }
    if (failed) return cannot_copy(at->path(), failed);
  }
  if (failed) return cannot_copy(from, failed);
  return store::FileSystem::real().sync_folder(to);
}

Status take_place(const fs::path& copy, const fs::path& target, const fs::path& aside) {
  std::error_code failed;
  if (fs::exists(fs::symlink_status(target))) fs::rename(target, aside, failed);
  if (!failed) {
    fs::rename(copy, target, failed);
    if (failed) {
      std::error_code ignored;
      fs::rename(aside, target, ignored);
    }
  }
  if (failed) return cannot_copy(target, failed);
  return store::FileSystem::real().sync_folder(target.parent_path());
}

}  // namespace

Result<PluginManifest> read_installable(const fs::path& folder, const fs::path& given) {
  std::error_code failed;
  if (!fs::exists(given, failed))
    return Error(ErrorCode::not_found, "there is no " + escape_name(given.string()));
  Result<PluginManifest> manifest = read_plugin(folder, PluginOrigin::user).manifest;
  if (manifest) return manifest;
  return std::move(manifest.error())
      .in_context(escape_name(given.string()) + " is no plugin that can be added")
      .next_step(
          "name the folder, .zip or .tar with plugin.json in it; souschef plugin new  begins a plugin");
}

Result<InstalledPlugin> install_plugin(const fs::path& source, const fs::path& place,
                                       IfInstalled if_installed) {
  const fs::path folder = fs::absolute(source).lexically_normal();
  SOUSCHEF_TRY(PluginManifest manifest, read_installable(folder, source));
  const std::string id = manifest.id;
  const fs::path target = place / id;
  if (if_installed == IfInstalled::refuse && fs::exists(fs::symlink_status(target)))
    return Error(ErrorCode::exists, "there is a plugin " + id + " already", target.string())
        .next_step("souschef plugin add --replace " + source.string());
  SOUSCHEF_TRY(const Hash hash, hash_of_folder(folder));

  store::FileSystem& disk = store::FileSystem::real();
  SOUSCHEF_CHECK(store::make_folders(disk, place));
  const std::string mark = id + "-" + std::to_string(::getpid());
  const fs::path copy = place / (".adding-" + mark), aside = place / (".removing-" + mark);
  SOUSCHEF_CHECK(store::remove_tree(disk, copy));
  Status done = copy_tree(folder, copy);
  if (done) {
    const auto copied = hash_of_folder(copy);
    if (!copied) done = copied.error();
    if (copied && *copied != hash)
      done = Error(ErrorCode::changed, source.string() + " was written to while it was copied")
                 .next_step("try again");
  }
  if (done) done = take_place(copy, target, aside);
  (void)store::remove_tree(disk, copy);
  (void)store::remove_tree(disk, aside);
  if (!done) return std::move(done).error();
  return InstalledPlugin{std::move(manifest), target, hash};
}

}  // namespace souschef::core
