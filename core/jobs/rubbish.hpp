// SPDX-License-Identifier: MIT
// What can be made again and nobody has used for long: checkouts of orders that are over, logs, the files
// that checkouts share, folders that a program which died has left behind. All of it belongs to this machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <souschef/result.hpp>

#include "core/production/config.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

struct RubbishRules {
  std::optional<std::chrono::hours> logs_age;    // older logs go; none: only those of deleted orders
  std::optional<std::chrono::hours> pantry_age;  // since a checkout last used the file
  std::optional<std::uint64_t> pantry_size;      // bytes; the files that were used longest ago go first
  std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
};
RubbishRules rubbish_rules(const Config& config);

struct RubbishReport {
  struct Part {
    std::uint64_t count = 0, bytes = 0;
  };
  Part checkouts, logs, pantry, temporary;

  [[nodiscard]] std::uint64_t bytes() const {
    return checkouts.bytes + logs.bytes + pantry.bytes + temporary.bytes;
  }
};

enum class RubbishMode { look, remove };

// Beside a runner and other collections, at any time. What cannot be looked at or removed is left. Errors:
// bad_input (the queue cannot be read: then it is not known which checkouts are needed).
Result<RubbishReport> clear_rubbish(Production& production, const RubbishRules& rules, RubbishMode mode);

}  // namespace souschef::core
