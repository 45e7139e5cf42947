// SPDX-License-Identifier: MIT
// A hook's work, long after git has gone its way. From a revision to records:
//
//   which   the entries among the revision's files; of them those that changed, and (dependents) those whose
//           trace meets a changed file
//   how     as the revision has them: where the working copy differs by now, the revision's files stand in
//           (core/hooks/revision_files), so that an artist who goes on saving harms nothing
//   proof   the job's files are compared with the revision's own bytes; only then is the record written, and
//           what could not be had as it should be stands in it as modified
//
// A hook has nobody to ask: missing files are banked as missing and told, files outside the production are
// refused and told.
#include "core/hooks/hook_run.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <chrono>
#include <set>

#include <souschef/file_name.hpp>

#include "core/banking/snapshot.hpp"
#include "core/base/file_descriptor.hpp"
#include "core/base/ulid.hpp"
#include "core/base/whoami.hpp"
#include "core/hooks/revision_files.hpp"
#include "core/hooks/touched_shots.hpp"
#include "core/production/blend_path.hpp"
#include "core/production/event_delivery.hpp"
#include "core/production/plugin_options.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::int64_t kStaleMs = 24LL * 60 * 60 * 1000;

// Hooks of quick commits wait for each other here. Where the file system has no locks they do not, which the
// store can bear.
FileDescriptor take_turn(const fs::path& folder) {
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  FileDescriptor file(::open((folder / "hooks.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (file) ::flock(file.get(), LOCK_EX);
  return file;
}

// What a run that was killed has left.
void remove_stale(const fs::path& folder) {
  std::error_code ignored;
  constexpr std::string_view kStart = "revision-";
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kStart)) continue;
    const std::string_view ulid = std::string_view(name).substr(kStart.size());
    if (is_ulid(ulid) && ulid_milliseconds(ulid) < now_ms() - kStaleMs) fs::remove_all(entry.path(), ignored);
  }
}

class HookRun {
 public:
  HookRun(Production& production, Repository& repository, const HookRequest& request)
      : production_(production), repository_(repository), request_(request) {}

  Result<HookReport> run() {
    SOUSCHEF_TRY(report_.revision,
                 request_.revision.empty() ? repository_.current() : repository_.revision(request_.revision));
    if (is_passing()) {
      report_.skipped = "only the last state of a rebase is banked";
      return std::move(report_);
    }
    SOUSCHEF_TRY(files_, RevisionFiles::load(production_, repository_, report_.revision));
    SOUSCHEF_CHECK(note_banked());
    SOUSCHEF_TRY(const auto changed, changed_paths());
    SOUSCHEF_TRY(view_, files_->view());
    SOUSCHEF_TRY(TouchedShots touched, TouchedShots::of(production_, *files_, *view_, changed));
    std::vector<std::string> wanted = request_.entries;
    if (wanted.empty()) {
      const std::vector<std::string> entries = touched.entries();
      if (entries.empty()) report_.skipped = "no file of the revision fits hooks.entries";
      for (const std::string& entry : entries) {
        SOUSCHEF_TRY(const bool wants, touched.wants(entry));
        if (wants) wanted.push_back(entry);
      }
    }
    for (const std::string& entry : wanted) report_.shots.push_back(bank(entry));
    if (report_.skipped.empty() && report_.shots.empty()) report_.skipped = "no shot was touched";
    return std::move(report_);
  }

 private:
  Result<std::vector<std::string>> changed_paths() {
    std::vector<std::string> all;
    for (const std::string& from : request_.from.empty() ? std::vector<std::string>{{}} : request_.from) {
      SOUSCHEF_TRY(auto paths,
                   repository_.changed(from == kLastRevision ? last_ : from, report_.revision.id));
      all.insert(all.end(), std::make_move_iterator(paths.begin()), std::make_move_iterator(paths.end()));
    }
    return all;
  }

  // A revision that a rebase made on its way: the last one is what is checked out when it is over.
  bool is_passing() {
    if (!report_.revision.rewritten) return false;
    const auto current = repository_.current();
    return current && current->id != report_.revision.id;
  }

  // Entries of which this revision is banked already, without a difference.
  Status note_banked() {
    SOUSCHEF_TRY(const auto records, JobStore(production_).snapshots());
    for (const SnapshotRecord& record : records) {
      const auto id = record.revision.find("id");
      if (id == record.revision.end()) continue;
      if (id->second == report_.revision.id && record.modified.empty()) banked_[record.entry] = record.job;
      const auto root = record.revision.find("root");
      if (root != record.revision.end() && root->second == escape_name(repository_.top().string()))
        last_ = id->second;
    }
    return {};
  }

  [[nodiscard]] std::string absolute(const std::string& entry) const {
    return joined(production_.root().string(), entry);
  }

  HookShot bank(const std::string& entry) {
    HookShot shot;
    shot.entry = entry;
    if (const auto known = banked_.find(entry); known != banked_.end()) {
      shot.state = HookShotState::already;
      shot.job = known->second;
      return shot;
    }
    // Without a view what is known already costs nothing.
    Result<SnapshotResult> result =
        bank_once(entry, shot, view_->empty() ? nullptr : view_.get(), Insist::no);
    if (!result) {
      // Something was saved since: look again at what differs, and take it as it comes.
      if (auto fresh = files_->view()) view_ = std::move(*fresh);
      result = bank_once(entry, shot, view_->empty() ? nullptr : view_.get(), Insist::yes);
    }
    if (!result) {
      shot.reason = result.error().line();
      return shot;
    }
    shot.job = result->job;
    shot.missing = result->missing;
    shot.state = shot.modified.empty() ? HookShotState::banked : HookShotState::modified;
    return shot;
  }

  enum class Insist { no, yes };  // yes: a record is written even if it must name modified files

  Result<SnapshotResult> bank_once(const std::string& entry, HookShot& shot, FileView* view, Insist insist) {
    SnapshotRequest request;
    request.path = absolute(entry);
    request.message = report_.revision.subject;
    request.allow_missing = true;
    request.origin = Origin::hook;
    request.view = view;
    const Revision& revision = report_.revision;
    request.revision = {{"system", std::string(repository_.system())},
                        {"id", revision.id},
                        {"author", escape_name(revision.author)},
                        {"root", escape_name(repository_.top().string())}};
    if (!revision.branch.empty()) request.revision["branch"] = escape_name(revision.branch);
    request.message = escape_name(revision.subject);
    request.describe = [&, insist](const Manifest& manifest, SnapshotRecord& record) -> Status {
      SOUSCHEF_TRY(RevisionClaim claim, files_->compare(manifest));
      shot.modified = std::move(claim.modified);
      if (!shot.modified.empty() && insist == Insist::no)
        return Error(ErrorCode::changed, "it is not as in the revision");
      record.modified = shot.modified;
      record.revision["state"] = shot.modified.empty() ? "clean" : "modified";
      if (claim.untracked > 0) record.revision["untracked"] = std::to_string(claim.untracked);
      return {};
    };
    return take_snapshot(production_, request);
  }

  Production& production_;
  Repository& repository_;
  const HookRequest& request_;
  HookReport report_;
  std::unique_ptr<RevisionFiles> files_;
  std::unique_ptr<FileView> view_;
  std::map<std::string, JobId> banked_;
  std::string last_;  // id of the revision that was banked last in this working copy
};

// ---- telling

Json shots_json(const std::vector<HookShot>& shots) {
  Json list = Json::array();
  for (const HookShot& shot : shots) {
    Json one = {{"entry", escape_name(shot.entry)}, {"state", name_of(shot.state)}};
    if (shot.job) one["job"] = shot.job->hex();
    if (!shot.reason.empty()) one["reason"] = escape_name(shot.reason);
    for (const std::string& path : shot.modified) one["modified"].push_back(escape_name(path));
    list.push_back(std::move(one));
  }
  return list;
}

std::string summary(const HookRequest& request, const HookReport& report) {
  std::string text = request.event + " " + report.revision.id.substr(0, 12) + ": ";
  if (!report.skipped.empty()) return text + report.skipped;
  const std::size_t failed = report.count(HookShotState::failed);
  const std::size_t already = report.count(HookShotState::already);
  text += std::to_string(report.shots.size() - failed - already) + " banked";
  if (already > 0) text += ", " + std::to_string(already) + " were already";
  if (failed > 0) text += ", " + std::to_string(failed) + " failed";
  return text;
}

void append(const EventLog& log, std::string name, std::string message, Json data) {
  // Nobody's work fails because an event could not be written.
  (void)EventLog(log.folder())
      .append({.name = std::move(name), .message = std::move(message), .data = std::move(data)});
}

void tell_of_shot(const EventLog& log, const HookShot& shot) {
  const std::string entry = escape_name(shot.entry);
  if (shot.state == HookShotState::failed) {
    append(log, "snapshot_failed", entry + " could not be banked: " + escape_name(shot.reason),
           {{"entry", entry}, {"reason", escape_name(shot.reason)}});
    return;
  }
  if (shot.state == HookShotState::already) return;
  append(log, "snapshot_made", entry + " is banked", {{"job", shot.job->hex()}, {"entry", entry}});
  if (shot.missing.empty()) return;
  Json missing = Json::array();
  for (const ManifestMissing& each : shot.missing) missing.push_back(escape_name(each.path));
  append(log, "snapshot_incomplete",
         entry + " was banked without " + std::to_string(shot.missing.size()) +
             (shot.missing.size() == 1 ? " file that is missing" : " files that are missing"),
         {{"job", shot.job->hex()}, {"entry", entry}, {"missing", std::move(missing)}});
}

void tell(Production& production, const Repository& repository, const HookRequest& request,
          const Result<HookReport>& result) {
  const EventLog log(production.paths().events());
  const auto plugins = production.plugins();
  std::unique_ptr<EventDelivery> delivery;
  if (auto listeners = event_listeners(production.config()); plugins && !listeners.empty()) {
    delivery = std::make_unique<EventDelivery>(**plugins, log, std::move(listeners));
    (void)delivery->begin();
  }
  if (result) {
    for (const HookShot& shot : result->shots) tell_of_shot(log, shot);
    append(log, "hook_ran", summary(request, *result),
           {{"system", repository.system()},
            {"event", request.event},
            {"revision", result->revision.id},
            {"branch", escape_name(result->revision.branch)},
            {"root", escape_name(repository.top().string())},
            {"banked", result->count(HookShotState::banked) + result->count(HookShotState::modified)},
            {"failed", result->count(HookShotState::failed)},
            {"seconds", result->seconds},
            {"shots", shots_json(result->shots)},
            {"tags", result->tags}});
  } else {
    const std::string reason = escape_name(result.error().line());
    append(log, "snapshot_failed", "the hook " + request.event + " failed: " + reason,
           {{"entry", ""}, {"reason", reason}});
  }
  QuietCall quiet;
  if (delivery) delivery->deliver(quiet);
}

}  // namespace

std::string_view name_of(HookShotState state) {
  switch (state) {
    case HookShotState::banked:
      return "banked";
    case HookShotState::already:
      return "already";
    case HookShotState::modified:
      return "modified";
    case HookShotState::failed:
      break;
  }
  return "failed";
}

std::size_t HookReport::count(HookShotState state) const {
  return static_cast<std::size_t>(
      std::count_if(shots.begin(), shots.end(), [&](const HookShot& shot) { return shot.state == state; }));
}

Result<HookReport> run_hook(Production& production, Repository& repository, const HookRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  const FileDescriptor turn = take_turn(production.paths().temporary());
  remove_stale(production.paths().temporary());
  auto result = HookRun(production, repository, request).run();
  if (result) {
    if (auto tags = follow_tags(production, repository)) result->tags = std::move(*tags);
    result->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  tell(production, repository, request, result);
  return result;
}

Result<std::vector<std::string>> follow_tags(Production& production, Repository& repository) {
  SOUSCHEF_TRY(const auto tags, repository.tags());
  std::vector<std::string> followed;
  if (tags.empty()) return followed;
  JobStore jobs(production);
  SOUSCHEF_TRY(const auto records, jobs.snapshots());
  std::set<std::tuple<std::string, std::string, std::string>> known;  // tag, entry, revision
  const auto id_of = [](const SnapshotRecord& record) {
    const auto id = record.revision.find("id");
    return id == record.revision.end() ? std::string() : id->second;
  };
  for (const SnapshotRecord& record : records)
    for (const std::string& tag : record.tags) known.emplace(tag, record.entry, id_of(record));
  for (const RepositoryTag& tag : tags)
    for (const SnapshotRecord& record : records) {
      if (id_of(record) != tag.revision || !record.modified.empty()) continue;
      if (!known.emplace(tag.name, record.entry, tag.revision).second) continue;
      SnapshotRecord tagged = record;
      tagged.ulid = new_ulid();
      tagged.time_ms = now_ms();
      tagged.tags = {tag.name};
      SOUSCHEF_CHECK(jobs.publish(tagged));
      followed.push_back(escape_name(tag.name + ": " + record.entry));
    }
  return followed;
}

Result<std::unique_ptr<Production>> production_of_hook(const Repository& repository, const fs::path& place) {
  const fs::path here = repository.top() / place;
  std::error_code code;
  if (fs::exists(here / ".souschef/store/FORMAT", code)) return Production::open(here);
  const fs::path main = repository.main_top() / place;
  if (main != here && fs::exists(main / ".souschef/store/FORMAT", code))
    return Production::open_beside(here, main / ".souschef");
  return Error(ErrorCode::no_production, "there is no production in " + here.string(),
               "the hook was installed for one")
      .next_step("souschef hook remove, or souschef init");
}

}  // namespace souschef::core
