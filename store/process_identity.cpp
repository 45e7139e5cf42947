// SPDX-License-Identifier: MIT
#include "store/process_identity.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "store/kernel_file.hpp"
#include "store/process_stat.hpp"

namespace souschef::store {

namespace {

ProcessIdentity of_this_machine() {
  ProcessIdentity identity;
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0) identity.host = host.data();
  identity.boot_id = first_kernel_line("/proc/sys/kernel/random/boot_id");
  struct stat space {};
  if (::stat("/proc/self/ns/pid", &space) == 0) identity.pid_namespace = space.st_ino;
  return identity;
}

}  // namespace

const ProcessIdentity& this_process() {
  static const ProcessIdentity identity = [] {
    ProcessIdentity own = of_this_machine();
    own.pid = ::getpid();
    if (const auto stat = read_process_stat(::getpid())) own.start_time = stat->start_ticks;
    return own;
  }();
  return identity;
}

std::optional<ProcessIdentity> identity_of(std::int64_t pid) {
  const auto stat = read_process_stat(static_cast<pid_t>(pid));
  if (!stat || stat->is_over()) return std::nullopt;
  ProcessIdentity identity = this_process();
  identity.pid = pid;
  identity.start_time = stat->start_ticks;
  return identity;
}

Running is_running(const ProcessIdentity& process) {
  const ProcessIdentity& own = this_process();
  const bool comparable = !own.boot_id.empty() && own.boot_id == process.boot_id && own.pid_namespace != 0 &&
                          own.pid_namespace == process.pid_namespace && own.start_time != 0 &&
                          process.start_time != 0;
  if (!comparable) return Running::cannot_tell;
  // Asked of the kernel first: /proc may be mounted so that other users' processes are hidden in it.
  if (process.pid <= 0 || (::kill(static_cast<pid_t>(process.pid), 0) != 0 && errno == ESRCH))
    return Running::no;
  const auto stat = read_process_stat(static_cast<pid_t>(process.pid));
  if (!stat) return Running::cannot_tell;
  return stat->start_ticks == process.start_time && !stat->is_over() ? Running::yes : Running::no;
}

}  // namespace souschef::store
