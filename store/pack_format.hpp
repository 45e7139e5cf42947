// SPDX-License-Identifier: MIT
// The bytes of a pack. docs/format/pack.md is the law; in short:
//
//   pack    = header frame* footer tail
//   header  = "SCPK" version:u16 size:u16 lease check:8
//   frame   = frame-header stored-bytes
//   frame-header = "SCFR" codec:u8 0:u8 0:u16 count:u32 raw:u32 stored:u32 0:u32 stored-check:16 row* check:8
//   row     = id:32 kind-and-length:u32 [stored-length:u32 where the codec is zstd_each]
//   footer  = "SCFT" frames:u32 place:u64 header frame-header*
//   tail    = footer-size:u32 footer-hash:32 "SCPE"
//
// The footer repeats every frame header, so that two reads list a pack; each frame has its own header, so
// that a pack whose end was lost can be read from its beginning. A pack's name is the hash of its footer,
// which fixes all it holds by id.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/wire.hpp"

namespace souschef::store {

// Stands in files: never reuse a number.
enum class ObjectKind : std::uint8_t { chunk = 1, node = 2, recipe = 3 };

enum class Codec : std::uint8_t {
  none = 0,
  zstd = 1,      // all objects of the frame in one zstd frame
  zstd_each = 2  // each object in its own
};

inline constexpr std::uint16_t kPackVersion = 1;

inline constexpr std::size_t kMostObjectBytes = 4U << 20;
// Raw bytes of a frame: what a reader decompresses to reach one object.
inline constexpr std::size_t kMostFrameBytes = 4U << 20;
// Keeps a frame header below 3 MiB, also where objects are tiny or empty.
inline constexpr std::uint32_t kMostFrameObjects = 1U << 16;
inline constexpr std::uint64_t kPackTarget = 64U << 20;
// A pack is closed when its footer gets this large, whatever its size: readers hold a footer in memory.
inline constexpr std::size_t kFooterTarget = 8U << 20;
inline constexpr std::size_t kMostFooterBytes = 64U << 20;
// Offsets are 32 bits wide in the index.
inline constexpr std::uint64_t kMostPackBytes = 1ULL << 32;

inline constexpr std::size_t kPackTailBytes = 4 + Hash::kSize + 4;
inline constexpr std::size_t kFrameHeaderStart = 40;  // up to the first row

struct PackHeader {
  std::string lease;  // under which it was begun; at most 200 bytes
};

struct ObjectRow {
  ObjectKind kind = ObjectKind::chunk;
  Hash id;
  std::uint32_t length = 0;         // raw
  std::uint32_t stored_length = 0;  // only where the codec is zstd_each
};

struct FrameHeader {
  Codec codec = Codec::none;
  std::uint32_t raw_size = 0;
  std::uint32_t stored_size = 0;
  std::array<std::byte, 16> stored_check{};
  std::vector<ObjectRow> rows;

  [[nodiscard]] std::size_t size() const {
    return kFrameHeaderStart + rows.size() * (codec == Codec::zstd_each ? 40 : 36) + 8;
  }
};

// A frame at its place in a pack.
struct PlacedFrame {
  std::uint64_t offset = 0;  // of its header
  FrameHeader header;
  [[nodiscard]] std::uint64_t size() const { return header.size() + header.stored_size; }
};

struct PackTable {
  PackHeader header;
  std::vector<PlacedFrame> frames;
  std::uint64_t footer_offset = 0;
};

std::array<std::byte, 16> stored_check(std::span<const std::byte> stored);

void append_header(Bytes& out, const PackHeader& header);
void append_frame_header(Bytes& out, const FrameHeader& header);
// `frame_headers`: the bytes of all frame headers, in order. Gives footer and tail, and the pack's id.
PackId append_footer(Bytes& out, std::span<const std::byte> header, std::uint32_t frames,
                     std::uint64_t footer_offset, std::span<const std::byte> frame_headers);

// Parsing: whatever is not exactly as the format says is `corrupt`; `unsupported` with both numbers for
// another version. Nothing is allocated before its size was checked against the bytes that are there.

// `front`: from the pack's first byte, at least kMostHeaderBytes of it or all there is.
inline constexpr std::size_t kMostHeaderBytes = 16 + 200;
struct ParsedHeader {
  PackHeader header;
  std::size_t size = 0;
};
Result<ParsedHeader> parse_header(std::span<const std::byte> front);

// The size of a frame header, from its first kFrameHeaderStart bytes.
Result<std::size_t> frame_header_size(std::span<const std::byte> start);
// `bytes`: exactly the frame header, or more.
Result<FrameHeader> parse_frame_header(std::span<const std::byte> bytes);

struct PackTail {
  std::uint32_t footer_size = 0;
  Hash footer_hash;
};
Result<PackTail> parse_tail(std::span<const std::byte> last);
// `id`: what the pack is called; its footer must have that hash.
Result<PackTable> parse_footer(std::span<const std::byte> footer, const PackId& id);

}  // namespace souschef::store
