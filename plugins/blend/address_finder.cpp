// SPDX-License-Identifier: MIT
#include "plugins/blend/address_finder.hpp"

#include <algorithm>
#include <bit>

#include "plugins/blend/limits.hpp"

namespace souschef::blend {

void AddressFinder::fill() {
  ready_ = true;
  const std::size_t slots = std::bit_ceil(static_cast<std::size_t>(end_ - first_) * 2);
  const std::size_t bytes = slots * sizeof(std::uint32_t);
  if (memory_.size() < bytes) {
    auto made = Scratch::create_writable(std::max<std::size_t>(bytes, 4096), kMaxTableInMemory, folder_);
    if (!made) {
      status_ = std::move(made).error();
      slots_ = nullptr;
      return;
    }
    memory_ = std::move(*made);
  }
  slots_ = reinterpret_cast<std::uint32_t*>(memory_.memory());
  mask_ = slots - 1;
  shift_ = 64U - static_cast<unsigned>(std::countr_zero(slots));
  std::fill_n(slots_, slots, 0);
  for (std::uint32_t block = first_; block < end_; ++block) {
    const Address address = blocks_->address(block);
    std::size_t i = slot_of(address);
    while (slots_[i] != 0 && blocks_->address(first_ + slots_[i] - 1) != address) i = (i + 1) & mask_;
    if (slots_[i] == 0) slots_[i] = block - first_ + 1;
  }
}

std::uint32_t AddressFinder::look_up(Address address) {
  if (!ready_) fill();
  if (slots_ == nullptr) return kNoBlock;
  for (std::size_t i = slot_of(address); slots_[i] != 0; i = (i + 1) & mask_) {
    const std::uint32_t block = first_ + slots_[i] - 1;
    if (blocks_->address(block) == address) return block;
  }
  return kNoBlock;
}

}  // namespace souschef::blend
