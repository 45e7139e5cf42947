// SPDX-License-Identifier: MIT
// What others use is what all use, less what we and ours have used. Time of our processes that have ended
// counts too: the kernel adds it to the time of who waited for them, which is this process.
#include "core/slots/machine_load.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "core/base/process.hpp"
#include "core/base/process_identity.hpp"
#include "store/kernel_file.hpp"
#include "store/process_stat.hpp"

namespace souschef::core {
namespace {

// The numbers of a line, up to the first word that is none.
std::vector<std::uint64_t> numbers_of(std::string_view line) {
  std::vector<std::uint64_t> numbers;
  while (!line.empty()) {
    const std::size_t start = line.find_first_not_of(' ');
    if (start == std::string_view::npos) break;
    line.remove_prefix(start);
    std::uint64_t value = 0;
    const std::size_t length = std::min(line.find_first_of(" \n"), line.size());
    const auto read = std::from_chars(line.data(), line.data() + length, value);
    if (read.ec != std::errc() || read.ptr != line.data() + length) break;
    numbers.push_back(value);
    line.remove_prefix(length);
    if (!line.empty() && line.front() == '\n') break;
  }
  return numbers;
}

std::uint64_t ticks_with_children(pid_t pid) {
  const auto stat = store::read_process_stat(pid);
  return stat ? stat->ticks + stat->children_ticks : 0;
}

}  // namespace

// "cpu  user nice system idle iowait irq softirq steal ..."
std::optional<std::uint64_t> busy_ticks(std::string_view proc_stat) {
  if (!proc_stat.starts_with("cpu ")) return std::nullopt;
  const auto numbers = numbers_of(proc_stat.substr(4));
  if (numbers.size() < 7) return std::nullopt;
  return numbers[0] + numbers[1] + numbers[2] + numbers[5] + numbers[6];
}

std::optional<double> MachineLoad::others() {
  const auto all = busy_ticks(store::read_kernel_file("/proc/stat"));
  const auto now = std::chrono::steady_clock::now();
  if (!all) return std::nullopt;
  std::uint64_t ours = ticks_with_children(::getpid());
  for (const pid_t pid : processes_with_mark(process_mark()))
    if (pid != ::getpid()) ours += ticks_with_children(pid);
  const std::uint64_t others = *all - std::min(*all, ours);
  const double seconds = std::chrono::duration<double>(now - before_).count();
  std::optional<double> cores;
  if (others_before_ && seconds > 0)
    cores = static_cast<double>(others - std::min(others, *others_before_)) /
            static_cast<double>(::sysconf(_SC_CLK_TCK)) / seconds;
  others_before_ = others;
  before_ = now;
  return cores;
}

bool BusyWatch::feed(double cores, std::chrono::nanoseconds now) {
  const bool looks_busy = cores > limit_;
  if (looks_busy == busy_) {
    otherwise_since_.reset();
    return busy_;
  }
  if (!otherwise_since_) otherwise_since_ = now;
  if (now - *otherwise_since_ >= (busy_ ? kBelieveCalm : kBelieveBusy)) {
    busy_ = looks_busy;
    otherwise_since_.reset();
  }
  return busy_;
}

}  // namespace souschef::core
