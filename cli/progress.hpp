// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "cli/terminal.hpp"

namespace souschef::cli {

// Shows how far long work has come: one line in place with a rate and an ETA on a terminal, a plain line
// every ten seconds in a pipe, {"type":"progress"} records once a second with --json. Thread-safe.
class Progress {
 public:
  enum class Unit { bytes, items };

  // `verb`: what is going on, "banking". `item`: what is counted where the unit is items, "frame".
  Progress(Terminal& terminal, std::string verb, Unit unit, std::string item = {});
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `note`: what is worked on right now; may be empty. Shown at most ten times a second.
  void update(std::uint64_t done, std::uint64_t total, const std::string& note = {});

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::string line(std::uint64_t done, std::uint64_t total, double elapsed) const;

  Terminal& terminal_;
  const std::string verb_;
  const Unit unit_;
  const std::string item_;
  const Clock::time_point start_;
  std::mutex mutex_;  // guards what follows
  Clock::time_point last_;
};

}  // namespace souschef::cli
