// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>

#include <souschef/result.hpp>

#include "plugins/blend/blocks.hpp"
#include "plugins/blend/scratch.hpp"

namespace souschef::blend {

// Finds the blocks of one group by address, the filter's way: a guess is tried first, and the table of the
// group is only made when a guess has failed. Of several blocks with one address any may be found. One thread
// at a time.
class AddressFinder {
 public:
  AddressFinder(const Blocks& blocks, std::filesystem::path temporary_folder)
      : blocks_(&blocks), folder_(std::move(temporary_folder)) {}

  void enter(std::uint32_t group) {
    first_ = blocks_->groups()[group].first;
    end_ = blocks_->group_end(group);
    ready_ = false;
  }

  // `address` is not 0; `guess` may be anything. kNoBlock where no block of the group has the address.
  [[nodiscard]] std::uint32_t find(Address address, std::uint32_t guess) {
    if (guess - first_ < end_ - first_ && blocks_->address(guess) == address) return guess;
    return look_up(address);
  }

  // Fails for good when a table could not be made: then nothing is found any more.
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  std::uint32_t look_up(Address address);
  void fill();
  [[nodiscard]] std::size_t slot_of(Address address) const {
    return static_cast<std::size_t>((address * 0x9E3779B97F4A7C15ULL) >> shift_);
  }

  const Blocks* blocks_;
  std::filesystem::path folder_;
  std::uint32_t first_ = 0;
  std::uint32_t end_ = 0;
  bool ready_ = false;
  Scratch memory_;                  // of the table
  std::uint32_t* slots_ = nullptr;  // the block's number in the group and 1; 0: free
  std::size_t mask_ = 0;
  unsigned shift_ = 63;
  Status status_;
};

}  // namespace souschef::blend
