// SPDX-License-Identifier: MIT
#include "plugins/blend/side_streams.hpp"

#include <algorithm>
#include <utility>

namespace souschef::blend {
namespace {

constexpr std::uint64_t kFresh = 0;
constexpr std::uint64_t kRun = ColumnState::kRecent + 1;
constexpr std::uint64_t kKinds = kRun + 1;

// An encoder writes a part of at most half a megabyte.
constexpr std::size_t kMaxShapes = 4U << 20;

}  // namespace

void ColumnsWriter::nonzero(Column& column, std::uint64_t value) {
  ColumnState& state = column.state;
  if (value == state.last + state.step) {
    if (column.run != 0 && column.zeros == 0) {
      ++column.run;
      state.last = value;
      return;
    }
    flush(column);
    column.zeros_before_run = std::exchange(column.zeros, 0);
    column.run = 1;
    state.last = value;
    return;
  }
  flush(column);
  const std::size_t before = column.shape.size() + column.fresh.size();
  const auto found = std::find(state.recent.begin(), state.recent.end(), value);
  const auto index = static_cast<std::uint32_t>(found - state.recent.begin());
  if (index == ColumnState::kRecent) {
    put_number(column.shape, column.zeros * kKinds + kFresh);
    put_number(column.fresh, zigzag(static_cast<std::int64_t>(value - state.last)));
    state.to_front(value, ColumnState::kRecent - 1);
  } else {
    put_number(column.shape, column.zeros * kKinds + index + 1);
    state.to_front(value, index);
  }
  column.zeros = 0;
  state.set(value);
  size_ += column.shape.size() + column.fresh.size() - before;
}

void ColumnsWriter::flush(Column& column) {
  if (column.run == 0) return;
  const std::size_t before = column.shape.size();
  put_number(column.shape, column.zeros_before_run * kKinds + kRun);
  put_number(column.shape, column.run - 1);
  size_ += column.shape.size() - before;
  column.run = 0;
}

template <class Set>
bool ColumnsReader::load(std::span<const std::byte> page, const Set& set) {
  NumberReader in(page);
  for (std::uint64_t index = 0; !in.at_end(); ++index) {
    const std::uint64_t skipped = in.number();
    const std::uint64_t size = in.number();
    if (in.failed() || skipped >= columns_.size() - index || size > in.left()) return false;
    index += skipped;
    touched_.push_back(static_cast<std::uint32_t>(index));
    if (!set(columns_[static_cast<std::size_t>(index)], in.bytes(size))) return false;
    if (index + 1 == columns_.size()) return in.at_end();
  }
  return true;
}

bool ColumnsReader::load_values(std::span<const std::byte> page) {
  for (const std::uint32_t index : touched_) columns_[index] = Column();
  touched_.clear();
  shapes_.clear();
  loaded_ = 0;
  values_.assign(page.begin(), page.end());
  return load(values_, [](Column& column, std::span<const std::byte> fresh) {
    column.fresh = NumberReader(fresh);
    return true;
  });
}

bool ColumnsReader::load_shapes(std::span<const std::byte> page) {
  if (page.empty()) return true;
  loaded_ += page.size();
  if (loaded_ > kMaxShapes) return false;
  const std::vector<std::byte>& kept = shapes_.emplace_back(page.begin(), page.end());
  return load(kept, [&](Column& column, std::span<const std::byte> shape) {
    column.shape = NumberReader(shape);
    next_token(column);
    return !failed_;
  });
}

void ColumnsReader::next_token(Column& column) {
  if (column.shape.at_end()) {
    column.zeros = kForEver;
    return;
  }
  const std::uint64_t token = column.shape.number();
  column.zeros = token / kKinds;
  column.what = static_cast<std::uint32_t>(token % kKinds);
  if (column.what == kRun) column.run = column.shape.number();
  failed_ = failed_ || column.shape.failed();
}

std::uint64_t ColumnsReader::nonzero(Column& column) {
  ColumnState& state = column.state;
  if (column.what == kRun) {
    state.last += state.step;
    if (column.run == 0)
      next_token(column);
    else
      --column.run;
    return state.last;
  }
  std::uint64_t value = 0;
  if (column.what == kFresh) {
    value = state.last + static_cast<std::uint64_t>(column.fresh.signed_number());
    failed_ = failed_ || column.fresh.failed();
    state.to_front(value, ColumnState::kRecent - 1);
  } else {
    value = state.recent[column.what - 1];
    state.to_front(value, column.what - 1);
  }
  state.set(value);
  next_token(column);
  return value;
}

}  // namespace souschef::blend
