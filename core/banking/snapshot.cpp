// SPDX-License-Identifier: MIT
// The driver of banking. Read it from top to bottom; the barriers say what is true from there on.
#include "core/banking/snapshot.hpp"

#include <algorithm>
#include <chrono>

#include <souschef/file_name.hpp>

#include "core/banking/bank_plan.hpp"
#include "core/banking/late_inputs.hpp"
#include "core/banking/lfs_pointer.hpp"
#include "core/banking/unchanged.hpp"
#include "core/base/log.hpp"
#include "core/base/ulid.hpp"
#include "core/jobs/collect_garbage.hpp"
#include "core/plugin_host/plugin_catalog.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr int kTries = 4;  // a gc that passes meanwhile, files that keep moving
constexpr std::int64_t kSameRecordMs = 60LL * 60 * 1000;  // invariant 12

FileMode mode_of(const store::StoredFile& file) {
  return file.stamp.executable ? FileMode::executable : FileMode::regular;
}

Manifest manifest_of(const BankPlan& plan, const std::vector<store::StoredFile>& stored) {
  Manifest manifest;
  manifest.entry = plan.entry;
  manifest.missing = plan.missing;
  for (ManifestMissing& late : missing_of(plan.late)) manifest.missing.push_back(std::move(late));
  manifest.excluded = plan.excluded;
  manifest.remaps = plan.remaps;
  manifest.files = plan.symlinks;
  for (std::size_t i = 0; i < plan.files.size(); ++i)
    manifest.files.push_back({.path = plan.files[i].job_path,
                              .mode = mode_of(stored[i]),
                              .content = stored[i].content,
                              .size = stored[i].content_size,
                              .blob = stored[i].blob,
                              .blob_size = stored[i].blob_size});
  return manifest;
}

// One banking from plan to record.
class Banking {
 public:
  Banking(Production& production, const SnapshotRequest& request, const SnapshotEvents& events)
      : production_(production), request_(request), events_(events), jobs_(production) {}

  Result<SnapshotResult> run() {
    const auto start = std::chrono::steady_clock::now();
    std::error_code ignored;
    is_folder_ = fs::is_directory(request_.path, ignored);
    SOUSCHEF_TRY(const std::optional<UnchangedJob> unchanged, plan());
    result_.entry = plan_.subject;

    // ---- from here the list of files is fixed

    log::debug("snapshot", "planned",
               {{"entry", plan_.entry}, {"files", std::to_string(plan_.files.size())}});

    SOUSCHEF_CHECK(unchanged ? take_over(*unchanged) : request_.dry_run ? estimate() : bank());
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(result_);
  }

 private:
  // The plan, or the job of the last snapshot if nothing has changed since.
  Result<std::optional<UnchangedJob>> plan() {
    std::optional<UnchangedJob> unchanged;
    SOUSCHEF_TRY(store::Store* const store, production_.store());
    (void)store;
    if (is_folder_) {
      SOUSCHEF_TRY(plan_, plan_folder(production_, request_, events_, may_skip() ? &unchanged : nullptr));
    } else {
      if (may_skip()) unchanged = find_unchanged_blend(production_, request_);
      if (unchanged && may_be_late(*unchanged)) unchanged.reset();
      if (!unchanged) {
        SOUSCHEF_TRY(plan_, plan_blend(production_, request_, events_));
      } else {
        plan_.subject = production_.relative(production_.located(request_.path));
      }
    }
    result_.missing = plan_.missing;
    result_.warnings = plan_.warnings;
    return unchanged;
  }
  // What is remembered is about the disk's files, so a view neither uses it nor adds to it.
  [[nodiscard]] bool may_skip() const { return !production_.flags().rehash && request_.view == nullptr; }

  // Whether an order is about to write something that the job has, or lacks.
  [[nodiscard]] bool may_be_late(const UnchangedJob& job) {
    if (request_.future == nullptr || request_.future->empty()) return false;
    const auto manifest = jobs_.load(job.job);
    if (!manifest || !manifest->missing.empty()) return true;
    return std::any_of(manifest->files.begin(), manifest->files.end(), [&](const ManifestFile& file) {
      return request_.future->writer_of(file.path) != nullptr;
    });
  }

  // Nothing has changed: the job stands; only the record is new, and a gc must not have passed since the row
  // was read.
  Status take_over(const UnchangedJob& job) {
    result_.job = job.job;
    result_.files = job.files;
    result_.bytes = job.bytes;
    result_.missing = job.missing;
    result_.warnings = job.warnings;
    result_.unchanged = true;
    if (request_.dry_run) return {};
    Manifest manifest;
    if (request_.describe) {
      SOUSCHEF_TRY(manifest, jobs_.load(job.job));
    }
    SOUSCHEF_TRY(result_.snapshot, record(manifest));
    result_.new_bytes = jobs_.bytes_published();
    if (still_stands(production_, job)) return {};
    SOUSCHEF_TRY(plan_, is_folder_ ? plan_folder(production_, request_, events_, nullptr)
                                   : plan_blend(production_, request_, events_));
    return bank();
  }
  Status bank() {
    SOUSCHEF_TRY(store::Store* const store, production_.store());
    SOUSCHEF_TRY(const auto session, store->begin_write("snapshot"));
    for (int left = kTries; true; --left) {
      SOUSCHEF_TRY(const auto stored, put(*session));
      Status sealed = matches_trace(stored) ? session->seal() : Status(file_moved());

      // ---- from here all content is on disk

      if (sealed) log::debug("snapshot", "content is on disk");

      if (sealed) sealed = publish(stored, *session);

      // ---- from here the job and its record are on disk, and were so before a gc could have missed them

      log::info("snapshot", sealed ? "banked" : sealed.error().line(),
                {{"job", result_.job.hex()}, {"record", result_.snapshot}});

      if (sealed) {
        remember(*store, stored);
        result_.new_bytes = session->statistics().new_disk_bytes + jobs_.bytes_published();
        return {};
      }
      const ErrorCode code = sealed.error().code;
      if ((code != ErrorCode::changed && code != ErrorCode::locked) || left <= 1) return sealed;
      if (!matches_trace(stored)) {
        SOUSCHEF_TRY(plan_, plan_blend(production_, request_, events_));
      }
    }
  }

  static Error file_moved() {
    return Error(ErrorCode::changed, "a .blend was saved while it was banked").next_step("try again");
  }

  // Whether what was stored of each .blend is what was traced: an artist may have saved in between.
  [[nodiscard]] bool matches_trace(const std::vector<store::StoredFile>& stored) const {
    if (!plan_.trace) return true;
    std::map<std::string, const TracedBlend*> by_path;
    for (const TracedBlend& blend : plan_.trace->blends) by_path[blend.path] = &blend;
    for (std::size_t i = 0; i < plan_.files.size(); ++i) {
      const auto found = by_path.find(plan_.files[i].path);
      if (found == by_path.end()) continue;
      const TracedBlend& blend = *found->second;
      const bool same = blend.stamp ? *blend.stamp == stored[i].stamp : blend.content == stored[i].content;
      if (!same) return false;
    }
    return true;
  }

  Result<std::vector<store::StoredFile>> put(store::WriteSession& session) {
    std::vector<store::PutRequest> requests;
    requests.reserve(plan_.files.size());
    for (const PlannedFile& file : plan_.files) requests.push_back({file.real, file.opened});
    SOUSCHEF_TRY(auto stored, session.put_files(requests, events_.banking, events_.cancelled));
    for (std::size_t i = 0; i < stored.size(); ++i)
      if (stored[i].blob_size < kMaxLfsPointer && is_lfs_pointer(plan_.files[i].real))
        return lfs_pointer_error(escape_name(plan_.files[i].job_path));
    return stored;
  }

  Status publish(const std::vector<store::StoredFile>& stored, store::WriteSession& session) {
    Manifest manifest = manifest_of(plan_, stored);
    SOUSCHEF_CHECK(manifest.normalise());
    const bool known = jobs_.exists(job_id(manifest));
    SOUSCHEF_TRY(result_.job, jobs_.publish(manifest, session));
    result_.files = manifest.files.size();
    result_.bytes = manifest.bytes();
    result_.files_read = session.statistics().files_read;
    result_.unchanged = known;
    result_.late = plan_.late;
    SOUSCHEF_TRY(result_.snapshot, record(manifest));
    // A gc that began in between is noticed here, and the content put again. It may also have taken the
    // manifest of a job that nobody needed until now: it looks for records once more after that, and so do
    // we.
    SOUSCHEF_CHECK(session.confirm());
    if (jobs_.exists(result_.job)) return {};
    return Error(ErrorCode::changed, "garbage was collected while this was banked").next_step("try again");
  }

  // The ULID of the record: a fresh one, or that of an equal record that is younger than an hour.
  Result<std::string> record(const Manifest& manifest) {
    SnapshotRecord record = new_record(result_.job, request_.origin);
    record.entry = result_.entry;
    record.message = request_.message;
    record.tags = request_.tags;
    record.revision = request_.revision;
    record.modified = request_.modified;
    record.files = result_.files;
    record.bytes = result_.bytes;
    SOUSCHEF_TRY(PluginCatalog* const plugins, production_.plugins());
    for (const PluginRecord* plugin : plugins->plugins())
      if (plugin->state == PluginState::ok &&
          (plugin->manifest.is(PluginKind::tracer) || plugin->manifest.is(PluginKind::filter)))
        record.plugins[plugin->manifest.id] = plugins->stamp_of(plugin->manifest.id);
    record.late = paths_of(plan_.late);
    if (request_.describe) SOUSCHEF_CHECK(request_.describe(manifest, record));
    SOUSCHEF_TRY(const auto recent, jobs_.snapshots_since(record.time_ms - kSameRecordMs));
    for (auto other = recent.rbegin(); other != recent.rend(); ++other)
      if (other->job == record.job && other->user == record.user && other->message == record.message &&
          other->tags == record.tags && other->revision == record.revision && other->entry == record.entry &&
          other->origin == record.origin && other->modified == record.modified && other->late == record.late)
        return other->ulid;
    record.ulid = new_ulid();
    SOUSCHEF_CHECK(jobs_.publish(record));
    return record.ulid;
  }

  void remember(store::Store& store, const std::vector<store::StoredFile>& stored) {
    const UnchangedJob job{result_.job, result_.files, result_.bytes, result_.missing, result_.warnings, 0};
    if (is_folder_) {
      remember_unchanged_folder(production_, plan_, stored, job);
      return;
    }
    std::map<std::string, ContentId> contents;
    for (std::size_t i = 0; i < plan_.files.size(); ++i) contents[plan_.files[i].path] = stored[i].content;
    remember_traces(store, *plan_.trace, contents);
    if (!plan_.late.empty()) return;  // that job is not what the shot is like
    // The row would answer a person who has not yet said yes to what is missing.
    const bool unasked = request_.origin == Origin::hook || request_.origin == Origin::watch;
    if (request_.view == nullptr && (plan_.missing.empty() || !unasked))
      remember_unchanged_blend(production_, request_, plan_, stored, job);
  }

  // A dry run: what the stat cache does not know counts as new.
  Status estimate() {
    SOUSCHEF_TRY(store::Store* const store, production_.store());
    for (const PlannedFile& file : plan_.files) {
      std::error_code code;
      const auto size = fs::file_size(file.real, code);
      if (code)
        return Error(ErrorCode::io, "cannot look at " + escape_name(file.real.string()), code.message());
      result_.bytes += size;
      if (!store->known(file.real)) {
        result_.new_bytes += size;
        ++result_.files_read;
      }
    }
    result_.files = plan_.files.size() + plan_.symlinks.size();
    return {};
  }

  Production& production_;
  const SnapshotRequest& request_;
  const SnapshotEvents& events_;
  JobStore jobs_;
  BankPlan plan_;
  SnapshotResult result_;
  bool is_folder_ = false;
};

}  // namespace

Result<SnapshotResult> take_snapshot(Production& production, const SnapshotRequest& request,
                                     const SnapshotEvents& events) {
  auto banked = Banking(production, request, events).run();
  if (banked || banked.error().code != ErrorCode::no_space || request.dry_run) return banked;

  // The disk is full: what waits in the trash is given up for it, once.
  const auto emptied = collect_garbage(production, {.trash_only = true}, {.cancelled = events.cancelled});
  if (!emptied || emptied->trash.bytes == 0) return banked;
  return Banking(production, request, events).run();
}

}  // namespace souschef::core
