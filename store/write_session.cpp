// SPDX-License-Identifier: MIT
// The order of things, and why (invariants 1 and 15; the drive of one small snapshot):
//
//   lease          taken first: packs that are begun under a living lease are never candidates of gc
//   generation     read after it; the index is brought up to it
//   files          read; what is new is appended to packs
//   seal           packs: synced, named, folder synced                 1 file and 1 folder sync
//                  the lease stands, no gc has passed since, every pack that was referred to is in its place
//   (the caller)   publishes the manifest, the record, the request     3 file and 3 folder syncs
//   confirm        the lease still stands, still no gc: acknowledge
//
// If a gc passed in between, what it condemned counts as absent from then on: the same files are put again,
// which costs look-ups, and whatever is gone is stored anew.
#include "store/write_session.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "store/generation.hpp"
#include "store/put_round.hpp"
#include "store/scoped_timer.hpp"

namespace souschef::store {

namespace {

using namespace std::chrono_literals;

constexpr auto kReport = 100ms;
// How often a file that moves is read again, and how long it is left alone before.
constexpr std::array<std::chrono::milliseconds, 3> kPatience = {0ms, 300ms, 1500ms};

Error moved(const std::filesystem::path& path) {
  return Error(ErrorCode::changed, path.string() + " changes while it is read", "something is writing to it")
      .next_step("wait until it is saved, then try again");
}

}  // namespace

RealWriteSession::RealWriteSession(StoreParts& parts, std::unique_ptr<Lease> lease, std::uint64_t generation)
    : parts_(parts),
      lease_(std::move(lease)),
      generation_(generation),
      deduplicator_(*parts.index),
      ledger_(*parts.index),
      sink_(parts.disk, parts.paths, *parts.keeper, deduplicator_, lease_->id(),
            [this] { ledger_.settle(); }),
      meta_(sink_, parts.level()),
      pipeline_{parts.pool(), deduplicator_, sink_, meta_, parts.level(), new_content_bytes_},
      ingest_(pipeline_, *parts.index, *parts.reader,
              IngestSettings{parts.chunker, parts.filters, parts.paths.temporary(),
                             parts.options.exact_wrappers, cancelled_, bytes_done_}) {}

// One call of put_files.
class RealWriteSession::Round {
 public:
  Round(RealWriteSession& session, std::span<const PutRequest> requests, const ProgressFunction& progress,
        const CancelFunction& cancelled)
      : session_(session),
        parts_(session.parts_),
        requests_(requests),
        progress_(progress),
        cancelled_(cancelled) {
    outcomes_.resize(requests.size());
  }

  Result<std::vector<StoredFile>> run();

 private:
  bool take_from_cache(std::size_t index);
  [[nodiscard]] bool has_exact_wrapper(const SeenFile& seen) const;
  Status read(std::span<const std::size_t> indices, bool first_try);
  // Those whose files are not what was stored.
  std::vector<std::size_t> moved_since();
  void report();
  void remember(const StatCache::Moment& before);

  RealWriteSession& session_;
  StoreParts& parts_;
  std::span<const PutRequest> requests_;
  const ProgressFunction& progress_;
  const CancelFunction& cancelled_;
  std::vector<PutRound::Outcome> outcomes_;
  std::atomic<std::uint64_t> files_done_{0};
  std::uint64_t bytes_total_ = 0;
  std::uint64_t bytes_before_ = 0;
};

bool RealWriteSession::Round::has_exact_wrapper(const SeenFile& seen) const {
  if (seen.blob.hash == seen.content.hash || !parts_.options.exact_wrappers) return true;
  const auto reader = parts_.index->read();
  if (!reader) return false;
  const auto recipes = reader->recipes(seen.content);
  return std::any_of(
             recipes.begin(), recipes.end(),
             [&](const RecipeSummary& recipe) { return recipe.makes_blob && recipe.blob == seen.blob; }) ||
         !reader->recipes(ContentId(seen.blob.hash)).empty();
}

bool RealWriteSession::Round::take_from_cache(std::size_t index) {
  if (parts_.options.rehash) return false;
  const auto seen = parts_.stats->find(requests_[index].path);
  if (!seen || !has_exact_wrapper(*seen)) return false;
  const auto closure = parts_.reader->closure(seen->content);
  if (!closure || !*closure) return false;
  session_.deduplicator_.refer_to(**closure);
  outcomes_[index].stored =
      StoredFile{seen->content, seen->blob, seen->content_size, seen->blob_size, seen->stamp, false, true};
  return true;
}

void RealWriteSession::Round::report() {
  if (!progress_) return;
  PutProgress progress;
  progress.files_done = files_done_;
  progress.files_total = requests_.size();
  progress.bytes_done = std::min(session_.bytes_done_ - bytes_before_, bytes_total_);
  progress.bytes_total = bytes_total_;
  progress.new_bytes = session_.sink_.bytes_written();
  progress_(progress);
}

Status RealWriteSession::Round::read(std::span<const std::size_t> indices, bool first_try) {
  PutRound round(parts_, session_.ingest_, requests_, outcomes_, files_done_);
  {
    TaskGroup group(parts_.pool());
    round.start(group, indices, first_try);
    while (!group.wait_for(kReport)) {
      report();
      if (cancelled_ && cancelled_()) session_.cancelled_ = true;
    }
  }
  if (session_.cancelled_) return Error(ErrorCode::cancelled, "stopped");
  return round.status();
}

std::vector<std::size_t> RealWriteSession::Round::moved_since() {
  std::vector<std::size_t> moved;
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    const auto stamp = parts_.stats->look(requests_[i].path);
    const bool still = stamp && outcomes_[i].stored &&
                       parts_.stats->same(requests_[i].path, *stamp, outcomes_[i].stored->stamp);
    if (!still) moved.push_back(i);
  }
  return moved;
}

void RealWriteSession::Round::remember(const StatCache::Moment& before) {
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    StoredFile& file = *outcomes_[i].stored;
    if (!file.read) continue;
    session_.ledger_.add(file.content, std::move(outcomes_[i].needs));
    file.settled = parts_.stats->settled(requests_[i].path, file.stamp, before);
    if (file.settled)
      session_.ledger_.add_seen(requests_[i].path,
                                {file.stamp, file.content, file.blob, file.content_size, file.blob_size});
  }
}

Result<std::vector<StoredFile>> RealWriteSession::Round::run() {
  session_.cancelled_ = false;
  bytes_before_ = session_.bytes_done_;
  std::vector<std::size_t> to_read;
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    if (take_from_cache(i)) {
      ++files_done_;
      continue;
    }
    to_read.push_back(i);
    if (const auto status = parts_.disk.status(requests_[i].path)) bytes_total_ += status->size;
  }

  if (!to_read.empty()) {
    SOUSCHEF_TRY(const StatCache::Moment before, parts_.stats->now(session_.lease_->id()));
    SOUSCHEF_CHECK(read(to_read, true));
    // A consistent cut: at one moment, now, every file is what was stored of it.
    std::vector<std::size_t> moved_ones = moved_since();
    for (const auto pause : kPatience) {
      if (moved_ones.empty()) break;
      std::this_thread::sleep_for(pause);
      for (const std::size_t i : moved_ones) outcomes_[i] = {};
      SOUSCHEF_CHECK(read(moved_ones, false));
      moved_ones = moved_since();
    }
    if (!moved_ones.empty()) return moved(requests_[moved_ones.front()].path);
    remember(before);
  }
  report();

  std::vector<StoredFile> results;
  results.reserve(outcomes_.size());
  for (const PutRound::Outcome& outcome : outcomes_) {
    results.push_back(*outcome.stored);
    ++session_.statistics_.files;
    session_.statistics_.files_read += outcome.stored->read ? 1 : 0;
    session_.statistics_.bytes += outcome.stored->content_size;
  }
  return results;
}

Result<std::vector<StoredFile>> RealWriteSession::put_files(std::span<const PutRequest> requests,
                                                            const ProgressFunction& progress,
                                                            const CancelFunction& cancelled) {
  return Round(*this, requests, progress, cancelled).run();
}

Result<StoredFile> RealWriteSession::put_bytes(std::span<const std::byte> data,
                                               std::span<const std::uint32_t> cuts) {
  cancelled_ = false;
  SOUSCHEF_TRY(IngestedFile file, ingest_.bytes(data, cuts));
  ledger_.add(file.content, std::move(file.needs));
  statistics_.bytes += data.size();
  return StoredFile{file.content, file.blob, file.content_size, file.blob_size, {}, true};
}

Status RealWriteSession::check_references() {
  SOUSCHEF_TRY(const Generation generation, parts_.keeper->refresh());
  const auto gone = [&]() -> Result<bool> {
    std::vector<PackId> packs = sink_.finished();
    {
      SOUSCHEF_TRY(const ObjectIndex::Reader reader, parts_.index->read());
      for (const std::uint32_t number : deduplicator_.packs_referred_to()) {
        const auto pack = reader.pack(number);
        if (!pack) return true;
        packs.push_back(pack->id);
      }
    }
    return std::any_of(packs.begin(), packs.end(), [&](const PackId& pack) {
      return generation.condemned.contains(pack) || !exists(parts_.disk, parts_.paths.pack(pack));
    });
  };
  SOUSCHEF_TRY(const bool some_are_gone, gone());
  generation_ = generation.number;
  if (!some_are_gone) return {};
  SOUSCHEF_CHECK(parts_.keeper->scan());
  deduplicator_.forget_references();
  return Error(ErrorCode::changed, "garbage was collected while this was stored").next_step("try again");
}

Status RealWriteSession::seal() {
  const ScopedTimer timer("seal");
  SOUSCHEF_CHECK(meta_.flush());
  SOUSCHEF_CHECK(sink_.flush());
  ledger_.settle();
  SOUSCHEF_CHECK(lease_->check());
  SOUSCHEF_CHECK(check_references());
  return lease_->check();
}

Status RealWriteSession::confirm() {
  SOUSCHEF_CHECK(lease_->check());
  SOUSCHEF_TRY(const Generation generation, read_generation(parts_.disk, parts_.paths));
  if (generation.number == generation_) return {};
  return check_references();
}

PutStatistics RealWriteSession::statistics() const {
  PutStatistics statistics = statistics_;
  statistics.new_content_bytes = new_content_bytes_;
  statistics.new_disk_bytes = sink_.bytes_written();
  return statistics;
}

}  // namespace souschef::store
