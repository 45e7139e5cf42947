// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "plugins/blend/blocks.hpp"

namespace souschef::blend {

// Finds the blocks of one group by address: a hash table that is filled anew for each group and keeps its
// memory. One thread at a time.
class GroupIndex {
 public:
  explicit GroupIndex(const Blocks& blocks) : blocks_(&blocks) {}

  // All blocks of the group, its first one included. Of blocks with one address the first counts.
  void enter(std::uint32_t group) {
    const std::uint32_t first = blocks_->groups()[group].first;
    const std::uint32_t end = blocks_->group_end(group);
    const std::size_t slots = std::bit_ceil(static_cast<std::size_t>(end - first) * 2 + 2);
    slots_.assign(slots, kNoBlock);
    shift_ = 64 - std::countr_zero(slots);
    repeated_ = 0;
    for (std::uint32_t block = first; block < end; ++block) {
      std::uint32_t& slot = slot_for(blocks_->address(block));
      if (slot == kNoBlock)
        slot = block;
      else
        ++repeated_;
    }
  }

  // kNoBlock where no block of the group has this address.
  [[nodiscard]] std::uint32_t find(Address address) const {
    if (address == 0 || slots_.empty()) return kNoBlock;
    return const_cast<GroupIndex*>(this)->slot_for(address);
  }

  // Blocks of the group whose address another one before has.
  [[nodiscard]] std::uint32_t repeated_addresses() const { return repeated_; }

 private:
  std::uint32_t& slot_for(Address address) {
    for (std::size_t i = static_cast<std::size_t>((address * 0x9E3779B97F4A7C15ULL) >> shift_);;
         i = (i + 1) & (slots_.size() - 1))
      if (slots_[i] == kNoBlock || blocks_->address(slots_[i]) == address) return slots_[i];
  }

  const Blocks* blocks_;
  std::vector<std::uint32_t> slots_;
  int shift_ = 63;
  std::uint32_t repeated_ = 0;
};

}  // namespace souschef::blend
