// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <set>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <souschef/result.hpp>

#include "store/object_index.hpp"

namespace souschef::store {

// What is to be done with an object.
struct Fate {
  enum class Kind : std::uint8_t {
    fresh,  // nobody has it: the caller writes it, and nobody else will
    ours,   // this session writes it, or has written it
    known   // it is in `pack`
  };
  Kind kind = Kind::fresh;
  std::uint32_t pack = 0;
};

// Decides, for all threads of one session, who writes an object: each is written once, by whoever asked
// first. Thread-safe. Remembers what the session has written only until the index knows it.
class Deduplicator {
 public:
  explicit Deduplicator(ObjectIndex& index) : index_(index) {}

  // One fate for each key, in order.
  Result<std::vector<Fate>> claim(std::span<const ObjectKey> keys);
  // The index knows them from now on.
  void forget(std::span<const ObjectKey> keys);

  // Every pack that a claim found something in, and those added by hand.
  void refer_to(std::span<const std::uint32_t> packs);
  [[nodiscard]] std::set<std::uint32_t> packs_referred_to() const;
  void forget_references();

 private:
  struct KeyHash {
    std::size_t operator()(const ObjectKey& key) const noexcept;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_set<ObjectKey, KeyHash> ours;
  };
  static constexpr std::size_t kShards = 16;
  Shard& shard_of(const ObjectKey& key);

  ObjectIndex& index_;
  std::array<Shard, kShards> shards_;
  mutable std::mutex references_mutex_;
  std::set<std::uint32_t> references_;
};

}  // namespace souschef::store
