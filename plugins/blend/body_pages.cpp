// SPDX-License-Identifier: MIT
#include "plugins/blend/body_pages.hpp"

#include <algorithm>
#include <array>

#include "plugins/blend/block_cuts.hpp"
#include "plugins/blend/byte_planes.hpp"

namespace souschef::blend {
namespace {

// How often the byte so many places before is the same, of kSample bytes.
constexpr std::size_t kSample = 1024;
constexpr std::array<std::uint8_t, 5> kRows = {4, 8, 12, 16, 2};
// Compressed data has 1 in 256 by chance, text 1 in 16, arrays of floats or indices 1 in 4 to 3 in 4.
constexpr std::size_t kEnough = kSample / 6;
// Where nearly all neighbours are equal there is nothing left to gain.
constexpr std::size_t kUniform = kSample * 9 / 10;

std::size_t equal_at(const std::byte* data, std::size_t distance) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < kSample; ++i) equal += data[i] == data[i + distance] ? 1U : 0U;
  return equal;
}

}  // namespace

std::uint8_t measured_row(std::span<const std::byte> data) {
  if (data.size() < 2 * kSample) return 0;
  // From the middle: arrays often begin with something special.
  const std::byte* sample = data.data() + (data.size() - kSample - 16) / 2;
  if (equal_at(sample, 1) >= kUniform) return 0;
  std::uint8_t best = 0;
  std::size_t most = kEnough;
  for (const std::uint8_t row : kRows)
    if (const std::size_t equal = equal_at(sample, row); equal > most + most / 16) {
      best = row;
      most = equal;
    }
  return best;
}

std::span<const std::byte> BodyPages::bytes_of(const BodyItem& item, std::uint64_t at, std::size_t size,
                                               std::span<const std::byte> held) {
  if (item.from == BodyItem::From::held)
    return held.subspan(static_cast<std::size_t>(item.offset + at), size);
  auto bytes = analysis_.content(item.offset + at, size);
  if (bytes.size() == size) return bytes;
  // A content may be given in windows.
  joined_.assign(bytes.begin(), bytes.end());
  while (joined_.size() < size) {
    bytes = analysis_.content(item.offset + at + joined_.size(), size - joined_.size());
    if (bytes.empty()) return {};
    joined_.insert(joined_.end(), bytes.begin(), bytes.end());
  }
  return joined_;
}

void BodyPages::page_of(std::span<const std::byte> data, std::uint8_t row) {
  if (row == BodyItem::kMeasureRows) row = measured_row(data);
  std::byte* at = out_.page(row, data.size());
  if (row == 0)
    std::copy(data.begin(), data.end(), at);
  else
    split_planes(data, row, at);
}

void BodyPages::flush_plain() {
  if (!plain_.empty()) page_of(plain_, 0);
  plain_ = {};
}

Status BodyPages::array(const BodyItem& item, std::span<const std::byte> held) {
  flush_plain();
  out_.cut();
  const std::size_t row = item.row == BodyItem::kMeasureRows ? 0 : item.row;
  for (std::uint64_t at = 0; at < item.size && !out_.stopped();) {
    const std::size_t piece = next_piece(item.size - at, row);
    const auto bytes = bytes_of(item, at, piece, held);
    if (bytes.empty()) return Error(ErrorCode::io, "cannot read the .blend any more");
    page_of(bytes, item.row);
    out_.cut();
    at += piece;
  }
  return {};
}

void BodyPages::gathered(const BodyItem& item, std::span<const std::byte> bytes) {
  const std::size_t chunk = out_.chunk() + plain_.size();
  if (chunk != 0 && ((item.may_cut_before && chunk >= kMinChunk) || chunk + bytes.size() > kMaxChunk)) {
    flush_plain();
    out_.cut();
  }
  if (item.row != 0 || item.from == BodyItem::From::content) {
    flush_plain();
    page_of(bytes, item.row);
    return;
  }
  // Plain items lie one behind the other in the held bytes as long as nothing comes between them.
  if (!plain_.empty() && plain_.data() + plain_.size() != bytes.data()) flush_plain();
  plain_ = plain_.empty() ? bytes : std::span(plain_.data(), plain_.size() + bytes.size());
}

Status BodyPages::write(std::span<const BodyItem> items, std::span<const std::byte> held) {
  for (const BodyItem& item : items) {
    if (out_.stopped()) return {};
    if (item.array) {
      SOUSCHEF_CHECK(array(item, held));
    } else if (item.size != 0) {
      const auto bytes = bytes_of(item, 0, static_cast<std::size_t>(item.size), held);
      if (bytes.empty()) return Error(ErrorCode::io, "cannot read the .blend any more");
      gathered(item, bytes);
    }
  }
  flush_plain();
  return {};
}

}  // namespace souschef::blend
