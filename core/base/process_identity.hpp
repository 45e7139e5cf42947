// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souschef::core {

// Names one process for as long as the machine is up, and never another one: a pid alone is given away again.
// What is written down about a child so that whoever comes later can find it, or know that it is gone.
struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;  // of the clock, since boot: field 22 of /proc/<pid>/stat
  std::string boot_id;            // /proc/sys/kernel/random/boot_id
  std::string pid_namespace;      // "pid:[4026531836]": the same pid elsewhere is another process

  bool operator==(const ProcessIdentity&) const = default;
  // "1234 5678 <boot id> <namespace>"
  [[nodiscard]] std::string text() const;
  static std::optional<ProcessIdentity> from_text(std::string_view text);
};

// Empty if there is no such process.
std::optional<ProcessIdentity> identify_process(pid_t pid);
ProcessIdentity own_identity();
std::string boot_id();

enum class ProcessState {
  running,
  gone,
  elsewhere  // of another boot of this machine, of another machine, or of another container: not for us to
             // judge
};
ProcessState state_of(const ProcessIdentity& identity);

// Every process of a session, and every descendant of these that has made a session of its own. Only for a
// session whose leader has not been waited for yet: until then its number cannot be given away.
std::vector<pid_t> processes_of_session(pid_t session);

// Of a process that was sent SIGSTOP: it starts nothing and computes nothing any more. Stopped, ended, or
// waiting in the kernel, where the signal waits for it at the door. A shell that has called vfork waits there
// for its child to call exec, and when that child was stopped before it could, neither moves until both are
// continued.
bool stands_still(pid_t pid);

// The environment variable that every child process carries and hands down to its own children.
inline constexpr const char* kMarkVariable = "SOUSCHEF_MARK";
// Every process of this user and pid namespace whose environment has the mark.
std::vector<pid_t> processes_with_mark(std::string_view mark);

// Ends (SIGKILL) what a dead process of ours has left: every process that carries the mark, this one
// excepted. Never anything else: numbers are given away again, marks are random. They are gone when this
// returns, unless one hangs in the kernel for longer than ten seconds. Returns how many were ended.
int end_leftovers(std::string_view mark);

}  // namespace souschef::core
