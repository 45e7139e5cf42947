// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace souschef::store {

// Which process, beyond doubt: a process number alone is given out again, and means nothing on another
// machine or inside another container.
struct ProcessIdentity {
  std::string host;                 // for people
  std::string boot_id;              // differs after every start of a machine
  std::uint64_t pid_namespace = 0;  // inode of the namespace that `pid` counts in; 0: unknown
  std::int64_t pid = 0;
  std::uint64_t start_time = 0;  // clock ticks between the machine's start and the process'
  bool operator==(const ProcessIdentity&) const = default;
};

enum class Running { yes, no, cannot_tell };

// This process. Read once.
const ProcessIdentity& this_process();
// Another process of this machine and namespace; nothing if it does not run.
std::optional<ProcessIdentity> identity_of(std::int64_t pid);
// `no` only where it is certain: same boot, same namespace, and no process of that number and start time.
Running is_running(const ProcessIdentity& process);

}  // namespace souschef::store
