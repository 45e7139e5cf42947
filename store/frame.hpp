// SPDX-License-Identifier: MIT
// Frames: how objects are compressed together, and taken out again. pack_format.hpp has the bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <souschef/result.hpp>

#include "store/pack_format.hpp"
#include "store/wire.hpp"

namespace souschef::store {

// A frame ready to be appended to a pack. `stored` lies in `buffer`, or in the raw bytes it was made from,
// which must then outlive it.
struct EncodedFrame {
  FrameHeader header;
  Bytes buffer;
  std::span<const std::byte> stored;
};

// What the samples of one stream have said of late: its neighbouring frames hold much the same kind of data.
// Thread-safe; where two frames are sampled at once, the later answer stays.
class GroupingHint {
 public:
  // Nothing: sample this frame.
  std::optional<bool> together();
  void found(bool together);

 private:
  std::atomic<bool> together_ = true;
  std::atomic<int> frames_left_ = 0;
};

// `raw`: the objects one behind the other; `rows`: their kinds, ids and lengths, which add up to it. Decides
// by samples how to compress them (together, each alone, not at all). `level`: zstd's.
Result<EncodedFrame> encode_frame(std::span<const std::byte> raw, std::vector<ObjectRow> rows, int level,
                                  GroupingHint* hint = nullptr);

// A frame in memory, as it was read from a pack. Thread-safe.
class LoadedFrame {
 public:
  // `bytes`: header and stored bytes. `corrupt` if the header is not whole; the stored bytes are not looked
  // at.
  static Result<std::shared_ptr<const LoadedFrame>> parse(Bytes bytes);

  [[nodiscard]] const FrameHeader& header() const { return header_; }
  [[nodiscard]] std::span<const std::byte> stored() const {
    return std::span(bytes_).subspan(header_.size());
  }
  // Memory that this frame may come to occupy.
  [[nodiscard]] std::size_t footprint() const;

  // The bytes of one object: a view into the frame, or into `scratch` where it had to be decompressed alone.
  // Valid while both live and `scratch` is not used again. Not compared with the id.
  Result<std::span<const std::byte>> object(std::size_t ordinal, Bytes& scratch) const;
  // Whether the stored bytes are those that were written.
  [[nodiscard]] bool stored_bytes_match() const;

 private:
  LoadedFrame(Bytes bytes, FrameHeader header);

  Bytes bytes_;
  FrameHeader header_;
  std::vector<std::uint32_t> raw_offsets_;
  std::vector<std::uint32_t> stored_offsets_;  // zstd_each only
  mutable std::once_flag expanded_;
  mutable Bytes raw_;  // zstd only: all objects, once one was asked for
  mutable Status expand_status_;
};

}  // namespace souschef::store
