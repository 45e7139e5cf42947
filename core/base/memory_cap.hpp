// SPDX-License-Identifier: MIT
// A limit on the memory of a child process and of everything that it starts.
//
// Best is a control group (cgroup v2): it counts what is really used, file cache and GPU drivers' mappings of
// nothing apart, and the kernel ends the group, and only it, when the limit is reached. That needs a folder
// of the control groups that this user may write to: a systemd user session has one. Elsewhere RLIMIT_DATA
// stands in for it: each process for itself, private mappings whether used or not, and a program that is
// refused memory says so in its own words, if at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

namespace souschef::core {

// Where control groups can be made: a folder with the memory controller for its children.
struct ControlGroups {
  std::filesystem::path folder;  // empty: nowhere
  std::string why;               // for people: why there is none
};

// Of this process: $SOUSCHEF_CGROUP if it is set, else the nearest group above its own that this user may
// write to.
ControlGroups find_control_groups();
// The same of a mount of cgroup v2 and of the text of /proc/self/cgroup.
ControlGroups control_groups_in(const std::filesystem::path& mount, std::string_view proc_self_cgroup);

// A cap is used by one thread at a time; any number may be made at once. The group goes with the object, and
// what still runs in it is ended.
class MemoryCap {
 public:
  // A cap that caps nothing.
  MemoryCap() = default;
  // `bytes`: of all processes together in a control group, else of each one. Never fails: where no group can
  // be made it is RLIMIT_DATA.
  static MemoryCap make(std::uint64_t bytes, const ControlGroups& groups);
  ~MemoryCap();
  MemoryCap(MemoryCap&& other) noexcept;
  MemoryCap& operator=(MemoryCap&& other) noexcept;

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Of ProcessOptions: one of them, or none where nothing is capped.
  [[nodiscard]] std::filesystem::path group() const { return group_; }
  [[nodiscard]] std::uint64_t data_limit() const { return group_.empty() ? bytes_ : 0; }
  // The kernel has ended something of the group for its memory. False where there is no group: nobody knows.
  [[nodiscard]] bool was_hit() const;
  // As cap_text() has it.
  [[nodiscard]] std::string text() const;

 private:
  void remove();
  std::uint64_t bytes_ = 0;
  std::filesystem::path group_;
  std::string why_not_;
};

// How a cap is kept there: "4 GiB, by a control group", "4 GiB for each process, by RLIMIT_DATA: ...".
std::string cap_text(std::uint64_t bytes, const ControlGroups& groups);

// "4 GiB", "1.5 GiB", "300 MiB": what a person has written in a config, which counts in GiB.
std::string memory_text(std::uint64_t bytes);

}  // namespace souschef::core
