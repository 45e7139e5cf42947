// SPDX-License-Identifier: MIT
// One slab is one short task: hash its chunks, ask who writes each, compress those that are new, append them
// to the session's pack. Tasks of one stream run side by side and end in any order; only their lists of ids
// are put back in order, for the tree.
//
// A slab whose chunks are all new becomes a frame as it lies. After an edit most are known: the few new
// chunks of many slabs are gathered until a frame is full or the stream ends, since they compress each other
// and a frame has a price.
#include "store/stream_writer.hpp"

#include <algorithm>
#include <utility>

#include "store/hasher.hpp"

namespace souschef::store {

struct StreamWriter::Batch {
  std::uint64_t number = 0;
  std::shared_ptr<const Slab> slab;
  std::vector<std::uint32_t> cuts;

  [[nodiscard]] std::span<const std::byte> chunk(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : cuts[i - 1];
    return std::span(slab->data).subspan(begin, cuts[i] - begin);
  }
};

namespace {

ObjectRow row_of(const TreeEntry& entry) {
  return {ObjectKind::chunk, entry.id, static_cast<std::uint32_t>(entry.length), 0};
}

}  // namespace

void Needs::add(const Needs& other) {
  packs.insert(other.packs.begin(), other.packs.end());
  unsettled.insert(unsettled.end(), other.unsettled.begin(), other.unsettled.end());
}

StreamWriter::StreamWriter(Pipeline& pipeline)
    : pipeline_(pipeline), tree_([this](const Hash& id, const Bytes& node) { return add_node(id, node); }) {}

StreamWriter::~StreamWriter() {
  wait();
  // The stream may be of no use any more (its file changed), but others may count on chunks that it claimed.
  static_cast<void>(write_pending().has_value());
}

bool StreamWriter::failed() const {
  const std::lock_guard lock(mutex_);
  return !status_;
}

void StreamWriter::put(std::shared_ptr<const Slab> slab, std::vector<std::uint32_t> cuts) {
  auto batch = std::make_shared<Batch>(Batch{next_number_++, std::move(slab), std::move(cuts)});
  {
    const std::lock_guard lock(mutex_);
    ++open_;
  }
  pipeline_.pool.submit_short([this, batch = std::move(batch)] { process(*batch); });
}

void StreamWriter::process(const Batch& batch) {
  std::vector<TreeEntry> entries;
  Status stored = failed() ? Status() : pipeline_.promised(store(batch, entries));
  if (stored) stored = deliver(batch.number, std::move(entries));
  WorkPool& pool = pipeline_.pool;
  {
    const std::lock_guard lock(mutex_);
    if (!stored && status_) status_ = std::move(stored);
    --open_;
  }
  pool.poke();
}

Status StreamWriter::store(const Batch& batch, std::vector<TreeEntry>& entries) {
  std::vector<ObjectKey> keys;
  entries.reserve(batch.cuts.size());
  keys.reserve(batch.cuts.size());
  for (std::size_t i = 0; i < batch.cuts.size(); ++i) {
    const auto chunk = batch.chunk(i);
    entries.push_back({hash_of(chunk), chunk.size()});
    keys.push_back(key_of(ObjectKind::chunk, entries.back().id));
  }
  SOUSCHEF_TRY(const std::vector<Fate> fates, pipeline_.deduplicator.claim(keys));

  std::size_t fresh = 0;
  std::uint64_t fresh_bytes = 0;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < fates.size(); ++i) {
      if (fates[i].kind == Fate::Kind::known) stored_.needs.packs.insert(fates[i].pack);
      if (fates[i].kind == Fate::Kind::ours) stored_.needs.unsettled.push_back(keys[i]);
      if (fates[i].kind != Fate::Kind::fresh) continue;
      ++fresh;
      fresh_bytes += entries[i].length;
    }
  }
  pipeline_.new_content_bytes += fresh_bytes;
  if (fresh == 0) return {};
  if (fresh < fates.size() || fresh_bytes < kMostFrameBytes / 2) return gather(batch, entries, fates);
  std::vector<ObjectRow> rows(entries.size());
  std::transform(entries.begin(), entries.end(), rows.begin(), row_of);
  return write(std::span(batch.slab->data).first(batch.slab->used), std::move(rows));
}

Status StreamWriter::gather(const Batch& batch, std::span<const TreeEntry> entries,
                            std::span<const Fate> fates) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (fates[i].kind != Fate::Kind::fresh) continue;
    const auto chunk = batch.chunk(i);
    Pending full;
    {
      const std::lock_guard lock(mutex_);
      if (pending_.raw.size() + chunk.size() > kMostFrameBytes) full = std::exchange(pending_, {});
      const std::size_t used = pending_.raw.size();
      if (used == 0) pending_.raw.reserve(kMostFrameBytes);
      pending_.raw.resize(used + chunk.size());
      std::copy(chunk.begin(), chunk.end(), pending_.raw.begin() + static_cast<std::ptrdiff_t>(used));
      pending_.rows.push_back(row_of(entries[i]));
    }
    if (!full.rows.empty()) SOUSCHEF_CHECK(write(full.raw, std::move(full.rows)));
  }
  return {};
}

Status StreamWriter::write(std::span<const std::byte> raw, std::vector<ObjectRow> rows) {
  const ObjectKey first = key_of(rows.front().kind, rows.front().id);
  SOUSCHEF_TRY(const EncodedFrame frame, encode_frame(raw, std::move(rows), pipeline_.level, &grouping_));
  SOUSCHEF_CHECK(pipeline_.sink.append(frame));
  const std::lock_guard lock(mutex_);
  stored_.needs.unsettled.push_back(first);  // a frame is in one pack: one of its chunks tells
  return {};
}

Status StreamWriter::deliver(std::uint64_t number, std::vector<TreeEntry> entries) {
  const std::lock_guard lock(mutex_);
  if (!status_) return {};
  early_.emplace(number, std::move(entries));
  for (auto next = early_.begin(); next != early_.end() && next->first == next_in_order_;
       next = early_.erase(next), ++next_in_order_)
    for (const TreeEntry& entry : next->second) {
      stored_.size += entry.length;
      SOUSCHEF_CHECK(tree_.add(entry));
    }
  return {};
}

// With the mutex held.
Status StreamWriter::add_node(const Hash& id, const Bytes& bytes) {
  const ObjectKey key = key_of(ObjectKind::node, id);
  SOUSCHEF_TRY(const auto fates, pipeline_.deduplicator.claim(std::span(&key, 1)));
  if (fates[0].kind == Fate::Kind::known) {
    stored_.needs.packs.insert(fates[0].pack);
    return {};
  }
  stored_.needs.unsettled.push_back(key);
  return fates[0].kind == Fate::Kind::fresh ? pipeline_.promised(pipeline_.meta.add_node(id, bytes))
                                            : Status();
}

void StreamWriter::wait() {
  pipeline_.pool.work_until([this] {
    const std::lock_guard lock(mutex_);
    return open_ == 0;
  });
}

Status StreamWriter::write_pending() {
  Pending last = std::exchange(pending_, {});
  return last.rows.empty() ? Status() : pipeline_.promised(write(last.raw, std::move(last.rows)));
}

Result<StreamWriter::Stored> StreamWriter::finish() {
  wait();
  SOUSCHEF_CHECK(write_pending());
  if (!status_) return status_.error();
  const std::lock_guard lock(mutex_);
  SOUSCHEF_TRY(stored_.root, tree_.finish());
  return std::move(stored_);
}

}  // namespace souschef::store
