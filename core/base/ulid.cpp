// SPDX-License-Identifier: MIT
#include "core/base/ulid.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <random>

#include "store/hasher.hpp"

namespace souschef::core {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
using Random80 = std::array<std::uint8_t, 10>;

Random80 fresh_random() {
  static std::random_device device;
  Random80 bits{};
  for (auto& byte : bits) byte = static_cast<std::uint8_t>(device());
  bits[0] &= 0x7F;  // room for a billion increments within one millisecond
  return bits;
}

void increment(Random80& bits) {
  for (std::size_t i = bits.size(); i-- > 0;)
    if (++bits[i] != 0) return;
}

std::string text_of(std::uint64_t time, const Random80& random) {
  std::string text(26, '0');
  for (std::size_t i = 10; i-- > 0; time >>= 5) text[i] = kAlphabet[time & 31U];
  unsigned buffer = 0;
  int bits = 0;
  std::size_t at = 10;
  for (const std::uint8_t byte : random) {
    buffer = (buffer << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text[at++] = kAlphabet[(buffer >> (bits - 5)) & 31U];
  }
  return text;
}

}  // namespace

std::string new_ulid() {
  static std::mutex mutex;
  static std::int64_t last_time = 0;
  static Random80 random{};
  const std::lock_guard lock(mutex);
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  if (now > last_time) {
    last_time = now;
    random = fresh_random();
  } else {
    increment(random);  // the same millisecond, or a clock that was set back: still ascending
  }
  return text_of(static_cast<std::uint64_t>(last_time), random);
}

std::string derived_ulid(std::int64_t ms, std::string_view identity) {
  constexpr std::int64_t kLatest = (std::int64_t{1} << 48) - 1;
  const Hash hash = store::hash_of(identity);
  Random80 bits{};
  std::transform(hash.bytes.begin(), hash.bytes.begin() + bits.size(), bits.begin(),
                 [](std::byte each) { return std::to_integer<std::uint8_t>(each); });
  return text_of(static_cast<std::uint64_t>(std::clamp<std::int64_t>(ms, 0, kLatest)), bits);
}

bool is_ulid(std::string_view text) {
  return text.size() == 26 && text.front() <= '7' &&
         text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

std::int64_t ulid_milliseconds(std::string_view ulid) {
  std::int64_t time = 0;
  for (std::size_t i = 0; i < 10 && i < ulid.size(); ++i)
    time = time * 32 + static_cast<std::int64_t>(kAlphabet.find(ulid[i]) & 31U);
  return time;
}

}  // namespace souschef::core
