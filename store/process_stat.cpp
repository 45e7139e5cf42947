// SPDX-License-Identifier: MIT
#include "store/process_stat.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "store/kernel_file.hpp"

namespace souschef::store {
namespace {

constexpr std::size_t kFirstField = 3;  // the first one after the name
constexpr std::size_t kLastField = 22;

template <class Number>
bool to_number(std::string_view text, Number& value) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

}  // namespace

// "pid (name) state ppid pgrp session ...". The name may hold anything, brackets too: counting begins after
// the last of them.
std::optional<ProcessStat> parse_process_stat(std::string_view line) {
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  line.remove_prefix(name_end + 1);
  std::array<std::string_view, kLastField + 1> fields;
  for (std::size_t number = kFirstField; number <= kLastField; ++number) {
    const std::size_t start = line.find_first_not_of(" \n");
    if (start == std::string_view::npos) return std::nullopt;
    const std::size_t end = std::min(line.find_first_of(" \n", start), line.size());
    fields[number] = line.substr(start, end - start);
    line.remove_prefix(end);
  }
  ProcessStat stat;
  stat.state = fields[3].front();
  std::uint64_t user = 0, system = 0, children_user = 0, children_system = 0;
  if (!to_number(fields[4], stat.parent) || !to_number(fields[6], stat.session) ||
      !to_number(fields[14], user) || !to_number(fields[15], system) ||
      !to_number(fields[16], children_user) || !to_number(fields[17], children_system) ||
      !to_number(fields[22], stat.start_ticks))
    return std::nullopt;
  stat.ticks = user + system;
  stat.children_ticks = children_user + children_system;
  return stat;
}

std::optional<ProcessStat> read_process_stat(pid_t pid) {
  // A name may hold line ends: the whole file, not its first line.
  return parse_process_stat(read_kernel_file("/proc/" + std::to_string(pid) + "/stat"));
}

}  // namespace souschef::store
