// SPDX-License-Identifier: MIT
#include "store/clock.hpp"

#include <ctime>

namespace souschef::store {

namespace {

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

class RealClock final : public Clock {
 public:
  [[nodiscard]] std::chrono::nanoseconds since_boot() const override { return read_clock(CLOCK_BOOTTIME); }
  [[nodiscard]] std::chrono::nanoseconds since_1970() const override { return read_clock(CLOCK_REALTIME); }
};

}  // namespace

const Clock& Clock::real() {
  static const RealClock clock;
  return clock;
}

}  // namespace souschef::store
