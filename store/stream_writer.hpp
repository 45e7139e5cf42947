// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include <souschef/result.hpp>

#include "store/deduplicator.hpp"
#include "store/frame.hpp"
#include "store/meta_frames.hpp"
#include "store/pack_sink.hpp"
#include "store/recipe.hpp"
#include "store/work_pool.hpp"

namespace souschef::store {

// Which packs a content needs. Those of this session have no number yet: for them, objects that will tell
// once they are indexed.
struct Needs {
  std::set<std::uint32_t> packs;
  std::vector<ObjectKey> unsettled;
  void add(const Needs& other);
};

// What the parts of a session's pipeline share. All borrowed.
struct Pipeline {
  WorkPool& pool;
  Deduplicator& deduplicator;
  PackSink& sink;
  MetaFrames& meta;
  int level;
  std::atomic<std::uint64_t>& new_content_bytes;

  // For what is done with claimed objects: a failure ends the session.
  Status promised(Status status) {
    if (!status) sink.fail(status.error());
    return status;
  }
};

// Stores one stream of chunks: they are hashed, compared, compressed and appended by the pool, many slabs at
// once; what comes out is their tree, in order. One thread at a time, a long task of the pool or from
// outside.
class StreamWriter {
 public:
  explicit StreamWriter(Pipeline& pipeline);
  ~StreamWriter();  // waits for what is under way, and writes what was claimed
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  // The next piece of the stream: slab->data up to slab->used. `cuts`: where its chunks end, ascending, the
  // last at `used`. Returns at once; errors come out of finish().
  void put(std::shared_ptr<const Slab> slab, std::vector<std::uint32_t> cuts);
  // Whether going on makes sense.
  [[nodiscard]] bool failed() const;

  struct Stored {
    TreeRoot root;
    std::uint64_t size = 0;
    Needs needs;
  };
  // Everything is appended to the sink when this returns. Once.
  Result<Stored> finish();

 private:
  struct Batch;
  struct Pending {
    Bytes raw;
    std::vector<ObjectRow> rows;
  };
  void process(const Batch& batch);
  Status store(const Batch& batch, std::vector<TreeEntry>& entries);
  // New chunks of a slab that are not all of it: gathered over several slabs.
  Status gather(const Batch& batch, std::span<const TreeEntry> entries, std::span<const Fate> fates);
  Status write(std::span<const std::byte> raw, std::vector<ObjectRow> rows);
  Status write_pending();
  Status deliver(std::uint64_t number, std::vector<TreeEntry> entries);
  Status add_node(const Hash& id, const Bytes& bytes);
  void wait();

  Pipeline& pipeline_;
  std::uint64_t next_number_ = 0;
  GroupingHint grouping_;

  mutable std::mutex mutex_;
  std::uint64_t open_ = 0;  // batches under way
  Status status_;
  Pending pending_;
  std::map<std::uint64_t, std::vector<TreeEntry>> early_;  // came before their turn
  std::uint64_t next_in_order_ = 0;
  TreeBuilder tree_;
  Stored stored_;
};

}  // namespace souschef::store
