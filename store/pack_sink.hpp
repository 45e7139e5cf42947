// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <souschef/result.hpp>

#include "store/deduplicator.hpp"
#include "store/frame.hpp"
#include "store/index_keeper.hpp"
#include "store/pack_writer.hpp"

namespace souschef::store {

// Where a session's frames go: packs, one after the other. A full pack is synced, named and indexed by a
// thread of its own while the next one is filled (invariant 15). Thread-safe.
class PackSink {
 public:
  // Called after a pack was indexed, from the sink's thread.
  using Indexed = std::function<void()>;
  // All borrowed. `lease_id` as in PackWriter; `known` as in ObjectIndex::add_pack.
  PackSink(FileSystem& disk, const StorePaths& paths, IndexKeeper& keeper, Deduplicator& deduplicator,
           std::string lease_id, Indexed indexed, ObjectIndex::Known known = ObjectIndex::Known::keep);
  ~PackSink();  // what was not finished is dropped
  PackSink(const PackSink&) = delete;
  PackSink& operator=(const PackSink&) = delete;

  // `recipes`: those that the frame holds. The first error is given to every later call: a session that could
  // not write something it promised to write is over.
  Status append(const EncodedFrame& frame, std::span<const RecipeSummary> recipes = {});
  // Who claimed an object and cannot write it says so here: others may refer to it already.
  void fail(Error error);
  // Everything appended so far is on disk, named and indexed when this returns.
  Status flush();

  [[nodiscard]] std::uint64_t bytes_written() const;
  // The packs that were finished.
  [[nodiscard]] std::vector<PackId> finished() const;

 private:
  struct Filled {
    std::unique_ptr<PackWriter> writer;
    std::vector<RecipeSummary> recipes;
  };
  void hand_over();
  void work(const std::stop_token& stop);
  Status finish(Filled filled);

  FileSystem& disk_;
  const StorePaths& paths_;
  IndexKeeper& keeper_;
  Deduplicator& deduplicator_;
  const std::string lease_id_;
  const Indexed indexed_;
  const ObjectIndex::Known known_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Filled current_;
  std::deque<Filled> filled_;
  bool finishing_ = false;
  Status status_;
  std::uint64_t bytes_of_full_packs_ = 0;
  std::vector<PackId> finished_;
  std::jthread finisher_;  // started with the first full pack
};

}  // namespace souschef::store
