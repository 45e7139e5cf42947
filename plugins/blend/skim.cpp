// SPDX-License-Identifier: MIT
#include "plugins/blend/skim.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace souschef::blend {
namespace {

// A piece for each of a few threads: more would not stay in the caches. Blender's have 1 MiB at most.
constexpr std::size_t kMostPieces = 8;
constexpr std::uint64_t kMostWindow = 8U << 20;  // where pieces are large, fewer of them

}  // namespace

bool Skim::look_further(std::uint64_t offset, std::uint64_t size) {
  if (offset > content_.size() || size > content_.size() - offset) return false;
  copy_run();
  if (holds(offset, size)) return true;
  if (offset < begin_ || offset >= end_) return move_window(offset, size);

  // It stands across the end of the window.
  const std::uint64_t left = end_ - offset;
  std::array<std::byte, kMost> rest{};
  std::memcpy(rest.data(), at(offset), static_cast<std::size_t>(left));
  if (!move_window(end_, size - left)) return false;
  begin_ = offset;
  std::memcpy(window_.memory() + (kMost - left), rest.data(), static_cast<std::size_t>(left));
  return true;
}

// The window begins with the piece that holds `offset`, and has all pieces for `size` bytes from there.
bool Skim::move_window(std::uint64_t offset, std::uint64_t size) {
  const Pieces& pieces = *content_.pieces_;
  const std::size_t first = pieces.piece_at(offset);
  const std::size_t needed = pieces.piece_at(offset + std::max<std::uint64_t>(size, 1) - 1) - first + 1;
  ahead_ = first == next_ ? std::min(ahead_ * 2, kMostPieces) : 1;
  std::size_t count = 0;
  std::uint64_t bytes = 0;
  for (; first + count < pieces.count(); ++count) {
    const std::uint64_t more = pieces.size(first + count);
    if (count >= needed && (count >= ahead_ || kMost + bytes + more > kMostWindow)) break;
    bytes += more;
  }
  if (!make_room(bytes)) return false;
  pieces_begin_ = begin_ = pieces.offset(first);
  end_ = begin_ + bytes;
  next_ = first + count;
  const bool loaded = content_.for_each(first, count, [&](std::size_t piece) {
    const std::uint64_t place = kMost + pieces.offset(piece) - pieces_begin_;
    return pieces.load(piece, {window_.memory() + place, static_cast<std::size_t>(pieces.size(piece))});
  });
  if (!loaded) end_ = begin_;
  return loaded;
}

bool Skim::make_room(std::uint64_t bytes) {
  if (kMost + bytes <= window_.size()) return true;
  const std::uint64_t all = std::max(kMost + bytes, std::min(kMost + content_.size(), kMostWindow));
  auto window = Scratch::create(all, all, {});
  if (!window) {
    fail(window.error());
    return false;
  }
  window_ = std::move(*window);
  window_.use_large_pages();
  return true;
}

void Skim::copy_run() {
  while (run_begin_ < run_end_) {
    if (!content_.status_ || (run_begin_ >= end_ && !move_window(end_, 1))) return;
    const std::uint64_t end = std::min(run_end_, end_);
    const std::uint64_t place = kept_.size();
    if (Status done = kept_.append({at(run_begin_), static_cast<std::size_t>(end - run_begin_)}); !done)
      return fail(std::move(done));
    if (!parts_.empty() && parts_.back().end == run_begin_) {
      parts_.back().end = end;
    } else {
      parts_.push_back({run_begin_, end, place});
    }
    run_begin_ = end;
  }
}

void Skim::finish() {
  if (passes_on_) return;
  copy_run();
  if (!content_.status_) return;
  auto bytes = kept_.finish();
  if (!bytes) return fail(bytes.error());
  content_.kept_bytes_ = std::move(*bytes);
  content_.kept_ = std::move(parts_);
}

void Skim::fail(Status failed) {
  if (content_.status_) content_.status_ = std::move(failed);
}

}  // namespace souschef::blend
