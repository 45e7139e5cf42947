// SPDX-License-Identifier: MIT
#include "store/hasher.hpp"

#include <utility>

#include <blake3.h>

namespace souschef::store {

struct Hasher::State {
  blake3_hasher hasher;
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  reset();
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::span<const std::byte> data) {
  blake3_hasher_update(&state_->hasher, data.data(), data.size());
}

Hash Hasher::finish() const {
  Hash hash;
  blake3_hasher_finalize(&state_->hasher, reinterpret_cast<std::uint8_t*>(hash.bytes.data()),
                         hash.bytes.size());
  return hash;
}

void Hasher::reset() {
  blake3_hasher_init(&state_->hasher);
}

Hash hash_of(std::span<const std::byte> data) {
  blake3_hasher hasher;
  blake3_hasher_init(&hasher);
  blake3_hasher_update(&hasher, data.data(), data.size());
  Hash hash;
  blake3_hasher_finalize(&hasher, reinterpret_cast<std::uint8_t*>(hash.bytes.data()), hash.bytes.size());
  return hash;
}

}  // namespace souschef::store
