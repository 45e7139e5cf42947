// SPDX-License-Identifier: MIT
#include "core/jobs/repair_production.hpp"

#include <algorithm>
#include <set>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/jobs/job_store.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::uint64_t kMostManifestBytes = 64U << 20;

Result<fs::path> store_at(const fs::path& place) {
  for (const fs::path& folder : {place, place / "store", place / ".souschef/store"})
    if (fs::exists(folder / "FORMAT")) return folder;
  return Error(ErrorCode::not_found, "there is no store at " + escape_name(place.string()));
}

class JobRepair {
 public:
  JobRepair(Production& production, const RepairJobsRequest& request)
      : production_(production), request_(request), jobs_(production) {}

  Result<ProductionRepair> run() {
    for (const fs::path& place : request_.from) {
      SOUSCHEF_TRY(fs::path folder, store_at(place));
      others_.push_back(std::move(folder));
    }
    SOUSCHEF_CHECK(fetch_manifests());
    SOUSCHEF_CHECK(gather());
    SOUSCHEF_TRY(store::Store* const store, production_.store());
    const std::vector<store::ContentRoot> roots(roots_.begin(), roots_.end());
    const store::RepairRequest request{roots, candidates_, others_};
    SOUSCHEF_TRY(report_.store, store::repair_store(*store, request, request_.progress, request_.cancelled));
    // Names what is left in jobs and files, and remembers it.
    SOUSCHEF_TRY(report_.after, check_production(production_, {.data_percent = 100,
                                                               .progress = request_.progress,
                                                               .cancelled = request_.cancelled}));
    return std::move(report_);
  }

 private:
  // Manifests that are damaged, or that a record points to in vain.
  Status fetch_manifests() {
    std::set<JobId> wanted;
    SOUSCHEF_TRY(const auto ids, jobs_.list());
    for (const JobId& id : ids)
      if (const auto loaded = jobs_.load(id); !loaded && loaded.error().code == ErrorCode::corrupt)
        wanted.insert(id);
    SOUSCHEF_TRY(const auto records, jobs_.snapshots());
    for (const SnapshotRecord& record : records)
      if (!jobs_.exists(record.job)) wanted.insert(record.job);
    for (const JobId& id : wanted)
      for (const fs::path& other : others_) {
        SOUSCHEF_TRY(const bool fetched, fetch_manifest(id, other));
        if (!fetched) continue;
        report_.manifests_fetched.push_back(id);
        break;
      }
    return {};
  }

  // What comes from elsewhere must be what its name says, or what was here comes back. (A manifest whose
  // table of files lies in packs proves itself only once those are whole: it is taken on trust in its form,
  // and the check at the end decides.)
  Result<bool> fetch_manifest(JobId id, const fs::path& other) {
    auto& disk = store::FileSystem::real();
    const fs::path target = jobs_.path_of(id);
    const auto text = store::read_file(disk, other / target.lexically_relative(production_.paths().store()),
                                       kMostManifestBytes);
    if (!text) return false;
    const auto json = parse_json(*text);
    if (!json || !json->is_object()) return false;
    if (!json->contains("table")) {
      const auto manifest = manifest_from_json(*json);
      if (!manifest || job_id(*manifest) != id) return false;
    }
    SOUSCHEF_CHECK(store::make_folders(disk, target.parent_path()));
    SOUSCHEF_CHECK(store::replace_file(disk, target, *text));
    return true;
  }

  Status gather() {
    SOUSCHEF_TRY(const auto ids, jobs_.list());
    std::set<std::pair<ContentId, fs::path>> seen;
    for (const JobId& id : ids) {
      const auto contents = jobs_.contents(id);
      if (!contents) continue;  // damaged itself: named at the end
      roots_.insert(contents->begin(), contents->end());
      SOUSCHEF_TRY(const Manifest manifest, jobs_.load(id));
      for (const ManifestFile& file : manifest.files) {
        const auto path = working_file(file);
        if (path && seen.emplace(file.content, *path).second) candidates_.push_back({file.content, *path});
      }
    }
    return {};
  }

  // The file of the production that may still be what was banked: it has the size.
  [[nodiscard]] std::optional<fs::path> working_file(const ManifestFile& file) const {
    if (file.mode == FileMode::symlink) return std::nullopt;
    const std::string outside = std::string(kOutsideFolder) + "/";
    const fs::path path = file.path.starts_with(outside) ? fs::path(file.path.substr(outside.size() - 1))
                                                         : production_.root() / file.path;
    std::error_code code;
    const fs::path real = fs::canonical(path, code);
    if (code || !fs::is_regular_file(real, code)) return std::nullopt;
    const auto size = fs::file_size(real, code);
    if (code || (size != file.size && size != file.blob_size)) return std::nullopt;
    return real;
  }

  Production& production_;
  const RepairJobsRequest& request_;
  JobStore jobs_;
  std::vector<fs::path> others_;
  std::set<store::ContentRoot> roots_;
  std::vector<store::RepairCandidate> candidates_;
  ProductionRepair report_;
};

}  // namespace

Result<ProductionRepair> repair_production(Production& production, const RepairJobsRequest& request) {
  return JobRepair(production, request).run();
}

}  // namespace souschef::core
