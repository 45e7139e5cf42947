// SPDX-License-Identifier: MIT
// Where the heads of the next blocks will be. Each head alone says where the next one is, so a walk waits for
// memory at each of them: a hundred nanoseconds, for a hundred thousand blocks or ten million. But a file
// repeats itself. Every object of a set is written as the same blocks of the same lengths, and what the last
// few heads looked like tells how far it was, last time, from there to the head that came six blocks later:
//
//   ... OB 1408, DATA 8, DATA 136     last time 4 312 bytes from here    -> fetch the line 4 312 bytes on
//
// A forecast is a hint for the processor's caches. A wrong one costs the fetch of a line, nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "plugins/blend/block_head.hpp"

namespace souschef::blend {

// One thread at a time.
class HeadForecast {
 public:
  // Notes that `head` is at `offset`. Returns how far behind it the head that comes kAhead blocks later will
  // probably be.
  std::uint32_t next(std::uint64_t offset, const BlockHead& head) {
    recent_ = recent_ << kForget ^ (static_cast<std::uint32_t>(head.struct_index) * 0x9E3779B1U +
                                    static_cast<std::uint32_t>(head.length) * 0x85EBCA77U);
    Seen& oldest = seen_[count_++ % kAhead];
    distances_[oldest.key] = static_cast<std::uint32_t>(offset - oldest.offset);
    oldest = {offset, recent_ * 0xC2B2AE3DU >> (32 - kKeyBits)};
    return distances_[oldest.key];
  }

 private:
  static constexpr std::size_t kAhead = 6;
  static constexpr int kKeyBits = 12;
  static constexpr int kForget = 4;  // a head counts for eight more, the later the less

  struct Seen {
    std::uint64_t offset = 0;
    std::uint32_t key = 0;
  };
  std::array<std::uint32_t, std::size_t{1} << kKeyBits> distances_{};
  std::array<Seen, kAhead> seen_;
  std::size_t count_ = 0;
  std::uint32_t recent_ = 0;
};

}  // namespace souschef::blend
