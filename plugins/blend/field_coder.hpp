// SPDX-License-Identifier: MIT
// The hot loops of the filter: the fields of elements, one way and the other. Both keep what
// pointer_names.hpp calls the base of each pointer, so elements must come in order, each of them once; in how
// many steps does not matter.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "plugins/blend/address_finder.hpp"
#include "plugins/blend/byte_order.hpp"
#include "plugins/blend/datablocks.hpp"
#include "plugins/blend/field_plan.hpp"
#include "plugins/blend/pointer_names.hpp"
#include "plugins/blend/side_streams.hpp"

namespace souschef::blend {

// The volatile values are as wide as the field says, in the order of the file.
inline std::uint64_t load_value(const std::byte* at, std::uint32_t width, ByteOrder order) {
  switch (width) {
    case 1:
      return load<std::uint8_t>(at, order);
    case 2:
      return load<std::uint16_t>(at, order);
    case 4:
      return load<std::uint32_t>(at, order);
    default:
      return load<std::uint64_t>(at, order);
  }
}

inline void store_value(std::byte* at, std::uint64_t value, std::uint32_t width, ByteOrder order) {
  switch (width) {
    case 1:
      return store(at, static_cast<std::uint8_t>(value), order);
    case 2:
      return store(at, static_cast<std::uint16_t>(value), order);
    case 4:
      return store(at, static_cast<std::uint32_t>(value), order);
    default:
      return store(at, value, order);
  }
}

// The pointers of the element before, by slot: the block that each led to.
class Bases {
 public:
  explicit Bases(const FieldPlan& plan) : targets_(plan.most_slots()) {}

  void begin_block(std::uint32_t block, std::uint32_t slots) {
    block_ = block;
    std::fill_n(targets_.begin(), slots, block);
  }
  std::uint32_t& operator[](std::uint32_t slot) { return targets_[slot]; }
  [[nodiscard]] std::uint32_t block() const { return block_; }

 private:
  std::vector<std::uint32_t> targets_;
  std::uint32_t block_ = 0;
};

// Replaces pointers by names and volatile values by zeros. `kWidth`: the bytes of a pointer.
template <std::uint32_t kWidth, ByteOrder kOrder>
class FieldEncoder {
 public:
  FieldEncoder(const FieldPlan& plan, const Datablocks& datablocks, std::span<const std::uint64_t> keys,
               AddressFinder& finder, ColumnsWriter& columns)
      : datablocks_(datablocks),
        keys_(keys),
        finder_(finder),
        columns_(columns),
        bases_(plan),
        habits_(plan.columns()) {}

  void begin_block(std::uint32_t block, std::uint32_t slots) { bases_.begin_block(block, slots); }

  void run(std::span<const FieldRun> runs, std::byte* elements, std::size_t count, std::size_t size) {
    for (const FieldRun& run : runs) {
      std::byte* at = elements + run.offset;
      if (run.pointers()) {
        for (std::size_t i = 0; i < count; ++i, at += size)
          for (std::uint32_t n = 0; n < run.count; ++n) pointer(at + n * kWidth, run.column, run.slot + n);
      } else {
        for (std::size_t i = 0; i < count; ++i, at += size)
          for (std::uint32_t n = 0; n < run.count; ++n) {
            std::byte* field = at + n * run.width;
            columns_.value(run.column, load_value(field, run.width, kOrder));
            store_value(field, 0, run.width, kOrder);
          }
      }
    }
  }

 private:
  using Word = PointerWord<kWidth>;
  using Type = typename Word::Type;

  void pointer(std::byte* at, std::uint32_t column, std::uint32_t slot) {
    std::uint32_t& base = bases_[slot];
    const Address address = load<Type>(at, kOrder);
    if (address == 0) {
      columns_.value(column, 0);
      base = bases_.block();
      return;
    }
    const std::uint32_t target = finder_.find(address, base + habits_[column]);
    if (target != kNoBlock) {
      const auto distance = static_cast<std::int32_t>(target - base);
      habits_[column] = target - base;
      base = target;
      store(at, static_cast<Type>(1 + zigzag(distance)), ByteOrder::little);
      return;
    }
    base = bases_.block();
    Type word = 0;
    if (const std::uint32_t datablock = datablocks_.at(address); datablock != kNoDatablock)
      word = Word::kNamed | static_cast<Type>(keys_[datablocks_.group(datablock)]);
    else
      columns_.value(column, address);
    store(at, word, ByteOrder::little);
  }

  const Datablocks& datablocks_;
  std::span<const std::uint64_t> keys_;
  AddressFinder& finder_;
  ColumnsWriter& columns_;
  Bases bases_;
  std::vector<std::uint32_t> habits_;  // by column: how far from its base the last pointer led
};

// The inverse. What the words say is not trusted.
template <std::uint32_t kWidth, ByteOrder kOrder>
class FieldDecoder {
 public:
  // `addresses` of all blocks; `first` of all groups, with one entry more.
  FieldDecoder(const FieldPlan& plan, const GroupKeys& keys, std::span<const std::uint32_t> first,
               const Address* addresses, ColumnsReader& columns)
      : keys_(keys), first_(first), addresses_(addresses), columns_(columns), bases_(plan) {}

  void begin_group(std::uint32_t group) {
    group_first_ = first_[group];
    group_size_ = first_[group + 1] - group_first_;
  }
  void begin_block(std::uint32_t block, std::uint32_t slots) { bases_.begin_block(block, slots); }

  void run(std::span<const FieldRun> runs, std::byte* elements, std::size_t count, std::size_t size) {
    for (const FieldRun& run : runs) {
      std::byte* at = elements + run.offset;
      if (run.pointers()) {
        for (std::size_t i = 0; i < count; ++i, at += size)
          for (std::uint32_t n = 0; n < run.count; ++n) pointer(at + n * kWidth, run.column, run.slot + n);
      } else {
        for (std::size_t i = 0; i < count; ++i, at += size)
          for (std::uint32_t n = 0; n < run.count; ++n)
            store_value(at + n * run.width, columns_.value(run.column), run.width, kOrder);
      }
    }
  }

  // A word led to no block or to no group.
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  using Word = PointerWord<kWidth>;
  using Type = typename Word::Type;

  void pointer(std::byte* at, std::uint32_t column, std::uint32_t slot) {
    std::uint32_t& base = bases_[slot];
    const Type word = load<Type>(at, ByteOrder::little);
    if (word == 0) {
      base = bases_.block();
      if (const Address address = columns_.value(column); address != 0)
        store(at, static_cast<Type>(address), kOrder);
      return;
    }
    std::uint32_t target = 0;
    if ((word & Word::kNamed) == 0) {
      const auto distance = unzigzag(static_cast<std::uint64_t>(word) - 1);
      target = base + static_cast<std::uint32_t>(distance);
      const bool near = distance >= INT32_MIN && distance <= INT32_MAX;
      if (!near || target - group_first_ >= group_size_) return fail();
      base = target;
    } else {
      const std::uint32_t group = keys_.find(word ^ Word::kNamed);
      if (group == kNoGroup) return fail();
      target = first_[group];
      base = bases_.block();
    }
    store(at, static_cast<Type>(addresses_[target]), kOrder);
  }
  void fail() { failed_ = true; }

  const GroupKeys& keys_;
  std::span<const std::uint32_t> first_;
  const Address* addresses_;
  ColumnsReader& columns_;
  Bases bases_;
  std::uint32_t group_first_ = 0;
  std::uint32_t group_size_ = 0;
  bool failed_ = false;
};

}  // namespace souschef::blend
