// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/object_index.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

// Every object of a store as a small number, a *slot*: what walks over everything (check, statistics, garbage
// collection) keeps a bit or a word for each, and 10 million objects fit into memory. Made from the tables of
// all packs, which are verified on the way. Immutable once made; thread-safe.
class ObjectMap {
 public:
  using Slot = std::uint32_t;

  struct Frame {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;  // on disk, header included
    std::uint32_t raw = 0;
    std::uint32_t count = 0;
    Slot first = 0;
  };
  struct Pack {
    std::uint32_t number = 0;  // the index's
    PackId id;
    std::uint64_t size = 0;
    std::string lease;          // under which it was begun
    std::vector<Frame> frames;  // by offset
  };

  ObjectMap() = default;
  // Brings the index in step with the packs first. Packs that cannot be read are named in problems(), and
  // their objects are in no slot; nor are those of packs that another process moves away meanwhile.
  static Result<ObjectMap> load(StoreParts& parts);

  [[nodiscard]] const std::vector<Pack>& packs() const { return packs_; }
  [[nodiscard]] Slot slots() const { return static_cast<Slot>(rows_.size()); }
  [[nodiscard]] ObjectKind kind(Slot slot) const {
    return static_cast<ObjectKind>(rows_[slot] >> kLengthBits);
  }
  [[nodiscard]] std::uint32_t length(Slot slot) const { return rows_[slot] & ((1U << kLengthBits) - 1); }

  enum class Where {
    here,
    newer,   // in a pack that was added after this map was made
    nowhere  // in a pack that cannot be read or is gone, or at a place that no pack has
  };
  struct Found {
    Where where = Where::nowhere;
    Slot slot = 0;  // only if `here`
  };
  [[nodiscard]] Found find(const Location& location) const;
  struct Place {
    const Pack* pack = nullptr;
    const Frame* frame = nullptr;
  };
  [[nodiscard]] Place place_of(Slot slot) const;

  struct Problem {
    PackId pack;
    Error error;
  };
  [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }

 private:
  Status add(StoreParts& parts, std::uint32_t number, const KnownPack& known);

  static constexpr unsigned kLengthBits = 24;

  std::vector<Pack> packs_;                                   // by first slot
  std::unordered_map<std::uint32_t, std::size_t> by_number_;  // index into packs_
  std::unordered_set<std::uint32_t> unreadable_;              // numbers
  std::vector<std::uint32_t> rows_;                           // by slot: kind and raw length
  std::vector<Problem> problems_;
};

}  // namespace souschef::store
