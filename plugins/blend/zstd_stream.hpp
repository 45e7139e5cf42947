// SPDX-License-Identifier: MIT
// zstd as .blend files use it: the one place of this room that includes the library. The head comment of the
// .cpp describes the frames and their seek table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <souschef/analysis.hpp>
#include <souschef/result.hpp>

#include "plugins/blend/unpacked.hpp"

namespace souschef::blend {

struct ZstdFrame {
  std::uint64_t offset = 0;          // in the file
  std::uint64_t content_offset = 0;  // in the content
  std::uint32_t stored = 0;          // bytes in the file
  std::uint32_t size = 0;            // bytes of content
};

// Where the frames of a file are, when that can be known without unpacking: every frame states its size, none
// is larger than kMaxFrame.
struct ZstdFrames {
  std::vector<ZstdFrame> frames;
  std::uint64_t content_size = 0;
  bool seek_table = false;  // the file ends with one, and it is right
};

[[nodiscard]] bool has_zstd_magic(std::span<const std::byte> start);

// Nothing where the frames must be unpacked as a stream.
std::optional<ZstdFrames> find_zstd_frames(const InputFile& file);

// Unpacks one frame, which must fill `target` exactly. Thread-safe.
Status load_zstd_frame(const InputFile& file, const ZstdFrame& frame, std::span<std::byte> target);

// The first bytes of the content, fewer than `size` where it has no more, without unpacking a whole frame.
Result<std::vector<std::byte>> first_bytes(const InputFile& file, const std::vector<ZstdFrame>& frames,
                                           std::size_t size);

// Unpacks a whole file in order; a failure of `take` ends the matter.
Status unpack_zstd(const InputFile& file, const TakeUnpacked& take);

// Packs `content` into one frame that states its size, as Blender's writer does. `out` is replaced.
// Thread-safe. Which bytes come out depends on the library: 1.5.2 to 1.5.6 agree.
Status pack_zstd_frame(std::span<const std::byte> content, int level, bool checksum,
                       std::vector<std::byte>& out);

// What a frame that starts with these bytes says about checksums.
[[nodiscard]] bool zstd_frame_has_checksum(std::span<const std::byte> start);

// The seek table of Blender for frames of these sizes.
std::vector<std::byte> zstd_seek_table(std::span<const std::uint32_t> stored,
                                       std::span<const std::uint32_t> sizes);

// Of the library that is linked: "1.5.4".
const char* zstd_release();
inline constexpr int kMaxZstdLevel = 19;

}  // namespace souschef::blend
