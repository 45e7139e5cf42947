// SPDX-License-Identifier: MIT
// Where chunks of the filtered body end. Decoding does not depend on it, deduplication does: a program that
// cuts elsewhere stores everything anew.
//
//   - A block of at least kPiece bytes is cut off from its neighbours and into pieces of kPiece bytes (whole
//     elements). Counted from its start: items of an array keep their index when some of them are edited.
//   - Smaller blocks are gathered, and cut before a block that was chosen: the first of a group by its key,
//     others by their own content. So an edit changes the chunk it is in, and an insertion moves no cut that
//     is not beside it.
//   - No cut before kMinChunk bytes, always one before kMaxChunk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace souschef::blend {

inline constexpr std::size_t kPiece = 16U << 10;
inline constexpr std::size_t kMinChunk = 4U << 10;
inline constexpr std::size_t kMaxChunk = 64U << 10;

// Whether a chunk may begin before the first block of a group.
constexpr bool chosen_group(std::uint64_t key) {
  return (key & 1) == 0;
}

// Whether one may begin before a block that is not the first of its group; `data` is what stands in the
// stream for it. True for one block in kPiece / its size: about once in kPiece bytes.
inline bool chosen_block(std::span<const std::byte> data) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (data.size() >= sizeof first) {
    std::memcpy(&first, data.data(), sizeof first);
    std::memcpy(&last, data.data() + data.size() - sizeof last, sizeof last);
  } else if (!data.empty()) {
    std::memcpy(&first, data.data(), data.size());
  }
  std::uint64_t hash = (first ^ (last << 23 | last >> 41)) + data.size();
  hash = (hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15ULL;
  hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93ULL;
  constexpr unsigned kPieceBits = 14;
  static_assert(kPiece == 1U << kPieceBits);
  return data.size() >= kPiece || hash < static_cast<std::uint64_t>(data.size()) << (64 - kPieceBits);
}

// How long the next piece of a block of planes of `row` bytes is, of which `left` bytes remain (row 0: no
// rows). A rest of up to half a piece goes with the last one.
constexpr std::size_t next_piece(std::uint64_t left, std::size_t row) {
  const std::size_t whole = row <= 1 ? kPiece : kPiece - kPiece % row;
  return left <= whole + kPiece / 2 ? static_cast<std::size_t>(left) : whole;
}

}  // namespace souschef::blend
