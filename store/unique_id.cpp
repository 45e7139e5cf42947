// SPDX-License-Identifier: MIT
#include "store/unique_id.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <mutex>

#include <sys/random.h>

namespace souschef::store {

namespace {

template <std::size_t N>
std::array<std::uint8_t, N> random_bytes() {
  std::array<std::uint8_t, N> bytes{};
  // Up to 256 bytes come whole and uninterrupted; without them no name would be unique: better to stop.
  if (::getrandom(bytes.data(), N, 0) != static_cast<ssize_t>(N)) std::abort();
  return bytes;
}

constexpr char kCrockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

std::string new_ulid(const Clock& clock) {
  static std::mutex mutex;
  static std::uint64_t last_time = 0;
  static std::array<std::uint8_t, 10> last_chance{};

  const auto now = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(clock.since_1970()).count());
  std::uint64_t time = 0;
  std::array<std::uint8_t, 10> chance{};
  {
    const std::lock_guard lock(mutex);
    if (now > last_time) {
      last_time = now;
      last_chance = random_bytes<10>();
      last_chance[0] &= 0x7F;  // room to count up
    } else {
      // The same millisecond, or a clock that went back: the next number.
      for (auto digit = last_chance.rbegin(); digit != last_chance.rend() && ++*digit == 0; ++digit) {
      }
    }
    time = last_time;
    chance = last_chance;
  }

  std::string id(26, '0');
  for (int i = 9; i >= 0; --i, time >>= 5) id[static_cast<std::size_t>(i)] = kCrockford[time & 31];
  // 80 bits as 16 digits of 5 bits.
  std::uint32_t pool = 0;
  unsigned bits = 0;
  std::size_t at = 10;
  for (const std::uint8_t byte : chance) {
    pool = (pool << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) id[at++] = kCrockford[(pool >> (bits - 5)) & 31];
  }
  return id;
}

std::string new_uuid() {
  auto bytes = random_bytes<16>();
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string id;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    id += kDigits[bytes[i] >> 4];
    id += kDigits[bytes[i] & 15];
  }
  return id;
}

}  // namespace souschef::store
