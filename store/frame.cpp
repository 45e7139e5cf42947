// SPDX-License-Identifier: MIT
// Together or each alone? Both win somewhere (measured on .blend files cut at 16 KiB): many small structs of
// one kind repeat each other, and 13.0 MB together are 19.1 MB alone; arrays of numbers do not, and there
// each chunk alone is better by some percent, because the tables of a compressor that starts anew fit it
// better. Which it is cannot be known from outside, so a sample is compressed both ways; of a stream's frames
// one in eight, since a sample of each took an eighth of all the time of banking. Alone has another merit: a
// reader who needs one chunk decompresses one.
#include "store/frame.hpp"

#include <algorithm>
#include <utility>

#include "store/scoped_timer.hpp"
#include "store/zstd_codec.hpp"

namespace souschef::store {

namespace {

constexpr std::size_t kSampleBytes = 160U << 10;
constexpr std::size_t kSampleObjects = 12;
constexpr int kFramesPerSample = 8;

struct Piece {
  std::size_t first = 0, count = 0;  // objects
  std::size_t offset = 0, size = 0;  // bytes
};

// Consecutive objects from the middle.
Piece choose_sample(std::span<const ObjectRow> rows) {
  Piece piece;
  piece.first = rows.size() > kSampleObjects ? (rows.size() - kSampleObjects) / 2 : 0;
  for (std::size_t i = 0; i < piece.first; ++i) piece.offset += rows[i].length;
  while (piece.first + piece.count < rows.size() && piece.count < kSampleObjects &&
         (piece.size < kSampleBytes || piece.count < 2))
    piece.size += rows[piece.first + piece.count++].length;
  return piece;
}

Bytes& scratch(std::size_t size) {
  thread_local Bytes buffer;
  if (buffer.size() < size) buffer.resize(size);
  return buffer;
}

// A sixteenth, and the price of a row's longer entry, must be gained to give up reading one object alone.
Result<bool> together_is_smaller(std::span<const std::byte> raw, std::span<const ObjectRow> rows, int level) {
  const Piece piece = choose_sample(rows);
  Bytes& out = scratch(compress_bound(piece.size));
  std::size_t alone = 0;
  std::size_t offset = piece.offset;
  for (std::size_t i = piece.first; i < piece.first + piece.count; ++i) {
    SOUSCHEF_TRY(const std::size_t size, compress(raw.subspan(offset, rows[i].length), out, level));
    alone += size + 4;
    offset += rows[i].length;
  }
  SOUSCHEF_TRY(const std::size_t together, compress(raw.subspan(piece.offset, piece.size), out, level, true));
  return together < alone - alone / 32;
}

Result<bool> is_for_together(std::span<const std::byte> raw, std::span<const ObjectRow> rows, int level,
                             GroupingHint* hint) {
  if (rows.size() == 1) return true;
  if (const auto known = hint == nullptr ? std::nullopt : hint->together()) return *known;
  SOUSCHEF_TRY(const bool together, together_is_smaller(raw, rows, level));
  if (hint != nullptr) hint->found(together);
  return together;
}

Status encode_together(std::span<const std::byte> raw, int level, EncodedFrame& frame) {
  frame.buffer.resize(compress_bound(raw.size()));
  SOUSCHEF_TRY(const std::size_t size, compress(raw, frame.buffer, level, frame.header.rows.size() > 1));
  frame.buffer.resize(size);
  frame.header.codec = Codec::zstd;
  return {};
}

Status encode_each(std::span<const std::byte> raw, int level, EncodedFrame& frame) {
  std::size_t bound = 0;
  for (const ObjectRow& row : frame.header.rows) bound += compress_bound(row.length);
  frame.buffer.resize(bound);
  std::size_t used = 0;
  std::size_t offset = 0;
  for (ObjectRow& row : frame.header.rows) {
    SOUSCHEF_TRY(const std::size_t size,
                 compress(raw.subspan(offset, row.length), std::span(frame.buffer).subspan(used), level));
    row.stored_length = static_cast<std::uint32_t>(size);
    offset += row.length;
    used += size;
  }
  frame.buffer.resize(used);
  frame.header.codec = Codec::zstd_each;
  return {};
}

void store_as_it_is(std::span<const std::byte> raw, EncodedFrame& frame) {
  frame.buffer = {};
  frame.stored = raw;
  frame.header.codec = Codec::none;
  for (ObjectRow& row : frame.header.rows) row.stored_length = 0;
}

}  // namespace

std::optional<bool> GroupingHint::together() {
  return frames_left_.fetch_sub(1) > 0 ? std::optional<bool>(together_) : std::nullopt;
}

void GroupingHint::found(bool together) {
  together_ = together;
  frames_left_ = kFramesPerSample - 1;
}

Result<EncodedFrame> encode_frame(std::span<const std::byte> raw, std::vector<ObjectRow> rows, int level,
                                  GroupingHint* hint) {
  const ScopedTimer timer("compress");
  EncodedFrame frame;
  frame.header.rows = std::move(rows);
  frame.header.raw_size = static_cast<std::uint32_t>(raw.size());
  if (looks_incompressible(raw)) {
    store_as_it_is(raw, frame);
  } else {
    SOUSCHEF_TRY(const bool together, is_for_together(raw, frame.header.rows, level, hint));
    SOUSCHEF_CHECK(together ? encode_together(raw, level, frame) : encode_each(raw, level, frame));
    frame.stored = frame.buffer;
    // Less than a fiftieth is not worth decompressing for ever after.
    if (frame.buffer.size() > raw.size() - raw.size() / 50) store_as_it_is(raw, frame);
  }
  frame.header.stored_size = static_cast<std::uint32_t>(frame.stored.size());
  frame.header.stored_check = stored_check(frame.stored);
  return frame;
}

LoadedFrame::LoadedFrame(Bytes bytes, FrameHeader header)
    : bytes_(std::move(bytes)), header_(std::move(header)) {
  std::uint32_t raw = 0;
  std::uint32_t stored = 0;
  raw_offsets_.reserve(header_.rows.size());
  if (header_.codec == Codec::zstd_each) stored_offsets_.reserve(header_.rows.size());
  for (const ObjectRow& row : header_.rows) {
    raw_offsets_.push_back(raw);
    raw += row.length;
    if (header_.codec == Codec::zstd_each) stored_offsets_.push_back(stored);
    stored += row.stored_length;
  }
}

Result<std::shared_ptr<const LoadedFrame>> LoadedFrame::parse(Bytes bytes) {
  SOUSCHEF_TRY(FrameHeader header, parse_frame_header(bytes));
  if (header.size() + header.stored_size != bytes.size())
    return Error(ErrorCode::corrupt, "a frame of another size than the index says");
  return std::shared_ptr<const LoadedFrame>(new LoadedFrame(std::move(bytes), std::move(header)));
}

std::size_t LoadedFrame::footprint() const {
  return bytes_.size() + header_.rows.size() * sizeof(ObjectRow) +
         (header_.codec == Codec::zstd ? header_.raw_size : 0);
}

bool LoadedFrame::stored_bytes_match() const {
  return stored_check(stored()) == header_.stored_check;
}

Result<std::span<const std::byte>> LoadedFrame::object(std::size_t ordinal, Bytes& scratch) const {
  if (ordinal >= header_.rows.size())
    return Error(ErrorCode::corrupt, "a frame with fewer objects than the index says");
  const ObjectRow& row = header_.rows[ordinal];
  switch (header_.codec) {
    case Codec::none:
      return stored().subspan(raw_offsets_[ordinal], row.length);
    case Codec::zstd:
      std::call_once(expanded_, [this] {
        raw_.resize(header_.raw_size);
        expand_status_ = decompress(stored(), raw_);
      });
      if (!expand_status_) return expand_status_.error();
      return std::span<const std::byte>(raw_).subspan(raw_offsets_[ordinal], row.length);
    case Codec::zstd_each:
      break;
  }
  scratch.resize(row.length);
  SOUSCHEF_CHECK(decompress(stored().subspan(stored_offsets_[ordinal], row.stored_length), scratch));
  return std::span<const std::byte>(scratch);
}

}  // namespace souschef::store
