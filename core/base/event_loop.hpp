// SPDX-License-Identifier: MIT
// One thread that waits for everything at once: descriptors, times, and what other threads hand over.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/file_descriptor.hpp"

namespace souschef::core {

// Everything is called on the thread that turns the loop. Only post() and wake() may be called from others
// (and from signal handlers: wake()).
class EventLoop {
 public:
  using Function = std::function<void()>;
  enum class Ready { readable, writable };

  static Result<std::unique_ptr<EventLoop>> create();

  // Calls `function` whenever `fd` is ready (or closed). One of each kind a descriptor; again replaces.
  void watch(int fd, Ready ready, Function function);
  void unwatch(int fd, Ready ready);
  void unwatch(int fd);

  // Calls once, after so long.
  using Timer = std::uint64_t;
  Timer after(std::chrono::milliseconds time, Function function);
  void cancel(Timer timer);

  void post(Function function);
  void wake() const;

  // Waits for at most so long, then calls what is due.
  void turn(std::chrono::milliseconds longest);

 private:
  using Clock = std::chrono::steady_clock;
  EventLoop() = default;
  void run_posted();
  void run_due();
  [[nodiscard]] int patience(std::chrono::milliseconds longest) const;

  FileDescriptor wake_fd_;
  std::map<std::pair<int, Ready>, std::shared_ptr<Function>> watched_;
  std::map<std::pair<Clock::time_point, Timer>, Function> timers_;
  Timer last_timer_ = 0;
  std::mutex mutex_;  // guards posted_
  std::vector<Function> posted_;
};

}  // namespace souschef::core
