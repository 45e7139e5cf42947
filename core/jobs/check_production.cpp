// SPDX-License-Identifier: MIT
#include "core/jobs/check_production.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/jobs/job_store.hpp"
#include "core/jobs/marks.hpp"
#include "core/jobs/roots.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"

namespace souschef::core {
namespace {

constexpr std::uint64_t kMostListBytes = 64U << 20;
constexpr int kListVersion = 1;

Status write_damaged(const Production& production, const std::set<JobId>& jobs) {
  auto& disk = store::FileSystem::real();
  if (jobs.empty()) {
    Status removed = disk.remove_file(production.paths().damaged());
    return removed || removed.error().code == ErrorCode::not_found ? Status() : removed;
  }
  Json list = Json::array();
  for (const JobId& job : jobs) list.push_back(job.hex());
  return store::replace_file(disk, production.paths().damaged(),
                             Json{{"version", kListVersion}, {"jobs", list}}.dump());
}

class JobCheck {
 public:
  JobCheck(Production& production, const CheckJobsRequest& request)
      : production_(production), request_(request), jobs_(production) {}

  Result<ProductionCheck> run() {
    SOUSCHEF_CHECK(read_jobs());
    SOUSCHEF_TRY(store::Store* const store, production_.store());
    store::CheckRequest request;
    const std::vector<store::ContentRoot> roots(roots_.begin(), roots_.end());
    request.roots = roots;
    request.data_percent = request_.data_percent;
    request.seed = std::random_device()();
    SOUSCHEF_TRY(report_.store, store::check_store(*store, request, request_.progress, request_.cancelled));
    for (const store::DamagedRoot& root : report_.store.damaged_roots)
      damaged_.emplace(roots[root.root], root.why);
    SOUSCHEF_CHECK(name_damaged());
    SOUSCHEF_CHECK(set_abandoned_aside(roots));
    if (request_.pantry) {
      SOUSCHEF_TRY(report_.pantry_changed, store::check_pantry(*store, request_.cancelled));
    }
    SOUSCHEF_CHECK(remember());
    return std::move(report_);
  }

 private:
  Status read_jobs() {
    SOUSCHEF_TRY(ids_, jobs_.list());
    for (const JobId& id : ids_) {
      auto contents = jobs_.contents(id);
      if (!contents) {
        if (contents.error().code == ErrorCode::not_found && !jobs_.exists(id)) continue;  // gone by now
        report_.damaged_jobs.push_back({id, {}, contents.error().line(), {}});
        continue;
      }
      roots_.insert(contents->begin(), contents->end());
      report_.files += contents->size();
      ++report_.jobs;
    }
    return {};
  }

  Status name_damaged() {
    SOUSCHEF_TRY(const auto records, jobs_.snapshots(&report_.damaged_records));
    report_.snapshots = records.size();
    SOUSCHEF_TRY([[maybe_unused]] const auto marks, list_marks(production_, &report_.damaged_records));
    if (!damaged_.empty())
      for (const JobId& id : ids_) SOUSCHEF_CHECK(name_damaged(id));
    std::map<JobId, DamagedJob*> by_id;
    for (DamagedJob& job : report_.damaged_jobs) by_id[job.job] = &job;
    for (const SnapshotRecord& record : records) {
      const auto job = by_id.find(record.job);
      if (job != by_id.end()) job->second->snapshots.push_back(record.ulid);
      // A record of a job that is not there at all.
      if (job == by_id.end() && !jobs_.exists(record.job)) {
        report_.damaged_jobs.push_back({record.job, {}, "its manifest is missing", {record.ulid}});
        by_id.clear();
        for (DamagedJob& each : report_.damaged_jobs) by_id[each.job] = &each;
      }
    }
    return {};
  }

  Status name_damaged(JobId id) {
    const auto manifest = jobs_.load(id);
    if (!manifest) return {};  // named already, or gone
    DamagedJob job{id, {}, {}, {}};
    for (const ManifestFile& file : manifest->files) {
      const BlobId blob = file.blob.hash == file.content.hash ? BlobId() : file.blob;
      const auto found = damaged_.find({file.content, blob});
      if (file.mode == FileMode::symlink || found == damaged_.end()) continue;
      job.files.push_back(file.path);
      if (job.why.empty()) job.why = found->second;
    }
    if (!job.files.empty()) report_.damaged_jobs.push_back(std::move(job));
    return {};
  }

  // A job that nothing refers to was never promised to anybody, or is on its way out: a snapshot or a
  // collection was interrupted between its manifest and the rest. What it lacks is odd and harms nobody. Who
  // refers to what is read anew: a collection may have removed a job since this check began, and all that
  // only it needed.
  Status set_abandoned_aside(std::span<const store::ContentRoot> roots) {
    if (report_.damaged_jobs.empty() && report_.store.damaged_roots.empty()) return {};
    SOUSCHEF_TRY(const RootSet set, read_roots(production_, {}));
    if (!set.unreadable.empty()) return {};  // who knows what those refer to
    std::set<JobId> kept;
    for (const Root& root : set.roots) kept.insert(root.job);
    std::set<store::ContentRoot> needed;
    for (const JobId& id : ids_) {
      if (!kept.contains(id)) continue;
      if (const auto contents = jobs_.contents(id)) needed.insert(contents->begin(), contents->end());
    }
    std::erase_if(report_.store.damaged_roots,
                  [&](const store::DamagedRoot& damaged) { return !needed.contains(roots[damaged.root]); });
    std::erase_if(report_.damaged_jobs, [&](const DamagedJob& job) {
      if (kept.contains(job.job)) return false;
      if (!jobs_.exists(job.job)) return true;
      report_.store.remarks.push_back(
          "the job " + job.job.brief() +
          " is not whole, and nothing refers to it: a snapshot or a collection was "
          "interrupted; souschef gc removes it");
      return true;
    });
    return {};
  }

  // Damage that an earlier check found in the data stays remembered until one that reads all of it, or until
  // the job is gone.
  Status remember() {
    std::set<JobId> damaged;
    for (const DamagedJob& job : report_.damaged_jobs) damaged.insert(job.job);
    if (request_.data_percent < 100) {
      SOUSCHEF_TRY(const auto before, damaged_jobs(production_));
      for (const JobId& job : before)
        if (jobs_.exists(job)) damaged.insert(job);
    }
    return write_damaged(production_, damaged);
  }

  Production& production_;
  const CheckJobsRequest& request_;
  JobStore jobs_;
  ProductionCheck report_;
  std::vector<JobId> ids_;
  std::set<store::ContentRoot> roots_;
  std::map<store::ContentRoot, std::string> damaged_;
};

}  // namespace

Result<ProductionCheck> check_production(Production& production, const CheckJobsRequest& request) {
  return JobCheck(production, request).run();
}

Result<std::vector<JobId>> damaged_jobs(const Production& production) {
  const auto text = store::read_file(store::FileSystem::real(), production.paths().damaged(), kMostListBytes);
  std::vector<JobId> jobs;
  if (!text) {
    if (text.error().code == ErrorCode::not_found) return jobs;
    return text.error();
  }
  SOUSCHEF_TRY(const Json json, parse_json(*text));
  if (!json.is_object() || json.value("version", Json()) != kListVersion || !json.contains("jobs"))
    return Error(ErrorCode::corrupt, "the list of damaged jobs is damaged itself")
        .next_step("souschef check");
  for (const Json& each : json["jobs"])
    if (each.is_string())
      if (const auto job = JobId::from_hex(each.get<std::string>())) jobs.push_back(*job);
  return jobs;
}

}  // namespace souschef::core
