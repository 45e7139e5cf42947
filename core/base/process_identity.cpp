// SPDX-License-Identifier: MIT
#include "core/base/process_identity.hpp"

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "store/kernel_file.hpp"
#include "store/process_stat.hpp"

namespace souschef::core {

using store::read_process_stat;

namespace {

constexpr std::chrono::seconds kDeathPatience{10};

template <class Number>
bool to_number(std::string_view text, Number& value) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

struct FolderCloser {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

void for_each_process(const std::function<void(pid_t)>& visit) {
  const std::unique_ptr<DIR, FolderCloser> folder(::opendir("/proc"));
  if (folder == nullptr) return;
  while (const dirent* entry = ::readdir(folder.get())) {
    pid_t pid = 0;
    if (to_number(std::string_view(entry->d_name), pid)) visit(pid);
  }
}

std::string own_pid_namespace() {
  std::array<char, 128> buffer{};
  const ssize_t got = ::readlink("/proc/self/ns/pid", buffer.data(), buffer.size());
  return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : std::string("?");
}

}  // namespace

std::string ProcessIdentity::text() const {
  return std::to_string(pid) + " " + std::to_string(start_ticks) + " " + boot_id + " " + pid_namespace;
}

std::optional<ProcessIdentity> ProcessIdentity::from_text(std::string_view text) {
  const auto words = words_of(text);
  ProcessIdentity identity;
  if (words.size() != 4 || !to_number(words[0], identity.pid) || !to_number(words[1], identity.start_ticks) ||
      identity.pid <= 0)
    return std::nullopt;
  identity.boot_id = words[2];
  identity.pid_namespace = words[3];
  return identity;
}

std::string boot_id() {
  std::string text = store::first_kernel_line("/proc/sys/kernel/random/boot_id");
  return text.empty() ? "?" : text;
}

std::optional<ProcessIdentity> identify_process(pid_t pid) {
  const auto stat = read_process_stat(pid);
  if (!stat) return std::nullopt;
  return ProcessIdentity{pid, stat->start_ticks, boot_id(), own_pid_namespace()};
}

ProcessIdentity own_identity() {
  return identify_process(::getpid())
      .value_or(ProcessIdentity{::getpid(), 0, boot_id(), own_pid_namespace()});
}

ProcessState state_of(const ProcessIdentity& identity) {
  if (identity.boot_id != boot_id() || identity.pid_namespace != own_pid_namespace())
    return ProcessState::elsewhere;
  const auto stat = read_process_stat(identity.pid);
  return stat && stat->start_ticks == identity.start_ticks && !stat->is_over() ? ProcessState::running
                                                                               : ProcessState::gone;
}

std::vector<pid_t> processes_of_session(pid_t session) {
  std::multimap<pid_t, pid_t> children;
  std::set<pid_t> found;
  for_each_process([&](pid_t pid) {
    const auto stat = read_process_stat(pid);
    if (!stat || stat->is_over()) return;
    if (stat->session == session) found.insert(pid);
    children.emplace(stat->parent, pid);
  });
  std::vector<pid_t> open(found.begin(), found.end());
  while (!open.empty()) {
    const auto [first, last] = children.equal_range(open.back());
    open.pop_back();
    for (auto child = first; child != last; ++child)
      if (found.insert(child->second).second) open.push_back(child->second);
  }
  return {found.begin(), found.end()};
}

bool stands_still(pid_t pid) {
  const auto stat = read_process_stat(pid);
  return !stat || std::string_view("TtDZX").find(stat->state) != std::string_view::npos;
}

std::vector<pid_t> processes_with_mark(std::string_view mark) {
  const std::string wanted = std::string(kMarkVariable) + "=" + std::string(mark);
  std::vector<pid_t> found;
  for_each_process([&](pid_t pid) {
    const std::string environment = store::read_kernel_file("/proc/" + std::to_string(pid) + "/environ");
    for (std::size_t at = 0; at < environment.size();) {
      const std::size_t end = std::min(environment.find('\0', at), environment.size());
      if (std::string_view(environment).substr(at, end - at) == wanted) {
        found.push_back(pid);
        return;
      }
      at = end + 1;
    }
  });
  return found;
}

int end_leftovers(std::string_view mark) {
  // A process can start another one while the list is made, and one that was killed still holds its files and
  // its device for a moment: look again until nothing is left. One that hangs in the kernel is not waited
  // for.
  std::set<pid_t> ended;
  const auto until = std::chrono::steady_clock::now() + kDeathPatience;
  for (;;) {
    bool any = false;
    for (const pid_t pid : processes_with_mark(mark)) {
      if (pid == ::getpid()) continue;
      any = true;
      if (::kill(pid, SIGKILL) == 0) ended.insert(pid);
    }
    if (!any || std::chrono::steady_clock::now() > until) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return static_cast<int>(ended.size());
}

}  // namespace souschef::core
