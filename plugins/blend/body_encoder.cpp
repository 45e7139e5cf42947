// SPDX-License-Identifier: MIT
// The body comes in parts, since a part's side values must stand before it and are known only when all of it
// has been looked at. A part ends when what is held for it has grown to some size; arrays without fields are
// not held but read again when the part is written. So memory stays the same however large the file is.
#include "plugins/blend/body_encoder.hpp"

#include <algorithm>
#include <cstring>

#include "plugins/blend/block_cuts.hpp"
#include "plugins/blend/body_pages.hpp"
#include "plugins/blend/field_coder.hpp"
#include "plugins/blend/structure_code.hpp"

namespace souschef::blend {
namespace {

// When a part ends.
constexpr std::size_t kHeld = 12U << 20;
constexpr std::size_t kSideValues = 256U << 10;
constexpr std::size_t kItems = 1U << 18;

// A page of shapes ends with the column that fills it so far.
constexpr std::size_t kShapes = 8U << 10;

// Elements are coded in steps of about this size, whole pieces; small enough that the side values of one step
// leave the page below kMaxPage.
constexpr std::size_t kStep = 64U << 10;

// Arrays of at least this size become planes, if they have that many rows.
constexpr std::size_t kMinPlanes = 512;
constexpr std::size_t kMinRows = 8;
constexpr std::size_t kMinMeasured = 2048;

// Untouched blocks of at least this size, and all arrays, are not copied.
constexpr std::size_t kMinReference = 4096;

template <std::uint32_t kWidth, ByteOrder kOrder>
class BodyEncoder {
 public:
  BodyEncoder(BlendAnalysis& analysis, const BlendFile& file, const BodyPlan& plan, SliceWriter& out)
      : file_(file),
        blocks_(file.blocks()),
        plan_(plan),
        out_(out),
        finder_(file.blocks(), analysis.temporary_folder()),
        columns_(plan.fields.columns()),
        coder_(plan.fields, file.datablocks(), plan.keys, finder_, columns_),
        pages_(analysis, out),
        held_(std::make_unique_for_overwrite<std::byte[]>(kHeld + kStep * 2)) {}

  Status run() {
    const auto groups = blocks_.groups();
    for (std::uint32_t group = 0; group < groups.size() && !out_.stopped(); ++group) {
      finder_.enter(group);
      const std::uint32_t end = blocks_.group_end(group);
      for (std::uint32_t block = groups[group].first; block < end; ++block) {
        const bool first = block == groups[group].first;
        SOUSCHEF_CHECK(one_block(block, first, first && chosen_group(plan_.keys[group])));
      }
    }
    SOUSCHEF_CHECK(tail());
    SOUSCHEF_CHECK(finder_.status());
    return finish_part();
  }

 private:
  Status one_block(std::uint32_t block, bool first_of_group, bool chosen) {
    const std::uint64_t length = blocks_.length(block);
    if (length == 0) return {};
    const StructFields* fields = plan_.fields.find(blocks_.struct_index(block));
    BodyItem item{.size = length, .may_cut_before = chosen};
    if (plan_.pointer_arrays[block]) {
      item.row = rows(kWidth, length);
      return coded(block, {&kPointerArray, 1}, kWidth, 1, length / kWidth, item, first_of_group);
    }
    if (fields != nullptr) {
      const std::int64_t count = blocks_.head(file_.content(), block).count;
      CodedHead head{.length = length, .count = count, .treatment = Treatment::fields};
      item.row = count > 1 ? rows(fields->size, length) : std::uint8_t{0};
      if (fields->run_count != 0)
        return coded(block, plan_.fields.runs(*fields), fields->size, fields->slots,
                     head.elements(fields->size), item, first_of_group);
    } else if (length >= kMinMeasured) {
      item.row = BodyItem::kMeasureRows;
    }
    return untouched(block, item, first_of_group);
  }

  static std::uint8_t rows(std::size_t size, std::uint64_t length) {
    return size > 1 && size <= kMaxRow && length >= kMinPlanes && length / size >= kMinRows
               ? static_cast<std::uint8_t>(size)
               : std::uint8_t{0};
  }

  // A block whose data is stored as it is.
  Status untouched(std::uint32_t block, BodyItem item, bool first_of_group) {
    item.offset = blocks_.offset(block);
    item.array = item.size >= kPiece;
    if (item.size >= kMinReference || item.row != 0) {
      item.from = BodyItem::From::content;
      if (!item.array && !first_of_group) {
        SOUSCHEF_TRY(const auto data, bytes(item.offset, static_cast<std::size_t>(item.size)));
        item.may_cut_before = chosen_block(data);
      }
      return add(item);
    }
    std::byte* to = room();
    SOUSCHEF_CHECK(copy(item.offset, static_cast<std::size_t>(item.size), to));
    return add_held(item, to, first_of_group);
  }

  // A block with fields. `count` elements of `size` bytes; what is behind them stays as it is.
  Status coded(std::uint32_t block, std::span<const FieldRun> runs, std::uint32_t size, std::uint32_t slots,
               std::uint64_t count, BodyItem item, bool first_of_group) {
    coder_.begin_block(block, slots);
    const std::uint64_t offset = blocks_.offset(block);
    const std::uint64_t length = item.size;
    item.array = length >= kPiece;
    // A step ends where a piece ends, so that pieces do not depend on where parts end.
    const std::size_t piece = item.row == 0 ? kPiece - kPiece % size : next_piece(UINT64_MAX, item.row);
    const std::size_t step = piece == 0 ? size : kStep / piece * piece;
    for (std::uint64_t at = 0; at < length;) {
      // The last step may be longer by half a piece, as the last piece may.
      const std::uint64_t left = length - at;
      const auto bytes = static_cast<std::size_t>(left <= step + kPiece / 2 ? left : step);
      std::byte* to = room();
      SOUSCHEF_CHECK(copy(offset + at, bytes, to));
      const std::uint64_t done = at / size;
      const std::uint64_t now = std::min<std::uint64_t>(count - std::min(count, done), bytes / size);
      coder_.run(runs, to, static_cast<std::size_t>(now), size);
      item.size = bytes;
      SOUSCHEF_CHECK(add_held(item, to, first_of_group || at != 0));
      item.may_cut_before = false;
      at += bytes;
    }
    return {};
  }

  // What follows the last block: the end marker, and whatever somebody has put behind it.
  Status tail() {
    const std::uint64_t from = blocks_.end_offset();
    BodyItem item{.offset = from, .size = file_.content().size() - from};
    if (item.size >= kPiece) {
      item.from = BodyItem::From::content;
      item.array = true;
      return add(item);
    }
    std::byte* to = room();
    SOUSCHEF_CHECK(copy(from, static_cast<std::size_t>(item.size), to));
    return add_held(item, to, true);
  }

  Result<std::span<const std::byte>> bytes(std::uint64_t offset, std::size_t size) const {
    const auto found = file_.content().bytes(offset, size);
    if (found.size() == size) return found;
    SOUSCHEF_CHECK(file_.content().status());
    return Error(ErrorCode::io, "cannot read the .blend any more");
  }

  std::byte* room() { return held_.get() + held_size_; }

  Status copy(std::uint64_t offset, std::size_t size, std::byte* to) {
    SOUSCHEF_TRY(const auto from, bytes(offset, size));
    if (size != 0) std::memcpy(to, from.data(), size);
    return {};
  }

  Status add_held(BodyItem item, const std::byte* data, bool decided) {
    const auto size = static_cast<std::size_t>(item.size);
    if (!decided && chosen_block({data, size})) item.may_cut_before = true;
    item.offset = held_size_;
    held_size_ += size;
    // Small blocks between two possible cuts are one item.
    if (!items_.empty() && !item.may_cut_before && !item.array && item.row == 0) {
      BodyItem& last = items_.back();
      if (last.from == BodyItem::From::held && !last.array && last.row == 0 &&
          last.size + item.size <= kMaxChunk / 2) {
        last.size += item.size;
        return end_of_part();
      }
    }
    return add(item);
  }

  Status add(const BodyItem& item) {
    items_.push_back(item);
    return end_of_part();
  }

  Status end_of_part() {
    if (held_size_ < kHeld && columns_.size() < kSideValues && items_.size() < kItems) return {};
    return finish_part();
  }

  Status finish_part() {
    side_values();
    SOUSCHEF_CHECK(pages_.write(items_, {held_.get(), held_size_}));
    items_.clear();
    held_size_ = 0;
    return {};
  }

  // Chunks that change with every session, then those that do not.
  void side_values() {
    values_.clear();
    shapes_.clear();
    std::vector<std::size_t> ends;
    std::uint32_t next_value = 0;
    std::uint32_t next_shape = 0;
    columns_.drain(
        [&](std::uint32_t column, const std::vector<std::byte>& fresh, const std::vector<std::byte>& shape) {
          put_column(values_, next_value, column, fresh);
          put_column(shapes_, next_shape, column, shape);
          if (shapes_.size() - (ends.empty() ? 0 : ends.back()) < kShapes) return;
          ends.push_back(shapes_.size());
          next_shape = 0;
        });
    out_.cut();
    out_.page(PageKind::values, values_);
    out_.cut();
    if (ends.empty() || ends.back() != shapes_.size()) ends.push_back(shapes_.size());
    std::size_t from = 0;
    for (const std::size_t end : ends) {
      out_.page(PageKind::shapes, std::span(shapes_).subspan(from, end - from));
      out_.cut();
      from = end;
    }
  }

  static void put_column(std::vector<std::byte>& out, std::uint32_t& next, std::uint32_t column,
                         const std::vector<std::byte>& bytes) {
    if (bytes.empty()) return;
    put_number(out, column - next);
    next = column + 1;
    put_number(out, bytes.size());
    put_bytes(out, bytes);
  }

  const BlendFile& file_;
  const Blocks& blocks_;
  const BodyPlan& plan_;
  SliceWriter& out_;
  AddressFinder finder_;
  ColumnsWriter columns_;
  FieldEncoder<kWidth, kOrder> coder_;
  BodyPages pages_;
  std::unique_ptr<std::byte[]> held_;
  std::size_t held_size_ = 0;
  std::vector<BodyItem> items_;
  std::vector<std::byte> values_;
  std::vector<std::byte> shapes_;
};

}  // namespace

Status encode_body(BlendAnalysis& analysis, const BlendFile& file, const BodyPlan& plan, SliceWriter& out) {
  const bool little = file.header().order == ByteOrder::little;
  if (file.header().pointer_size == 8)
    return little ? BodyEncoder<8, ByteOrder::little>(analysis, file, plan, out).run()
                  : BodyEncoder<8, ByteOrder::big>(analysis, file, plan, out).run();
  return little ? BodyEncoder<4, ByteOrder::little>(analysis, file, plan, out).run()
                : BodyEncoder<4, ByteOrder::big>(analysis, file, plan, out).run();
}

}  // namespace souschef::blend
