// SPDX-License-Identifier: MIT
// The head in front of each block, in its three layouts:
//
//             code   length      address     struct      count       used by
//   head4     @0     @4  i32     @8  u32     @12 i32     @16 i32     20 bytes, header format 0 '_'
//   small8    @0     @4  i32     @8  u64     @16 i32     @20 i32     24 bytes, header format 0 '-'
//   large8    @0     @16 i64     @8  u64     @4  i32     @24 i64     32 bytes, header format 1
//
// The next head follows the data at once: nothing in a file refers to an offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "plugins/blend/byte_order.hpp"

namespace souschef::blend {

enum class HeadLayout : std::uint8_t { head4, small8, large8 };

constexpr std::size_t size_of(HeadLayout layout) {
  return layout == HeadLayout::head4 ? 20 : layout == HeadLayout::small8 ? 24 : 32;
}

// Four letters as they stand in a little-endian file, the first in the lowest byte. Two-letter codes have two
// zeros behind, also when they were read from a big-endian file, which has them in front.
enum class Code : std::uint32_t {};

constexpr Code code_of(std::string_view letters) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < letters.size() && i < 4; ++i)
    value |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(letters[i])) << (8 * i);
  return static_cast<Code>(value);
}

inline constexpr Code kData = code_of("DATA");
inline constexpr Code kDna = code_of("DNA1");
inline constexpr Code kEnd = code_of("ENDB");
inline constexpr Code kGlobal = code_of("GLOB");
inline constexpr Code kRenderInfo = code_of("REND");
inline constexpr Code kThumbnail = code_of("TEST");
inline constexpr Code kUser = code_of("USER");
inline constexpr Code kPlaceholder = code_of("ID");
inline constexpr Code kLibrary = code_of("LI");

// The letters, zeros left out; bytes that are no letters are shown as '?'.
std::string text_of(Code code);

struct BlockHead {
  Code code{};
  std::int32_t struct_index = 0;
  std::int64_t length = 0;  // of the data that follows; from outside: may be negative
  Address address = 0;      // where the data was in memory when it was saved
  std::int64_t count = 0;   // structs in the data

  bool operator==(const BlockHead&) const = default;
};

// `at` has size_of(layout) bytes.
BlockHead read_block_head(const std::byte* at, HeadLayout layout, ByteOrder order);
void write_block_head(std::byte* at, const BlockHead& head, HeadLayout layout, ByteOrder order);

}  // namespace souschef::blend
