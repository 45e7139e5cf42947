// SPDX-License-Identifier: MIT
// Read Collection::run() from top to bottom; the barriers say what is true from there on. Why no step can
// lose anything is in store/garbage_collection.cpp. What this room adds: which jobs the roots are, and the
// manifests and records, which go before the packs and come back before anybody can miss them.
#include "core/jobs/collect_garbage.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "core/base/whoami.hpp"
#include "core/jobs/check_production.hpp"
#include "core/jobs/roots.hpp"
#include "store/file_system.hpp"
#include "store/statistics.hpp"

namespace souschef::core {
namespace {

constexpr int kTries = 4;        // somebody banks what is about to go
constexpr int kMostRounds = 50;  // on a full disk a few packs at a time
// What a collection writes beside packs: leases, batches, the index.
constexpr std::uint64_t kMargin = 16U << 20;

class Collection {
 public:
  Collection(Production& production, const GcRequest& request, const GcEvents& events)
      : production_(production), request_(request), events_(events), jobs_(production) {}

  Result<GcReport> run() {
    const auto start = std::chrono::steady_clock::now();
    SOUSCHEF_CHECK(look());
    if (request_.trash_only) {
      for (GcSnapshot& snapshot : report_.snapshots) snapshot.fate.keep = true;
      SOUSCHEF_CHECK(mark_again_and_empty());
      SOUSCHEF_CHECK(finish());
      return std::move(report_);
    }

    // ---- from here it is decided which snapshots go, and why

    SOUSCHEF_CHECK(mark(request_.rules.max_size));
    report_.packs_back = gc_->packs_back();
    if (request_.dry_run) {
      SOUSCHEF_CHECK(estimate());
    } else {
      SOUSCHEF_CHECK(collect());
    }
    SOUSCHEF_TRY(report_.rubbish, clear_rubbish(production_, rubbish_rules(production_.config()),
                                                request_.dry_run ? RubbishMode::look : RubbishMode::remove));
    if (!request_.dry_run) SOUSCHEF_CHECK(finish());
    report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(report_);
  }

 private:
  Status collect() {
    SOUSCHEF_CHECK(empty_trash());
    for (int round = 0; round < kMostRounds; ++round) {
      SOUSCHEF_TRY(const bool idle, nothing_to_do());
      if (idle) break;
      SOUSCHEF_CHECK(rewrite_and_condemn());

      // ---- from here everything that is needed is in packs that stay, and writers know what goes

      SOUSCHEF_CHECK(move_records());
      tell(GcStep::move);
      SOUSCHEF_CHECK(gc_->discard_packs());

      // ---- from here what is not needed is in the trash

      const bool more = report_.plan.limited;
      if (more || request_.now) SOUSCHEF_CHECK(mark_again_and_empty());
      if (!more || report_.plan.empty()) break;
    }
    return {};
  }

  Status finish() {
    SOUSCHEF_TRY(const store::DiskSpace space, gc_->finish());
    report_.disk_bytes_left = space.available;
    report_.disk_bytes_freed =
        static_cast<std::int64_t>(space.available) - static_cast<std::int64_t>(space_before_.available);
    return {};
  }

  void tell(GcStep step) const {
    if (events_.step) events_.step(step);
  }

  // ------------------------------------------------------------------------------------------- looking

  Status look() {
    tell(GcStep::look);
    SOUSCHEF_TRY(store_, production_.store());
    SOUSCHEF_TRY(space_before_, store::FileSystem::real().space(production_.paths().store()));
    SOUSCHEF_TRY(gc_, store::GarbageCollection::begin(
                          *store_, request_.dry_run ? store::GcMode::look : store::GcMode::collect));
    SOUSCHEF_TRY(const auto damaged, damaged_jobs(production_));
    damaged_.insert(damaged.begin(), damaged.end());
    SOUSCHEF_TRY(const RootSet roots, read());
    std::map<JobId, std::string> held;
    for (const Root& root : roots.roots)
      if (root.kind != RootKind::snapshot)
        held.emplace(root.job, std::string(name_of(root.kind)) + " " + root.name);
    for (const JobId& job : damaged_) held.emplace(job, "damaged: nothing of it is removed");
    auto fates = judge_snapshots(roots.records, request_.rules, held, now_ms());
    for (std::size_t i = 0; i < fates.size(); ++i)
      report_.snapshots.push_back({roots.records[i], std::move(fates[i])});
    for (const JobId& job : damaged_) report_.damaged.push_back(job.hex());
    return {};
  }

  Result<RootSet> read() {
    SOUSCHEF_TRY(RootSet roots, read_roots(production_, gc_->leases()));
    if (!roots.unreadable.empty())
      return Error(ErrorCode::corrupt, "something that may be needed cannot be read",
                   roots.unreadable.front())
          .next_step("souschef check");
    return roots;
  }

  [[nodiscard]] std::set<std::string> dropped() const {
    std::set<std::string> ulids;
    for (const GcSnapshot& snapshot : report_.snapshots)
      if (!snapshot.fate.keep) ulids.insert(snapshot.record.ulid);
    return ulids;
  }

  // The jobs that stay, by what there is now and what was decided to go.
  Result<std::set<JobId>> kept_jobs() {
    SOUSCHEF_TRY(const RootSet roots, read());
    const auto going = dropped();
    std::set<JobId> kept;
    for (const Root& root : roots.roots)
      if (root.kind != RootKind::snapshot || !going.contains(root.name)) kept.insert(root.job);
    // Kept for what can be had of them; a check found them damaged, so they are no obstacle.
    SOUSCHEF_TRY(const auto all, jobs_.list());
    for (const JobId& job : all)
      if (damaged_.contains(job)) kept.insert(job);
    return kept;
  }

  // What a job needs; remembered, since a job never changes.
  Result<const std::vector<store::GcRoot>*> contents(JobId job) {
    const auto known = contents_.find(job);
    if (known != contents_.end()) return &known->second;
    const bool damaged = damaged_.contains(job);
    auto found = jobs_.contents(job);
    if (!found && found.error().code == ErrorCode::not_found && !request_.dry_run) {
      SOUSCHEF_TRY(const bool back, gc_->recover_file(name_of_manifest(job)));
      if (back) found = jobs_.contents(job);
    }
    std::vector<store::GcRoot> roots;
    if (found)
      for (const store::ContentRoot& root : *found) roots.push_back({root, damaged});
    else if (!damaged)
      return std::move(found).error().in_context("job " + job.brief() + " is needed and cannot be read");
    return &contents_.emplace(job, std::move(roots)).first->second;
  }

  Result<std::vector<store::GcRoot>> roots_of(const std::set<JobId>& jobs) {
    std::set<store::ContentRoot> seen;
    std::vector<store::GcRoot> roots;
    // Whole jobs first: what a damaged one lacks must not hide that a whole one lacks it too.
    for (const bool damaged : {false, true})
      for (const JobId& job : jobs) {
        if (damaged_.contains(job) != damaged) continue;
        SOUSCHEF_TRY(const auto* const of_job, contents(job));
        for (const store::GcRoot& root : *of_job)
          if (seen.insert(root.root).second) roots.push_back(root);
      }
    return roots;
  }

  static std::string name_of_manifest(JobId job) {
    const std::string hex = job.hex();
    return "jobs/" + hex.substr(0, 2) + "/" + hex + ".json";
  }

  // --------------------------------------------------------------------------------------------- marking

  Status mark() {
    tell(GcStep::mark);
    SOUSCHEF_TRY(kept_, kept_jobs());
    SOUSCHEF_TRY(const auto roots, roots_of(kept_));
    SOUSCHEF_CHECK(gc_->mark(roots, events_.cancelled));
    report_.jobs_kept = kept_.size();
    return {};
  }

  // Marks; where the store is to get smaller than what is needed, the oldest snapshots that may go do, as few
  // as will do.
  Status mark(const std::optional<std::uint64_t>& max_size) {
    SOUSCHEF_CHECK(mark());
    if (!max_size || gc_->plan({}).live <= *max_size) return {};
    std::vector<GcSnapshot*> candidates;
    for (GcSnapshot& snapshot : report_.snapshots)
      if (snapshot.fate.keep && snapshot.fate.droppable) candidates.push_back(&snapshot);
    const auto drop_first = [&](std::size_t count) {
      for (std::size_t i = 0; i < candidates.size(); ++i) candidates[i]->fate.keep = i >= count;
      return mark();
    };
    std::size_t low = 0;
    std::size_t high = candidates.size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      SOUSCHEF_CHECK(drop_first(middle));
      if (gc_->plan({}).live <= *max_size)
        high = middle;
      else
        low = middle + 1;
    }
    SOUSCHEF_CHECK(drop_first(low));
    for (std::size_t i = 0; i < low; ++i) candidates[i]->fate.why = "the oldest, and the store is too large";
    return {};
  }

  [[nodiscard]] store::GcRules rules() const {
    store::GcRules rules;
    const auto space = store::FileSystem::real().space(production_.paths().store());
    if (space)
      rules.most_copied = space->available > kMargin ? space->available - kMargin : space->available / 2;
    return rules;
  }

  // Jobs that nobody needs any more.
  Status find_going_jobs() {
    report_.jobs.clear();
    std::map<JobId, std::string> entries;
    for (const GcSnapshot& snapshot : report_.snapshots) entries[snapshot.record.job] = snapshot.record.entry;
    SOUSCHEF_TRY(const auto all, jobs_.list());
    for (const JobId& job : all) {
      if (kept_.contains(job)) continue;
      GcJob going{job, entries[job], 0, 0, 0};
      if (request_.dry_run)
        if (const auto manifest = jobs_.load(job)) {
          going.files = manifest->files.size();
          going.bytes = manifest->bytes();
        }
      report_.jobs.push_back(std::move(going));
    }
    return {};
  }

  // A dry run: what each job that goes would give back by itself.
  Status estimate() {
    report_.plan = gc_->plan(rules());
    SOUSCHEF_CHECK(find_going_jobs());
    report_.snapshots_dropped = dropped().size();
    if (report_.jobs.empty()) return {};
    std::vector<std::vector<store::ContentRoot>> groups(1);
    SOUSCHEF_TRY(const auto kept, roots_of(kept_));
    for (const store::GcRoot& root : kept) groups[0].push_back(root.root);
    for (const GcJob& job : report_.jobs) {
      auto contents = jobs_.contents(job.job);
      groups.push_back(contents ? std::move(*contents) : std::vector<store::ContentRoot>());
    }
    SOUSCHEF_TRY(const auto statistics, store::store_statistics(*store_, groups, events_.cancelled));
    for (std::size_t i = 0; i < report_.jobs.size(); ++i)
      report_.jobs[i].stored = statistics.alone[i + 1].stored;
    return {};
  }

  // ------------------------------------------------------------------------------------------- executing

  // Then the generation stays as it is, and what others remember of it stays true.
  Result<bool> nothing_to_do() {
    report_.plan = gc_->plan(rules());
    SOUSCHEF_CHECK(find_going_jobs());
    return report_.plan.empty() && report_.jobs.empty() && dropped().empty();
  }

  // Until nobody needs what was condemned.
  Status rewrite_and_condemn() {
    for (int left = kTries; true; --left) {
      report_.plan = gc_->plan(rules());
      tell(GcStep::rewrite);
      SOUSCHEF_CHECK(gc_->rewrite(report_.plan, events_.progress, events_.cancelled));
      report_.bytes_written = gc_->bytes_written();
      SOUSCHEF_CHECK(gc_->condemn(report_.plan));
      SOUSCHEF_CHECK(gc_->look_again());
      SOUSCHEF_TRY(kept_, kept_jobs());
      SOUSCHEF_TRY(const auto roots, roots_of(kept_));
      const Status confirmed = gc_->confirm(roots);
      if (confirmed) {
        report_.bytes_removed += report_.plan.dropped + report_.plan.rewritten;
        return {};
      }
      if (confirmed.error().code != ErrorCode::changed || left <= 1) return confirmed;
      SOUSCHEF_CHECK(mark());
    }
  }

  // Records, then manifests. Who banks such a job right now either sees that its manifest is gone after its
  // record is published, or has published it before we look once more.
  Status move_records() {
    const auto going = dropped();
    for (const std::string& ulid : going) SOUSCHEF_CHECK(gc_->discard_file("snapshots/" + ulid + ".json"));
    SOUSCHEF_CHECK(find_going_jobs());
    // A manifest that is back after a power cut is one that no record points to: the next collection finds
    // it.
    for (const GcJob& job : report_.jobs)
      SOUSCHEF_CHECK(gc_->discard_file(name_of_manifest(job.job), store::Trash::OldName::may_come_back));
    if (!report_.jobs.empty()) {
      SOUSCHEF_TRY(const auto kept, kept_jobs());
      for (const GcJob& job : report_.jobs)
        if (kept.contains(job.job)) SOUSCHEF_CHECK(gc_->keep_file(name_of_manifest(job.job)));
      std::erase_if(report_.jobs, [&](const GcJob& job) { return kept.contains(job.job); });
    }
    report_.snapshots_dropped = going.size();
    return {};
  }

  [[nodiscard]] store::TrashPolicy policy() const {
    return {std::chrono::hours(24 * request_.rules.trash_days), request_.now};
  }

  Status empty_trash() {
    tell(GcStep::empty_trash);
    SOUSCHEF_TRY(report_.trash, gc_->empty_trash(policy()));
    return {};
  }

  // What was moved a moment ago may go for good once everything that is needed was seen to be elsewhere.
  Status mark_again_and_empty() {
    SOUSCHEF_CHECK(gc_->look_again());
    SOUSCHEF_CHECK(mark());
    tell(GcStep::empty_trash);
    store::TrashPolicy all = policy();
    all.now = true;
    const store::TrashReport before = report_.trash;
    SOUSCHEF_TRY(report_.trash, gc_->empty_trash(all));
    report_.trash.batches += before.batches;
    report_.trash.bytes += before.bytes;
    return {};
  }

  Production& production_;
  const GcRequest& request_;
  const GcEvents& events_;
  JobStore jobs_;
  store::Store* store_ = nullptr;
  std::unique_ptr<store::GarbageCollection> gc_;
  store::DiskSpace space_before_;
  std::set<JobId> damaged_, kept_;
  std::map<JobId, std::vector<store::GcRoot>> contents_;
  GcReport report_;
};

}  // namespace

Result<GcReport> collect_garbage(Production& production, const GcRequest& request, const GcEvents& events) {
  return Collection(production, request, events).run();
}

Result<store::UndoReport> undo_gc(Production& production) {
  SOUSCHEF_TRY(store::Store* const store, production.store());
  return store::undo_collection(*store);
}

}  // namespace souschef::core
