// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <souschef/result.hpp>

#include "plugins/blend/block_head.hpp"
#include "plugins/blend/byte_order.hpp"

namespace souschef::blend {

// The first bytes of a file, after a compressed wrapper has been taken off.
//
//   format 0   "BLENDER" "_"|"-" "v"|"V" "279"                12 bytes; up to 4.5, and later on request
//   format 1   "BLENDER" "17" "-" "01" "v" "0500"             17 bytes; from 5.0
//
// The version and the layout are independent: a Blender 5 can still write format 0.
struct FileHeader {
  std::uint32_t size = 12;  // where the first block head is
  std::uint32_t format = 0;
  std::uint32_t version = 0;       // 279: Blender 2.79, 304: 3.4, 500: 5.0
  std::uint32_t pointer_size = 8;  // 4 or 8
  ByteOrder order = ByteOrder::little;
  HeadLayout heads = HeadLayout::small8;

  bool operator==(const FileHeader&) const = default;
};

// Enough bytes for every known header.
inline constexpr std::size_t kMaxHeaderSize = 17;

[[nodiscard]] bool has_blend_magic(std::span<const std::byte> start);

// bad_input: not a header; unsupported: a header of a format that is not known.
Result<FileHeader> read_file_header(std::span<const std::byte> start);

}  // namespace souschef::blend
