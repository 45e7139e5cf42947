// SPDX-License-Identifier: MIT
// How much of this machine other programs use, and whether that is so much that rendering should stand back.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace souschef::core {

// Ticks of work of all cores since the machine was started, from /proc/stat. Nothing: not understood.
std::optional<std::uint64_t> busy_ticks(std::string_view proc_stat);

// Processor time of everybody but this process and what carries its mark.
class MachineLoad {
 public:
  // Cores in use by others since the last call; nothing at the first one, or where nobody can say.
  std::optional<double> others();

 private:
  std::optional<std::uint64_t> others_before_;
  std::chrono::steady_clock::time_point before_;
};

// Slow to believe: a mail that is read stops no frame, a compiler that pauses starts none.
class BusyWatch {
 public:
  static constexpr std::chrono::seconds kBelieveBusy{20}, kBelieveCalm{60};
  explicit BusyWatch(double cores) : limit_(cores) {}

  // What others use at this time of a clock that never goes back; whether the machine counts as busy now.
  bool feed(double cores, std::chrono::nanoseconds now);

 private:
  double limit_;
  bool busy_ = false;
  std::optional<std::chrono::nanoseconds> otherwise_since_;  // it has looked the other way since then
};

}  // namespace souschef::core
