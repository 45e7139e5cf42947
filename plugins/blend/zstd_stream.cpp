// SPDX-License-Identifier: MIT
// A compressed .blend of Blender 3.0 and later is many independent zstd frames of at most 2 MiB of content,
// each of which states its size, and behind them a skippable frame with a table of them:
//
//   u32 0x184D2A5E   u32 size   n x { u32 stored, u32 content }   u32 n   u8 flags   u32 0x8F92EAB1
//
// Flag 0x80 adds a checksum of 4 bytes to each entry. The table saves a search and is never needed: other
// programs write .blend files without it, or as one huge frame. It is also never believed: each entry must
// point at a frame whose own header states the same size, and a frame that is unpacked must end where the
// table says. So what comes out is what a plain decompression of the file would give.
//
// Without a table the frames of a mapped file are found by walking their block heads, which costs next to
// nothing. A file that is not mapped, or has frames that do not state their size, is unpacked as a stream.
#include "plugins/blend/zstd_stream.hpp"

#include <memory>
#include <string>

#define ZSTD_STATIC_LINKING_ONLY  // ZSTD_getFrameHeader, ZSTD_FRAMEHEADERSIZE_MAX
#include <zstd.h>

#include "plugins/blend/byte_order.hpp"
#include "plugins/blend/file_window.hpp"
#include "plugins/blend/limits.hpp"

namespace souschef::blend {
namespace {

constexpr std::uint32_t kSeekTableMagic = 0x8F92EAB1;
constexpr std::uint32_t kSeekTableFrame = 0x184D2A5E;
constexpr std::size_t kFooterSize = 9;

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
using Context = std::unique_ptr<ZSTD_DCtx, FreeContext>;

Error damaged(std::string why) {
  return Error(ErrorCode::bad_input, "the compressed file is damaged", std::move(why));
}

std::uint32_t u32(const std::byte* at) {
  return load<std::uint32_t>(at, ByteOrder::little);
}

bool is_skippable(std::span<const std::byte> start) {
  return start.size() >= 4 && (u32(start.data()) & 0xFFFFFFF0U) == 0x184D2A50U;
}

// What the frame that starts with these bytes states as its size, if it is one that can be unpacked alone.
std::optional<std::uint64_t> stated_size(std::span<const std::byte> start) {
  ZSTD_frameHeader header;
  if (ZSTD_getFrameHeader(&header, start.data(), start.size()) != 0) return std::nullopt;
  if (header.frameType != ZSTD_frame || header.frameContentSize == ZSTD_CONTENTSIZE_UNKNOWN)
    return std::nullopt;
  if (header.frameContentSize > kMaxFrame) return std::nullopt;
  return header.frameContentSize;
}

// Adds a frame; false where there are too many or too much content.
bool add(ZstdFrames& all, std::uint64_t offset, std::uint64_t stored, std::uint64_t size) {
  if (all.frames.size() >= kMaxFrames || stored > UINT32_MAX) return false;
  all.frames.push_back({.offset = offset,
                        .content_offset = all.content_size,
                        .stored = static_cast<std::uint32_t>(stored),
                        .size = static_cast<std::uint32_t>(size)});
  all.content_size += size;
  return true;
}

// The entries of the table at the end of the file, as they stand; empty where there is none.
std::vector<std::byte> read_seek_table(const InputFile& file, std::size_t& entry_size) {
  std::vector<std::byte> buffer;
  if (file.size() < kFooterSize + 8) return {};
  const auto footer = file_window(file, file.size() - kFooterSize, kFooterSize, buffer);
  if (footer.size() != kFooterSize || u32(footer.data() + 5) != kSeekTableMagic) return {};
  const std::uint64_t count = u32(footer.data());
  const auto flags = std::to_integer<unsigned>(footer[4]);
  if ((flags & 0x7FU) != 0 || count == 0 || count > kMaxFrames) return {};
  entry_size = (flags & 0x80U) != 0 ? 12 : 8;

  const std::uint64_t body = count * entry_size;
  if (body + kFooterSize + 8 > file.size()) return {};
  const auto table =
      file_window(file, file.size() - kFooterSize - body - 8, static_cast<std::size_t>(body) + 8, buffer);
  if (table.size() != body + 8 || u32(table.data()) != kSeekTableFrame ||
      u32(table.data() + 4) != body + kFooterSize)
    return {};
  return {table.begin() + 8, table.end()};
}

std::optional<ZstdFrames> frames_of_seek_table(const InputFile& file) {
  std::size_t entry_size = 0;
  const std::vector<std::byte> table = read_seek_table(file, entry_size);
  if (table.empty()) return std::nullopt;
  ZstdFrames all;
  all.seek_table = true;
  std::uint64_t offset = 0;
  const std::uint64_t end = file.size() - kFooterSize - table.size() - 8;
  std::vector<std::byte> buffer;
  for (std::size_t at = 0; at < table.size(); at += entry_size) {
    const std::uint32_t stored = u32(table.data() + at);
    const auto start = file_window(file, offset, ZSTD_FRAMEHEADERSIZE_MAX, buffer);
    const auto size = stated_size(start);
    if (!size || *size != u32(table.data() + at + 4) || stored > end - offset) return std::nullopt;
    if (!add(all, offset, stored, *size)) return std::nullopt;
    offset += stored;
  }
  if (offset != end) return std::nullopt;
  return all;
}

std::optional<ZstdFrames> frames_of_map(std::span<const std::byte> map) {
  ZstdFrames all;
  for (std::uint64_t offset = 0; offset < map.size();) {
    const auto rest = map.subspan(static_cast<std::size_t>(offset));
    const std::size_t stored = ZSTD_findFrameCompressedSize(rest.data(), rest.size());
    if (ZSTD_isError(stored) != 0) return std::nullopt;
    if (!is_skippable(rest)) {
      const auto size = stated_size(rest.first(std::min<std::size_t>(rest.size(), ZSTD_FRAMEHEADERSIZE_MAX)));
      if (!size || !add(all, offset, stored, *size)) return std::nullopt;
    }
    offset += stored;
  }
  if (all.frames.empty()) return std::nullopt;
  return all;
}

// Making one costs more than a small frame.
Result<ZSTD_DCtx*> thread_context() {
  static thread_local Context context;
  if (context == nullptr) context.reset(ZSTD_createDCtx());
  if (context == nullptr) return Error(ErrorCode::failed, "out of memory");
  return context.get();
}

}  // namespace

bool has_zstd_magic(std::span<const std::byte> start) {
  return start.size() >= 4 && (u32(start.data()) == ZSTD_MAGICNUMBER || is_skippable(start));
}

std::optional<ZstdFrames> find_zstd_frames(const InputFile& file) {
  if (auto frames = frames_of_seek_table(file)) return frames;
  if (file.map().empty()) return std::nullopt;
  return frames_of_map(file.map());
}

Result<std::vector<std::byte>> first_bytes(const InputFile& file, const std::vector<ZstdFrame>& frames,
                                           std::size_t size) {
  SOUSCHEF_TRY(ZSTD_DCtx* const context, thread_context());
  std::vector<std::byte> content(size);
  std::vector<std::byte> buffer;
  ZSTD_outBuffer out{content.data(), content.size(), 0};
  for (const ZstdFrame& frame : frames) {
    if (out.pos == out.size) break;
    const auto stored = file_window(file, frame.offset, frame.stored, buffer);
    if (stored.size() != frame.stored) return Error(ErrorCode::io, "cannot read the compressed file");
    ZSTD_DCtx_reset(context, ZSTD_reset_session_only);
    ZSTD_inBuffer in{stored.data(), stored.size(), 0};
    std::size_t hint = 1;
    while (hint != 0 && out.pos < out.size) {
      const std::size_t before = in.pos + out.pos;
      hint = ZSTD_decompressStream(context, &out, &in);
      if (ZSTD_isError(hint) != 0) return damaged(ZSTD_getErrorName(hint));
      if (in.pos + out.pos == before) return damaged("a frame does not end where the seek table says");
    }
  }
  content.resize(out.pos);
  return content;
}

Status load_zstd_frame(const InputFile& file, const ZstdFrame& frame, std::span<std::byte> target) {
  SOUSCHEF_TRY(ZSTD_DCtx* const context, thread_context());
  std::vector<std::byte> buffer;
  const auto stored = file_window(file, frame.offset, frame.stored, buffer);
  if (stored.size() != frame.stored) return Error(ErrorCode::io, "cannot read the compressed file");
  const std::size_t length = ZSTD_findFrameCompressedSize(stored.data(), stored.size());
  if (ZSTD_isError(length) != 0) return damaged(ZSTD_getErrorName(length));
  if (length != stored.size()) return damaged("a frame does not end where the seek table says");
  const std::size_t got =
      ZSTD_decompressDCtx(context, target.data(), target.size(), stored.data(), stored.size());
  if (ZSTD_isError(got) != 0) return damaged(ZSTD_getErrorName(got));
  if (got != target.size()) return damaged("a frame holds less than it states");
  return {};
}

Status unpack_zstd(const InputFile& file, const TakeUnpacked& take) {
  const Context context(ZSTD_createDCtx());
  if (context == nullptr) return Error(ErrorCode::failed, "out of memory");
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxWindowLog);

  constexpr std::size_t kStep = 1U << 20;
  std::vector<std::byte> buffer;
  std::vector<std::byte> unpacked(kStep);
  std::size_t hint = 1;  // 0: a frame has just ended
  for (std::uint64_t offset = 0; offset < file.size();) {
    const auto window = file_window(file, offset, kStep, buffer);
    if (window.empty()) return Error(ErrorCode::io, "cannot read the compressed file");
    ZSTD_inBuffer in{window.data(), window.size(), 0};
    while (true) {
      ZSTD_outBuffer out{unpacked.data(), unpacked.size(), 0};
      hint = ZSTD_decompressStream(context.get(), &out, &in);
      if (ZSTD_isError(hint) != 0) return damaged(ZSTD_getErrorName(hint));
      if (out.pos != 0) SOUSCHEF_CHECK(take(std::span(unpacked).first(out.pos), offset + in.pos));
      if (in.pos == in.size && out.pos < out.size) break;
    }
    offset += window.size();
  }
  if (hint != 0) return damaged("it ends within a frame");
  return {};
}

Status pack_zstd_frame(std::span<const std::byte> content, int level, bool checksum,
                       std::vector<std::byte>& out) {
  struct FreePacker {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  static thread_local std::unique_ptr<ZSTD_CCtx, FreePacker> context;
  if (context == nullptr) context.reset(ZSTD_createCCtx());
  if (context == nullptr) return Error(ErrorCode::failed, "out of memory");
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, checksum ? 1 : 0);
  out.resize(ZSTD_compressBound(content.size()));
  const std::size_t got =
      ZSTD_compress2(context.get(), out.data(), out.size(), content.data(), content.size());
  if (ZSTD_isError(got) != 0)
    return Error(ErrorCode::failed, "zstd cannot pack a frame", ZSTD_getErrorName(got));
  out.resize(got);
  return {};
}

bool zstd_frame_has_checksum(std::span<const std::byte> start) {
  ZSTD_frameHeader header;
  return ZSTD_getFrameHeader(&header, start.data(), start.size()) == 0 && header.checksumFlag != 0;
}

std::vector<std::byte> zstd_seek_table(std::span<const std::uint32_t> stored,
                                       std::span<const std::uint32_t> sizes) {
  std::vector<std::byte> table;
  const auto put = [&](std::size_t value) {
    table.resize(table.size() + 4);
    store(table.data() + table.size() - 4, static_cast<std::uint32_t>(value), ByteOrder::little);
  };
  put(kSeekTableFrame);
  put(stored.size() * 8 + kFooterSize);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    put(stored[i]);
    put(sizes[i]);
  }
  put(stored.size());
  table.push_back(std::byte{0});
  put(kSeekTableMagic);
  return table;
}

const char* zstd_release() {
  return ZSTD_versionString();
}

}  // namespace souschef::blend
