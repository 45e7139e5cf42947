// SPDX-License-Identifier: MIT
// What SHA-256 and MD5 have in common: input in blocks of 64 bytes, then 0x80, zeros and the length in bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace souschef::checksum {

inline constexpr std::size_t kBlock = 64;
using Block = std::array<std::uint8_t, kBlock>;

class BlockBuffer {
 public:
  // Calls take(const Block&) for every block that is full.
  template <class Take>
  void update(std::span<const std::byte> data, Take&& take) {
    total_ += data.size();
    while (!data.empty()) {
      const std::size_t count = std::min(data.size(), kBlock - filled_);
      std::memcpy(block_.data() + filled_, data.data(), count);
      filled_ += count;
      data = data.subspan(count);
      if (filled_ < kBlock) return;
      take(block_);
      filled_ = 0;
    }
  }

  enum class Order { little, big };
  // The padding: one block or two.
  template <class Take>
  void finish(Order order, Take&& take) {
    const std::uint64_t bits = total_ * 8;
    block_[filled_++] = 0x80;
    if (filled_ > kBlock - 8) {
      std::memset(block_.data() + filled_, 0, kBlock - filled_);
      take(block_);
      filled_ = 0;
    }
    std::memset(block_.data() + filled_, 0, kBlock - filled_);
    for (std::size_t i = 0; i < 8; ++i) {
      const std::size_t shift = order == Order::little ? 8 * i : 8 * (7 - i);
      block_[kBlock - 8 + i] = static_cast<std::uint8_t>(bits >> shift);
    }
    take(block_);
  }

 private:
  Block block_{};
  std::size_t filled_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace souschef::checksum
