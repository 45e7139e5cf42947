// SPDX-License-Identifier: MIT
// What belongs to the session that saved a file, set aside from the body: volatile values, and pointers that
// lead to no block. One column for each field of each struct: its values in file order, within an array
// element after element; 0 where a pointer is null.
//
// A column is split into its *shape*, which mostly is the same in every save, and the *fresh* numbers that
// are not. The shape says which values are zero, which go on in regular steps, and which stood there before:
//
//   values page = { number columns left out before it, number size, fresh }*
//   shapes page = { number columns left out before it, number size, token* }*
//   token       = number 18 * zeros + what      so many zeros, then
//                 what = 0        a fresh value: the last one plus the next zigzag number of `fresh`
//                 what = 1..16    the value that stands there in the list of recent ones, 1 the latest
//                 what = 17       number n: n + 1 values, each one step further than the one before
//   behind the last token: zeros
//
// The value before the first is 0, and so is the step before the first; zeros count as neither. The step is
// the difference of the last two values. A fresh value goes to the front of the list, one that was found in
// the list moves there.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "plugins/blend/filter_stream.hpp"

namespace souschef::blend {

// What both sides remember of a column.
struct ColumnState {
  static constexpr std::uint32_t kRecent = 16;

  std::uint64_t last = 0;
  std::uint64_t step = 0;
  std::array<std::uint64_t, kRecent> recent{};

  void set(std::uint64_t value) {
    step = value - last;
    last = value;
  }
  // Moves the value at `index` to the front; kRecent - 1 for one that comes from nowhere.
  void to_front(std::uint64_t value, std::uint32_t index) {
    for (; index > 0; --index) recent[index] = recent[index - 1];
    recent[0] = value;
  }
};

// Collects the values of one part of the body. One thread at a time.
class ColumnsWriter {
 public:
  explicit ColumnsWriter(std::uint32_t columns) : columns_(columns) {}

  void value(std::uint32_t index, std::uint64_t value) {
    Column& column = columns_[index];
    if (value == 0)
      ++column.zeros;
    else
      nonzero(column, value);
  }

  // About how large the pages are.
  [[nodiscard]] std::size_t size() const { return size_; }

  // Takes everything out, column by column: take(index, fresh, shape) for those that have values.
  template <class Take>
  void drain(const Take& take) {
    for (std::uint32_t index = 0; index < columns_.size(); ++index) {
      Column& column = columns_[index];
      flush(column);
      if (!column.shape.empty()) take(index, column.fresh, column.shape);
      column.clear();
    }
    size_ = 0;
  }

 private:
  struct Column {
    ColumnState state;
    std::uint64_t zeros = 0;
    std::uint64_t run = 0;  // values that went on in the same step
    std::uint64_t zeros_before_run = 0;
    std::vector<std::byte> fresh;
    std::vector<std::byte> shape;

    void clear() {
      state = {};
      zeros = run = 0;
      fresh.clear();
      shape.clear();
    }
  };
  void nonzero(Column& column, std::uint64_t value);
  void flush(Column& column);

  std::vector<Column> columns_;
  std::size_t size_ = 0;
};

// Gives the values of one part back. One thread at a time.
class ColumnsReader {
 public:
  explicit ColumnsReader(std::uint32_t columns) : columns_(columns) {}

  // A new part begins. False: damaged.
  bool load_values(std::span<const std::byte> page);
  // Shapes of this part, in as many pages as there are. False: damaged.
  bool load_shapes(std::span<const std::byte> page);

  std::uint64_t value(std::uint32_t index) {
    Column& column = columns_[index];
    if (column.zeros != 0) {
      --column.zeros;
      return 0;
    }
    return nonzero(column);
  }
  // A value was asked for that the pages do not have.
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  static constexpr std::uint64_t kForEver = std::numeric_limits<std::uint64_t>::max();

  struct Column {
    ColumnState state;
    std::uint64_t zeros = kForEver;
    std::uint64_t run = 0;
    std::uint32_t what = 0;
    NumberReader fresh;
    NumberReader shape;
  };
  std::uint64_t nonzero(Column& column);
  void next_token(Column& column);
  template <class Set>
  bool load(std::span<const std::byte> page, const Set& set);

  std::vector<std::byte> values_;
  std::vector<std::vector<std::byte>> shapes_;
  std::vector<Column> columns_;
  std::vector<std::uint32_t> touched_;  // columns that are not as they were made
  std::size_t loaded_ = 0;              // bytes of shapes
  bool failed_ = false;
};

}  // namespace souschef::blend
