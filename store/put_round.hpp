// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <souschef/result.hpp>

#include "store/file_ingest.hpp"
#include "store/store.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

// Reads a set of files into the store, all threads at once: the largest first, small ones in bundles. One
// round: what moved while it was read is said, not repeated.
class PutRound {
 public:
  struct Outcome {
    std::optional<StoredFile> stored;  // nothing: not read, or it moved
    Needs needs;
  };

  PutRound(StoreParts& parts, FileIngest& ingest, std::span<const PutRequest> requests,
           std::span<Outcome> outcomes, std::atomic<std::uint64_t>& files_done)
      : parts_(parts), ingest_(ingest), requests_(requests), outcomes_(outcomes), files_done_(files_done) {}

  // Adds the tasks for these requests to the group; `first_try`: use what the caller has open. The group must
  // be waited for before this object goes.
  void start(TaskGroup& group, std::span<const std::size_t> indices, bool first_try);
  // The first error that was not "it moved".
  [[nodiscard]] Status status() const;

 private:
  struct Sized {
    std::size_t index;
    std::uint64_t size;
  };
  using Bundle = std::vector<std::size_t>;
  std::vector<Bundle> bundles_of(std::vector<Sized> small) const;
  void put_one(std::size_t index, bool first_try);
  void put_bundle(const Bundle& bundle);
  // Reads one small file into the slab. False: it is none, put it alone.
  Result<bool> add_to_slab(std::size_t index, Slab& slab, FileStamp& stamp);
  void keep(std::size_t index, const FileStamp& stamp, IngestedFile file);
  void fail(Error error);
  [[nodiscard]] bool failed() const;

  StoreParts& parts_;
  FileIngest& ingest_;
  std::span<const PutRequest> requests_;
  std::span<Outcome> outcomes_;
  std::atomic<std::uint64_t>& files_done_;
  mutable std::mutex mutex_;
  Status status_;
};

}  // namespace souschef::store
