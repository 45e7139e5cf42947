// SPDX-License-Identifier: MIT
#include "store/slab_filler.hpp"

#include <cstring>
#include <utility>

#include "store/pack_format.hpp"

namespace souschef::store {

namespace {

static_assert(kMaxChunk <= kMostObjectBytes && kMaxChunk <= kSlabBytes,
              "every chunk fits into a slab and a pack");

// Ascending, none too far from the one before, the last at the end.
bool well_formed(std::span<const std::byte> slice, std::span<const std::uint32_t> cuts) {
  if (slice.size() > kMaxSlice) return false;
  std::uint32_t before = 0;
  for (const std::uint32_t cut : cuts) {
    if (cut <= before || cut - before > kMaxChunk) return false;
    before = cut;
  }
  return before == slice.size();
}

}  // namespace

bool SlabFiller::emit(std::span<const std::byte> slice, std::span<const std::uint32_t> cuts) {
  if (!well_formed(slice, cuts)) {
    broken_ = true;
    return false;
  }
  std::size_t at = 0;
  for (const std::uint32_t cut : cuts) {
    const auto chunk = slice.subspan(at, cut - at);
    at = cut;
    if (slab_ != nullptr && slab_->used + chunk.size() > slab_->data.size() && !flush()) return false;
    if (slab_ == nullptr) slab_ = pool_.take_slab();
    std::memcpy(slab_->data.data() + slab_->used, chunk.data(), chunk.size());
    slab_->used += chunk.size();
    cuts_.push_back(static_cast<std::uint32_t>(slab_->used));
  }
  return true;
}

bool SlabFiller::flush() {
  if (slab_ == nullptr) return true;
  return full_(std::exchange(slab_, {}), std::exchange(cuts_, {}));
}

}  // namespace souschef::store
