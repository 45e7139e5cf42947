// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

namespace souschef::store {

// Time, passed in so that tests own it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Since the machine was started, suspended time included; never goes back. Decides about leases: a laptop
  // that slept must notice that its lease ran out.
  [[nodiscard]] virtual std::chrono::nanoseconds since_boot() const = 0;
  // Wall-clock time since 1970: for names and records that people read; decides nothing between two hosts.
  [[nodiscard]] virtual std::chrono::nanoseconds since_1970() const = 0;

  static const Clock& real();
};

}  // namespace souschef::store
