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

std::span<const std::byte> Content::bytes_of_pieces(std::uint64_t offset, std::uint64_t size) const {
  const std::byte* at = kept(offset, size);
  if (at == nullptr && !loaded(offset, size)) return {};
  return {at != nullptr ? at : data_ + offset, static_cast<std::size_t>(size)};
}

const std::byte* Content::kept(std::uint64_t offset, std::uint64_t size) const {
  if (kept_.empty()) return nullptr;
  const auto holds = [&](const Kept& part) { return offset >= part.begin && offset + size <= part.end; };
  // Most readers go from start to end.
  if (!holds(kept_[last_kept_])) {
    const auto after = std::upper_bound(kept_.begin(), kept_.end(), offset,
                                        [](std::uint64_t at, const Kept& part) { return at < part.begin; });
    if (after == kept_.begin() || !holds(*(after - 1))) return nullptr;
    last_kept_ = static_cast<std::size_t>(after - kept_.begin()) - 1;
  }
  return kept_bytes_.data() + kept_[last_kept_].place + (offset - kept_[last_kept_].begin);
}

bool Content::for_each(std::size_t first, std::size_t count,
                       const std::function<Status(std::size_t)>& task) const {
  std::mutex failing;
  const auto one = [&](std::size_t i) {
    Status done = task(first + i);
    if (done) return;
    const std::lock_guard lock(failing);
    if (status_) status_ = std::move(done);
  };
  if (count == 1) {
    one(0);
  } else {
    host_.parallel(count, one);
  }
  return status_.has_value();
}

bool Content::load(std::size_t first, std::size_t count) const {
  next_ = first + count;
  return for_each(first, count, [&](std::size_t piece) -> Status {
    if (there_[piece] != 0) return {};
    const auto size = static_cast<std::size_t>(pieces_->size(piece));
    if (std::byte* memory = scratch_.memory(); memory != nullptr) {
      SOUSCHEF_CHECK(pieces_->load(piece, {memory + pieces_->offset(piece), size}));
    } else {
      std::vector<std::byte> buffer(size);
      SOUSCHEF_CHECK(pieces_->load(piece, buffer));
      SOUSCHEF_CHECK(scratch_.write(pieces_->offset(piece), buffer));
    }
    there_[piece] = 1;
    return {};
  });
}

Status Content::load_all() const {
  if (pieces_ == nullptr) return status_;
  for (std::size_t first = 0; first < pieces_->count() && status_; first += kMaxAhead)
    load(first, std::min(kMaxAhead, pieces_->count() - first));
  return status_;
}

}  // namespace souschef::blend
