// SPDX-License-Identifier: MIT
#include "store/deduplicator.hpp"

#include <cstring>

namespace souschef::store {

std::size_t Deduplicator::KeyHash::operator()(const ObjectKey& key) const noexcept {
  std::size_t value = 0;
  std::memcpy(&value, key.bytes.data() + 4, sizeof value);  // part of a hash already
  return value;
}

Deduplicator::Shard& Deduplicator::shard_of(const ObjectKey& key) {
  return shards_[std::to_integer<std::size_t>(key.bytes[0]) % kShards];
}

// First the session's own, then the index: an object moves from the first to the second when its pack is
// indexed, so looking in this order never misses it. What neither has is claimed, and looked up once more in
// case it moved in between.
Result<std::vector<Fate>> Deduplicator::claim(std::span<const ObjectKey> keys) {
  std::vector<Fate> fates(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Shard& shard = shard_of(keys[i]);
    const std::lock_guard lock(shard.mutex);
    if (!shard.ours.insert(keys[i]).second) fates[i].kind = Fate::Kind::ours;
  }
  SOUSCHEF_TRY(const ObjectIndex::Reader reader, index_.read());
  std::vector<std::uint32_t> packs;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (fates[i].kind == Fate::Kind::ours) continue;
    const auto location = reader.find(keys[i]);
    if (!location) continue;
    fates[i] = {Fate::Kind::known, location->pack};
    if (packs.empty() || packs.back() != location->pack) packs.push_back(location->pack);
    Shard& shard = shard_of(keys[i]);
    const std::lock_guard lock(shard.mutex);
    shard.ours.erase(keys[i]);
  }
  refer_to(packs);
  return fates;
}

void Deduplicator::forget(std::span<const ObjectKey> keys) {
  for (const ObjectKey& key : keys) {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    shard.ours.erase(key);
  }
}

void Deduplicator::refer_to(std::span<const std::uint32_t> packs) {
  if (packs.empty()) return;
  const std::lock_guard lock(references_mutex_);
  references_.insert(packs.begin(), packs.end());
}

std::set<std::uint32_t> Deduplicator::packs_referred_to() const {
  const std::lock_guard lock(references_mutex_);
  return references_;
}

void Deduplicator::forget_references() {
  const std::lock_guard lock(references_mutex_);
  references_.clear();
}

}  // namespace souschef::store
