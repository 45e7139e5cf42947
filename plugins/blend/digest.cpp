// SPDX-License-Identifier: MIT
// After Austin Appleby's MurmurHash3, which he placed in the public domain.
#include "plugins/blend/digest.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "plugins/blend/byte_order.hpp"

namespace souschef::blend {
namespace {

constexpr std::uint64_t kC1 = 0x87c37b91114253d5ULL;
constexpr std::uint64_t kC2 = 0x4cf5ad432745937fULL;

std::uint64_t scrambled(std::uint64_t value, std::uint64_t first, int turn, std::uint64_t second) {
  return std::rotl(value * first, turn) * second;
}

std::uint64_t avalanche(std::uint64_t k) {
  k ^= k >> 33;
  k *= 0xff51afd7ed558ccdULL;
  k ^= k >> 33;
  k *= 0xc4ceb9fe1a85ec53ULL;
  return k ^ k >> 33;
}

}  // namespace

void Digest::mix(const std::byte* block) {
  h1_ ^= scrambled(load<std::uint64_t>(block, ByteOrder::little), kC1, 31, kC2);
  h1_ = (std::rotl(h1_, 27) + h2_) * 5 + 0x52dce729;
  h2_ ^= scrambled(load<std::uint64_t>(block + 8, ByteOrder::little), kC2, 33, kC1);
  h2_ = (std::rotl(h2_, 31) + h1_) * 5 + 0x38495ab5;
}

void Digest::add(std::span<const std::byte> data) {
  const std::size_t held = size_ % 16;
  size_ += data.size();
  if (held != 0) {
    const std::size_t taken = std::min(16 - held, data.size());
    if (taken != 0) std::memcpy(waiting_.data() + held, data.data(), taken);
    data = data.subspan(taken);
    if (held + taken < 16) return;
    mix(waiting_.data());
  }
  while (data.size() >= 16) {
    mix(data.data());
    data = data.subspan(16);
  }
  if (!data.empty()) std::memcpy(waiting_.data(), data.data(), data.size());
}

void Digest::add(std::uint64_t number) {
  std::byte bytes[8];
  store(bytes, number, ByteOrder::little);
  add(bytes);
}

std::array<std::uint8_t, 16> Digest::finish() const {
  std::array<std::byte, 16> tail{};
  std::copy_n(waiting_.begin(), size_ % 16, tail.begin());
  std::uint64_t h1 = h1_ ^ scrambled(load<std::uint64_t>(tail.data(), ByteOrder::little), kC1, 31, kC2);
  std::uint64_t h2 = h2_ ^ scrambled(load<std::uint64_t>(tail.data() + 8, ByteOrder::little), kC2, 33, kC1);
  h1 ^= size_;
  h2 ^= size_;
  h1 += h2;
  h2 += h1;
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h1 += h2;
  h2 += h1;
  std::array<std::uint8_t, 16> result{};
  store(reinterpret_cast<std::byte*>(result.data()), h1, ByteOrder::little);
  store(reinterpret_cast<std::byte*>(result.data()) + 8, h2, ByteOrder::little);
  return result;
}

}  // namespace souschef::blend
