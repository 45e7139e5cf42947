// SPDX-License-Identifier: MIT
// A group with processes of its own cannot have children with a memory controller, so the group that we are
// in is no place for ours: what is looked for is one above it, as systemd gives a user's session
// (user@1000.service/app.slice) or an administrator a service with Delegate=memory. A process is moved into
// its group between fork and exec, by itself.
//
// Groups of runners that were killed are empty and are removed by the next one: rmdir refuses those in use.
#include "core/base/memory_cap.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "store/kernel_file.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::string_view kPrefix = "souschef-";
constexpr int kPatience = 50;  // rounds of 10 ms until the kernel has let go of what was ended
constexpr useconds_t kRound = 10'000;

bool has_word(const std::string& text, std::string_view wanted) {
  std::istringstream words(text);
  for (std::string word; words >> word;)
    if (word == wanted) return true;
  return false;
}

bool write_text(const fs::path& file, std::string_view text) {
  std::ofstream out(file);
  out << text;
  out.flush();
  return static_cast<bool>(out);
}

bool can_have_children(const fs::path& folder) {
  return has_word(store::read_kernel_file(folder / "cgroup.subtree_control"), "memory") &&
         ::access(folder.c_str(), W_OK) == 0 && ::access((folder / "cgroup.procs").c_str(), W_OK) == 0;
}

// Of other runners that are no more. An ordinary folder, where one stands in for a control group, has files
// and stays.
void remove_left_over(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().filename().string().starts_with(kPrefix)) ::rmdir(entry.path().c_str());
}

}  // namespace

ControlGroups control_groups_in(const fs::path& mount, std::string_view proc_self_cgroup) {
  const std::string text(proc_self_cgroup);
  const std::size_t at = text.starts_with("0::/") ? 0 : text.find("\n0::/");
  if (at == std::string::npos) return {{}, "this machine has no control groups of version 2"};
  const std::size_t begin = text.find("0::/", at) + 4;
  fs::path folder = mount / text.substr(begin, text.find('\n', begin) - begin);
  folder = folder.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  for (;; folder = folder.parent_path()) {
    if (can_have_children(folder)) return {folder, {}};
    if (folder == mount || !folder.has_relative_path()) break;
  }
  return {{}, "no control group with a memory controller is delegated to this user"};
}

ControlGroups find_control_groups() {
  const char* chosen = std::getenv("SOUSCHEF_CGROUP");
  if (chosen == nullptr || *chosen == '\0')
    return control_groups_in("/sys/fs/cgroup", store::read_kernel_file("/proc/self/cgroup"));
  if (can_have_children(chosen)) return {chosen, {}};
  return {{},
          std::string(chosen) +
              " ($SOUSCHEF_CGROUP) has no memory controller for its children, or cannot be written to"};
}

MemoryCap MemoryCap::make(std::uint64_t bytes, const ControlGroups& groups) {
  static std::atomic<unsigned> count{0};
  MemoryCap cap;
  cap.bytes_ = bytes;
  if (bytes == 0) return cap;
  cap.why_not_ = groups.why;
  if (groups.folder.empty()) return cap;
  remove_left_over(groups.folder);
  const fs::path group =
      groups.folder / (std::string(kPrefix) + std::to_string(::getpid()) + "-" + std::to_string(++count));
  std::error_code code;
  const bool made =
      fs::create_directory(group, code) && write_text(group / "memory.max", std::to_string(bytes));
  if (!made) {
    ::rmdir(group.c_str());
    cap.why_not_ = "a control group cannot be made in " + groups.folder.string() +
                   (code ? ": " + code.message() : std::string());
    return cap;
  }
  // Without these it is slower or less neat, not wrong: a kernel without swap has no such file.
  if (fs::exists(group / "memory.swap.max", code)) write_text(group / "memory.swap.max", "0");
  if (fs::exists(group / "memory.oom.group", code)) write_text(group / "memory.oom.group", "1");
  cap.group_ = group;
  return cap;
}

MemoryCap::~MemoryCap() {
  remove();
}

MemoryCap::MemoryCap(MemoryCap&& other) noexcept
    : bytes_(std::exchange(other.bytes_, 0)),
      group_(std::exchange(other.group_, {})),
      why_not_(std::move(other.why_not_)) {}

MemoryCap& MemoryCap::operator=(MemoryCap&& other) noexcept {
  if (this == &other) return *this;
  remove();
  bytes_ = std::exchange(other.bytes_, 0);
  group_ = std::exchange(other.group_, {});
  why_not_ = std::move(other.why_not_);
  return *this;
}

void MemoryCap::remove() {
  if (group_.empty()) return;
  std::error_code ignored;
  if (fs::exists(group_ / "cgroup.kill", ignored)) write_text(group_ / "cgroup.kill", "1");
  for (int round = 0; round < kPatience && ::rmdir(group_.c_str()) != 0 && errno == EBUSY; ++round)
    ::usleep(kRound);
  group_.clear();
}

bool MemoryCap::was_hit() const {
  if (group_.empty()) return false;
  std::istringstream events(store::read_kernel_file(group_ / "memory.events"));
  std::string name;
  for (std::uint64_t count = 0; events >> name >> count;)
    if (name == "oom_kill" && count > 0) return true;
  return false;
}

std::string MemoryCap::text() const {
  return cap_text(bytes_, {group_, why_not_});
}

std::string cap_text(std::uint64_t bytes, const ControlGroups& groups) {
  if (!groups.folder.empty()) return memory_text(bytes) + ", by a control group";
  return memory_text(bytes) + " for each process, by RLIMIT_DATA" +
         (groups.why.empty() ? "" : ": " + groups.why);
}

std::string memory_text(std::uint64_t bytes) {
  constexpr double kGibibyte = 1 << 30, kMebibyte = 1 << 20;
  const double size = static_cast<double>(bytes);
  char text[32];
  if (bytes < (1U << 30))
    std::snprintf(text, sizeof text, "%.3g MiB", size / kMebibyte);
  else
    std::snprintf(text, sizeof text, "%.3g GiB", size / kGibibyte);
  return text;
}

}  // namespace souschef::core
