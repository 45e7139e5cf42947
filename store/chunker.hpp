// SPDX-License-Identifier: MIT
// Cuts bytes where their content says so. The .cpp teaches the algorithm.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace souschef::store {

// Part of FORMAT: stores with equal parameters exchange chunks.
struct ChunkerParameters {
  std::uint32_t minimum = 512U << 10;
  std::uint32_t average = 1U << 20;  // a power of two
  std::uint32_t maximum = 4U << 20;
  std::uint32_t normalization = 2;  // bits
  bool operator==(const ChunkerParameters&) const = default;
  // What the chunker can work with, and packs can hold.
  [[nodiscard]] bool valid() const;
};

// Immutable; any number of threads.
class Chunker {
 public:
  explicit Chunker(const ChunkerParameters& parameters);

  [[nodiscard]] const ChunkerParameters& parameters() const { return parameters_; }
  // The length of the first chunk of `data`. If `data` is shorter than the maximum, and is not all there is,
  // more bytes may move the cut: call again with more.
  [[nodiscard]] std::size_t first_cut(std::span<const std::byte> data) const;

 private:
  ChunkerParameters parameters_;
  std::uint64_t hard_mask_;
  std::uint64_t easy_mask_;
};

}  // namespace souschef::store
