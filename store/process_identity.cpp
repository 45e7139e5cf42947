// SPDX-License-Identifier: MIT
#include "store/process_identity.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <sstream>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

namespace souschef::store {

namespace {

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

// Field 22 of /proc/<pid>/stat. The second field, the program's name, may hold spaces and brackets: counting
// begins after its last bracket.
std::optional<std::uint64_t> start_time_of(std::int64_t pid) {
  const std::string line = first_line("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t bracket = line.rfind(')');
  if (bracket == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(bracket + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number)
    if (!(fields >> field)) return std::nullopt;
  std::uint64_t ticks = 0;
  const auto parsed = std::from_chars(field.data(), field.data() + field.size(), ticks);
  if (parsed.ec != std::errc()) return std::nullopt;
  return ticks;
}

// A zombie holds nothing any more.
bool is_zombie(std::int64_t pid) {
  const std::string line = first_line("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t bracket = line.rfind(')');
  return bracket != std::string::npos && bracket + 2 < line.size() &&
         (line[bracket + 2] == 'Z' || line[bracket + 2] == 'X');
}

ProcessIdentity of_this_machine() {
  ProcessIdentity identity;
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0) identity.host = host.data();
  identity.boot_id = first_line("/proc/sys/kernel/random/boot_id");
  struct stat space {};
  if (::stat("/proc/self/ns/pid", &space) == 0) identity.pid_namespace = space.st_ino;
  return identity;
}

}  // namespace

const ProcessIdentity& this_process() {
  static const ProcessIdentity identity = [] {
    ProcessIdentity own = of_this_machine();
    own.pid = ::getpid();
    own.start_time = start_time_of(own.pid).value_or(0);
    return own;
  }();
  return identity;
}

std::optional<ProcessIdentity> identity_of(std::int64_t pid) {
  const auto start = start_time_of(pid);
  if (!start || is_zombie(pid)) return std::nullopt;
  ProcessIdentity identity = this_process();
  identity.pid = pid;
  identity.start_time = *start;
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
  const auto start = start_time_of(process.pid);
  if (!start) return Running::cannot_tell;
  return *start == process.start_time && !is_zombie(process.pid) ? Running::yes : Running::no;
}

}  // namespace souschef::store
