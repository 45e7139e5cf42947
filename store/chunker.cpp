// SPDX-License-Identifier: MIT
// Content-defined chunking: FastCDC (Xia et al., 2016 and 2020), normalised.
//
// Problem. A file that is cut every megabyte shares nothing with itself once a byte is inserted in front. So
// the cuts must depend on the bytes around them and on nothing else: then an insertion moves one cut, and all
// later ones fall where they fell before.
//
// How. A hash of the last 64 bytes rolls along: h = (h << 1) + gear[byte], where gear holds 256 random
// numbers; a byte's influence is shifted out after 64 steps. A chunk ends where some bits of h are all zero:
// with 20 bits, after a million bytes on average. The bits are taken from the top, which the last 64 bytes
// have all reached; low bits know only the last few bytes.
//
// Normalised. Plain cutting gives lengths that scatter exponentially: many tiny chunks and many that are cut
// off at the maximum, where content no longer decides. So before the average length the test has two bits
// more, after it two bits fewer: lengths gather around the average. Below the minimum nothing is tested, and
// nothing is hashed but the last 64 bytes before it.
//
// Example (20 bits): minimum 512 KiB, then 22 bits up to 1 MiB, then 18 bits up to 4 MiB, then a cut anyway.
//
// gear[i] is the first 8 bytes of BLAKE3("souschef gear " and the byte i): no table to copy wrongly. The
// numbers and the parameters are part of the store's format: another table would make every file new.
#include "store/chunker.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "store/hasher.hpp"
#include "store/pack_format.hpp"

namespace souschef::store {

namespace {

constexpr std::size_t kWindow = 64;

const std::array<std::uint64_t, 256>& gear() {
  static const std::array<std::uint64_t, 256> table = [] {
    std::array<std::uint64_t, 256> values{};
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Hash hash = hash_of("souschef gear " + std::string(1, static_cast<char>(i)));
      std::memcpy(&values[i], hash.bytes.data(), sizeof values[i]);
    }
    return values;
  }();
  return table;
}

std::uint64_t top_bits(unsigned count) {
  return ~std::uint64_t{0} << (64 - count);
}

// The first place in [from, to) behind whose byte the chunk ends; `to` if there is none. `hash` rolls on.
std::size_t scan(const std::byte* data, std::size_t from, std::size_t to, std::uint64_t mask,
                 std::uint64_t& hash) {
  const auto& table = gear();
  std::uint64_t rolling = hash;
  for (std::size_t at = from; at < to; ++at) {
    rolling = (rolling << 1) + table[std::to_integer<std::size_t>(data[at])];
    if ((rolling & mask) == 0) {
      hash = rolling;
      return at;
    }
  }
  hash = rolling;
  return to;
}

}  // namespace

bool ChunkerParameters::valid() const {
  return minimum >= kWindow && minimum < average && average < maximum && maximum <= kMostObjectBytes &&
         std::has_single_bit(average) && normalization <= 4 &&
         static_cast<unsigned>(std::countr_zero(average)) > normalization;
}

Chunker::Chunker(const ChunkerParameters& parameters) : parameters_(parameters) {
  const auto bits = static_cast<unsigned>(std::countr_zero(parameters.average));
  hard_mask_ = top_bits(bits + parameters.normalization);
  easy_mask_ = top_bits(bits - parameters.normalization);
}

std::size_t Chunker::first_cut(std::span<const std::byte> data) const {
  if (data.size() <= parameters_.minimum) return data.size();
  const std::size_t end = std::min<std::size_t>(data.size(), parameters_.maximum);
  const std::size_t middle = std::min<std::size_t>(end, parameters_.average);
  std::uint64_t hash = 0;
  for (std::size_t at = parameters_.minimum - kWindow; at < parameters_.minimum; ++at)
    hash = (hash << 1) + gear()[std::to_integer<std::size_t>(data[at])];
  std::size_t at = scan(data.data(), parameters_.minimum, middle, hard_mask_, hash);
  if (at == middle) at = scan(data.data(), middle, end, easy_mask_, hash);
  return std::min(at + 1, end);
}

}  // namespace souschef::store
