// SPDX-License-Identifier: MIT
#include "core/hooks/revision_job.hpp"

#include <algorithm>
#include <set>

#include <souschef/file_name.hpp>

#include "core/banking/trace.hpp"
#include "core/hooks/revision_files.hpp"
#include "core/production/blend_path.hpp"

namespace souschef::core {
namespace {

constexpr std::size_t kListed = 10;

std::string id_of(const SnapshotRecord& record) {
  const auto id = record.revision.find("id");
  return id == record.revision.end() ? std::string() : id->second;
}

// What a job of the shot would hold now, were the revision checked out: the names of its files.
Result<std::set<std::string>> names_at(Production& production, RevisionFiles& files,
                                       const std::string& path) {
  SOUSCHEF_TRY(const auto view, files.view());
  TraceOptions options;
  options.view = view.get();
  options.include_unused = production.config().boolean("trace.include_unused");
  SOUSCHEF_TRY(const Trace trace, trace_blend(production, path, options));
  std::set<std::string> names;
  for (const auto& [file, name] : files_to_bank(production, trace)) names.insert(name);
  return names;
}

bool has_names(const Manifest& manifest, const std::set<std::string>& names) {
  return std::equal(manifest.files.begin(), manifest.files.end(), names.begin(), names.end(),
                    [](const ManifestFile& file, const std::string& name) { return file.path == name; });
}

Error not_banked(const std::string& entry, const Revision& revision, const SnapshotRecord* differs,
                 std::string_view system) {
  const std::string at = revision.id.substr(0, 12);
  Error error(ErrorCode::not_found, escape_name(entry) + " was not banked as of revision " + at);
  if (differs != nullptr) {
    error.why.push_back("job " + differs->job.brief() + " was banked then, but is not as in the revision:");
    for (std::size_t i = 0; i < differs->modified.size() && i < kListed; ++i)
      error.why.push_back(escape_name(differs->modified[i]));
    if (differs->modified.size() > kListed)
      error.why.push_back("and " + std::to_string(differs->modified.size() - kListed) + " more");
  }
  return std::move(error).next_step("souschef hook run " + std::string(system) + " " + escape_name(entry) +
                                    " --rev " + at + "  banks it, if the repository has all of it");
}

}  // namespace

Result<JobId> job_at_revision(Production& production, Repository& repository, const std::string& revision,
                              const std::string& entry) {
  SOUSCHEF_TRY(const Revision found, repository.revision(revision));
  SOUSCHEF_TRY(const auto files, RevisionFiles::load(production, repository, found));
  const std::string path = joined(production.root().string(), entry);
  if (!files->files().contains(files->path_of(path)))
    return Error(ErrorCode::not_found,
                 "revision " + found.id.substr(0, 12) + " has no " + escape_name(entry));
  JobStore jobs(production);
  SOUSCHEF_TRY(const auto records, jobs.snapshots());
  const SnapshotRecord* differs = nullptr;
  std::set<JobId> candidates;
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    if (record->entry != entry) continue;
    if (id_of(*record) == found.id && record->modified.empty()) return record->job;
    if (id_of(*record) == found.id && differs == nullptr) differs = &*record;
    candidates.insert(record->job);
  }
  // The shot may be the same in many revisions, and was banked for one of them.
  const auto names = candidates.empty() ? Result<std::set<std::string>>(std::set<std::string>())
                                        : names_at(production, *files, path);
  for (const JobId& job : candidates) {
    const auto manifest = jobs.load(job);
    if (!names || !manifest || !has_names(*manifest, *names)) continue;
    SOUSCHEF_TRY(const RevisionClaim claim, files->compare(*manifest));
    if (claim.modified.empty()) return job;
  }
  return not_banked(entry, found, differs, repository.system());
}

}  // namespace souschef::core
