// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>

#include "store/clock.hpp"

namespace souschef::test {

// Time that moves when the test says so. Thread-safe.
class FakeClock final : public store::Clock {
 public:
  [[nodiscard]] std::chrono::nanoseconds since_boot() const override { return boot_.load(); }
  [[nodiscard]] std::chrono::nanoseconds since_1970() const override { return wall_.load(); }

  void advance(std::chrono::nanoseconds by) {
    boot_ = boot_.load() + by;
    wall_ = wall_.load() + by;
  }
  // Somebody sets the wall clock.
  void set_wall(std::chrono::nanoseconds to) { wall_ = to; }

 private:
  std::atomic<std::chrono::nanoseconds> boot_{std::chrono::hours(1)};
  std::atomic<std::chrono::nanoseconds> wall_{std::chrono::seconds(1'700'000'000)};
};

}  // namespace souschef::test
