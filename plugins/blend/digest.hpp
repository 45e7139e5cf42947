// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace souschef::blend {

// 128 bits that tell whether two things are the same: MurmurHash3 (x64, 128), fed in pieces. Not for
// identities: somebody who wants to can find two things with one digest.
class Digest {
 public:
  void add(std::span<const std::byte> data);
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  // As 8 bytes, little-endian.
  void add(std::uint64_t number);
  // Of everything so far.
  [[nodiscard]] std::array<std::uint8_t, 16> finish() const;

 private:
  void mix(const std::byte* block);

  std::uint64_t h1_ = 0, h2_ = 0;
  std::uint64_t size_ = 0;
  std::array<std::byte, 16> waiting_{};
};

}  // namespace souschef::blend
