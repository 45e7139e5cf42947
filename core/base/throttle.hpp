// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace souschef::core {

// Lets word of progress through ten times a second at most. Thread-safe.
class Throttle {
 public:
  bool lets_through() {
    const std::int64_t now =
        std::chrono::steady_clock::now().time_since_epoch() / std::chrono::milliseconds(100);
    return last_.exchange(now) != now;
  }

 private:
  std::atomic<std::int64_t> last_{0};
};

}  // namespace souschef::core
