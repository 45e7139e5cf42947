// SPDX-License-Identifier: MIT
#include "plugins/blend/slice_writer.hpp"

#include <cstring>

namespace souschef::blend {
namespace {

// A slice that still fits into the second-level cache while it is hashed and compressed.
constexpr std::size_t kSlice = 1U << 20;
// The slice, the chunk that completes it and one page.
constexpr std::size_t kRoom = 4U << 20;
constexpr std::size_t kMaxHead = 1 + kMaxNumberSize;

}  // namespace

SliceWriter::SliceWriter(SliceSink& sink)
    : sink_(sink), buffer_(std::make_unique_for_overwrite<std::byte[]>(kRoom)) {}

std::byte* SliceWriter::page(std::uint8_t kind, std::size_t size) {
  if (size_ + kMaxHead + size > kRoom) {
    cut();
    emit();
  }
  std::byte* at = buffer_.get() + size_;
  *at++ = static_cast<std::byte>(kind);
  at = put_number(at, size);
  size_ = static_cast<std::size_t>(at - buffer_.get()) + size;
  return at;
}

void SliceWriter::page(std::uint8_t kind, std::span<const std::byte> content) {
  std::byte* at = page(kind, content.size());
  if (!content.empty()) std::memcpy(at, content.data(), content.size());
}

void SliceWriter::cut() {
  if (chunk() == 0) return;
  chunk_start_ = size_;
  cuts_.push_back(static_cast<std::uint32_t>(size_));
  if (size_ >= kSlice) emit();
}

void SliceWriter::emit() {
  if (size_ == 0) return;
  if (!stopped_) stopped_ = !sink_.emit({buffer_.get(), size_}, cuts_);
  cuts_.clear();
  size_ = 0;
  chunk_start_ = 0;
}

Status SliceWriter::finish() {
  cut();
  emit();
  if (stopped_) return Error(ErrorCode::cancelled, "stopped while filtering a .blend");
  return {};
}

}  // namespace souschef::blend
