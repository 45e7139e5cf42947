// SPDX-License-Identifier: MIT
// Why a content is filled piece by piece: walking the heads of a file that is mostly arrays touches few of
// its frames, and a trace then unpacks a tenth of what a plain decompression would. Where blocks are small
// the walk needs every frame, one after the other; so a miss right behind the last one fills twice as many as
// the last did, side by side on the host's threads, and a miss anywhere else starts again with one.
#include "plugins/blend/content.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace souschef::blend {
namespace {

constexpr std::size_t kMaxAhead = 16;

}  // namespace

Content::Content(std::unique_ptr<Pieces> pieces, Scratch room, std::uint64_t stored, Host host)
    : pieces_(std::move(pieces)),
      scratch_(std::move(room)),
      there_(pieces_->count()),
      host_(host),
      data_(scratch_.data()),
      size_(scratch_.size()),
      stored_(stored) {}

bool Content::loaded(std::uint64_t offset, std::uint64_t size) const {
  if (size == 0) return true;
  if (!status_) return false;
  const std::size_t last = pieces_->piece_at(offset + size - 1);
  for (std::size_t piece = pieces_->piece_at(offset); piece <= last; ++piece) {
    if (there_[piece] != 0) continue;
    ahead_ = piece == next_ ? std::min(ahead_ * 2, kMaxAhead) : 1;
    const std::size_t wanted = std::max(ahead_, std::min(last - piece + 1, kMaxAhead));
    if (!load(piece, std::min(wanted, pieces_->count() - piece))) return false;
  }
  return true;
}

bool Content::load(std::size_t first, std::size_t count) const {
  std::mutex failing;
  const auto fill = [&](std::size_t i) {
    const std::size_t piece = first + i;
    if (there_[piece] != 0) return;
    const auto size = static_cast<std::size_t>(pieces_->size(piece));
    Status done;
    if (std::byte* memory = scratch_.memory(); memory != nullptr) {
      done = pieces_->load(piece, {memory + pieces_->offset(piece), size});
    } else {
      std::vector<std::byte> buffer(size);
      done = pieces_->load(piece, buffer);
      if (done) done = scratch_.write(pieces_->offset(piece), buffer);
    }
    if (done) {
      there_[piece] = 1;
      return;
    }
    const std::lock_guard lock(failing);
    if (status_) status_ = std::move(done);
  };
  if (count == 1) {
    fill(0);
  } else {
    host_.parallel(count, fill);
  }
  next_ = first + count;
  return status_.has_value();
}

Status Content::load_all() const {
  if (pieces_ == nullptr) return status_;
  for (std::size_t first = 0; first < pieces_->count() && status_; first += kMaxAhead)
    load(first, std::min(kMaxAhead, pieces_->count() - first));
  return status_;
}

}  // namespace souschef::blend
