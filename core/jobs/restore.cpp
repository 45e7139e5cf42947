// SPDX-License-Identifier: MIT
#include "core/jobs/restore.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include <souschef/file_name.hpp>

#include "core/jobs/roots.hpp"
#include "core/production/ignore_rules.hpp"
#include "store/file_system.hpp"
#include "store/lease.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// Asks the file system itself: makes "a" and looks for "A".
bool tells_case_apart(const fs::path& folder) {
  auto& disk = store::FileSystem::real();
  const fs::path probe = folder / ".souschef-case-probe";
  if (!disk.create(probe)) return true;
  const bool same = store::exists(disk, folder / ".SOUSCHEF-CASE-PROBE");
  (void)disk.remove_file(probe);
  return !same;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Status refuse_collisions(const std::vector<const ManifestFile*>& files) {
  std::map<std::string, std::string> seen;
  for (const ManifestFile* file : files) {
    const auto [at, fresh] = seen.emplace(lower(file->path), file->path);
    if (!fresh)
      return Error(ErrorCode::bad_input,
                   "two names differ only in upper and lower case, and this disk does not tell them apart",
                   escape_name(at->second) + " and " + escape_name(file->path))
          .next_step("restore to a disk that does, or only one of them with --only");
  }
  return {};
}

Status make_folder_for(const fs::path& target, std::set<fs::path>& made) {
  const fs::path folder = target.parent_path();
  if (made.contains(folder)) return {};
  std::error_code code;
  fs::create_directories(folder, code);
  if (code)
    return store::system_error(code.value(), "cannot make the folder " + escape_name(folder.string()));
  made.insert(folder);
  return {};
}

}  // namespace

Result<RestoreResult> restore_job(Production& production, const RestoreRequest& request) {
  SOUSCHEF_TRY(store::Store* const store, production.store());
  SOUSCHEF_TRY(const auto reading, store->begin_read("restore", {keep_of(request.job)}));
  SOUSCHEF_TRY(const Manifest manifest, JobStore(production).load(request.job));
  std::vector<const ManifestFile*> wanted;
  for (const ManifestFile& file : manifest.files) {
    const bool match = request.only.empty() ||
                       std::any_of(request.only.begin(), request.only.end(),
                                   [&](const std::string& glob) { return matches_glob(glob, file.path); });
    if (match) wanted.push_back(&file);
  }
  if (wanted.empty() && !request.only.empty())
    return Error(ErrorCode::not_found, "no file of the job fits " + request.only.front())
        .next_step("souschef ls " + request.job.brief());

  std::error_code code;
  if (fs::exists(request.folder, code) &&
      (!fs::is_directory(request.folder, code) || !fs::is_empty(request.folder, code)))
    return Error(ErrorCode::exists, escape_name(request.folder.string()) + " holds something already",
                 "restore never writes over files")
        .next_step("name a folder that does not exist yet");
  fs::create_directories(request.folder, code);
  if (code)
    return store::system_error(code.value(),
                               "cannot make the folder " + escape_name(request.folder.string()));
  if (!tells_case_apart(request.folder)) SOUSCHEF_CHECK(refuse_collisions(wanted));

  std::vector<store::PlaceRequest> places;
  std::vector<const ManifestFile*> placed;
  std::set<fs::path> made;
  for (const ManifestFile* file : wanted) {
    const fs::path target = request.folder / file->path;
    SOUSCHEF_CHECK(make_folder_for(target, made));
    if (file->mode == FileMode::symlink) continue;
    places.push_back({file->content, file->blob, target, file->mode == FileMode::executable});
    placed.push_back(file);
  }
  SOUSCHEF_TRY(const auto results,
               store->restore(places, store::Form::original, request.progress, request.cancelled));

  // Links last: nothing is ever written through one.
  RestoreResult result;
  for (const ManifestFile* file : wanted) {
    if (file->mode != FileMode::symlink) continue;
    fs::create_symlink(file->target, request.folder / file->path, code);
    if (code) return store::system_error(code.value(), "cannot make the link " + escape_name(file->path));
  }
  result.files = wanted.size();
  for (std::size_t i = 0; i < results.size(); ++i) {
    result.bytes += results[i].size;
    if (!results[i].exact) result.rewrapped.push_back(placed[i]->path);
  }
  return result;
}

Status read_banked_file(Production& production, JobId job, const ManifestFile& file, store::Form form,
                        ByteSink& sink) {
  SOUSCHEF_TRY(store::Store* const store, production.store());
  SOUSCHEF_TRY(const auto reading, store->begin_read("read", {keep_of(job)}));
  return store->read(file.content, form, sink);
}

}  // namespace souschef::core
