// SPDX-License-Identifier: MIT
#include "store/pack_sink.hpp"

#include <utility>

namespace souschef::store {

namespace {

// Full packs that wait for a slow disk: their tables are in memory, their bytes in the page cache.
constexpr std::size_t kMostWaiting = 2;

}  // namespace

PackSink::PackSink(FileSystem& disk, const StorePaths& paths, IndexKeeper& keeper, Deduplicator& deduplicator,
                   std::string lease_id, Indexed indexed, ObjectIndex::Known known)
    : disk_(disk),
      paths_(paths),
      keeper_(keeper),
      deduplicator_(deduplicator),
      lease_id_(std::move(lease_id)),
      indexed_(std::move(indexed)),
      known_(known) {}

PackSink::~PackSink() {
  if (!finisher_.joinable()) return;
  finisher_.request_stop();
  finisher_.join();
}

Status PackSink::append(const EncodedFrame& frame, std::span<const RecipeSummary> recipes) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return filled_.size() < kMostWaiting || !status_; });
  if (!status_) return status_;
  const auto attempt = [&]() -> Status {
    if (current_.writer == nullptr) {
      SOUSCHEF_TRY(current_.writer, PackWriter::begin(disk_, paths_, lease_id_));
    }
    SOUSCHEF_CHECK(current_.writer->append(frame.header, frame.stored));
    current_.recipes.insert(current_.recipes.end(), recipes.begin(), recipes.end());
    return {};
  };
  status_ = attempt();
  if (status_ && current_.writer->full()) hand_over();
  return status_;
}

void PackSink::fail(Error error) {
  const std::lock_guard lock(mutex_);
  if (status_) status_ = Status(std::move(error));
  changed_.notify_all();
}

// With the mutex held.
void PackSink::hand_over() {
  bytes_of_full_packs_ += current_.writer->size();
  filled_.push_back(std::exchange(current_, {}));
  if (!finisher_.joinable()) finisher_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  changed_.notify_all();
}

void PackSink::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !filled_.empty(); })) {
    Filled filled = std::move(filled_.front());
    filled_.pop_front();
    finishing_ = true;
    lock.unlock();
    Status finished = finish(std::move(filled));
    lock.lock();
    finishing_ = false;
    if (!finished && status_) status_ = std::move(finished);
    changed_.notify_all();
  }
}

Status PackSink::finish(Filled filled) {
  SOUSCHEF_TRY(const FinishedPack pack, filled.writer->finish());
  SOUSCHEF_TRY([[maybe_unused]] const std::uint32_t number, keeper_.pack_added(pack, filled.recipes, known_));
  std::vector<ObjectKey> keys;
  for (const PlacedFrame& frame : pack.frames)
    for (const ObjectRow& row : frame.header.rows) keys.push_back(key_of(row.kind, row.id));
  deduplicator_.forget(keys);
  {
    const std::lock_guard lock(mutex_);
    finished_.push_back(pack.id);
  }
  indexed_();
  return {};
}

Status PackSink::flush() {
  std::unique_lock lock(mutex_);
  if (status_ && current_.writer != nullptr) hand_over();
  changed_.wait(lock, [this] { return (filled_.empty() && !finishing_) || !status_; });
  return status_;
}

std::uint64_t PackSink::bytes_written() const {
  const std::lock_guard lock(mutex_);
  return bytes_of_full_packs_ + (current_.writer == nullptr ? 0 : current_.writer->size());
}

std::vector<PackId> PackSink::finished() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

}  // namespace souschef::store
