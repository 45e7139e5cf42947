// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace souschef::store {

// What the kernel says of a process in /proc/<pid>/stat (proc_pid_stat(5)). Times are in clock ticks
// (sysconf(_SC_CLK_TCK) of them make a second).
struct ProcessStat {
  char state = '?';  // field 3: R runs, S and D wait, T and t are stopped, Z and X have ended
  pid_t parent = 0;
  pid_t session = 0;
  std::uint64_t ticks = 0;           // used by itself: utime and stime, fields 14 and 15
  std::uint64_t children_ticks = 0;  // by children that it has waited for: fields 16 and 17
  std::uint64_t start_ticks = 0;     // when it began, since the machine did: field 22

  // A zombie holds nothing any more.
  [[nodiscard]] bool is_over() const { return state == 'Z' || state == 'X'; }
};

// Nothing if the line is no such line, or ends before field 22.
std::optional<ProcessStat> parse_process_stat(std::string_view line);
// Nothing if there is no such process, or if it is hidden from us.
std::optional<ProcessStat> read_process_stat(pid_t pid);

}  // namespace souschef::store
