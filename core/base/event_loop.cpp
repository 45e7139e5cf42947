// SPDX-License-Identifier: MIT
#include "core/base/event_loop.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace souschef::core {

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
  std::unique_ptr<EventLoop> loop(new EventLoop);
  loop->wake_fd_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!loop->wake_fd_) return Error(ErrorCode::io, "cannot make an eventfd", std::strerror(errno));
  return loop;
}

void EventLoop::watch(int fd, Ready ready, Function function) {
  watched_[{fd, ready}] = std::make_shared<Function>(std::move(function));
}

void EventLoop::unwatch(int fd, Ready ready) {
  watched_.erase({fd, ready});
}

void EventLoop::unwatch(int fd) {
  unwatch(fd, Ready::readable);
  unwatch(fd, Ready::writable);
}

EventLoop::Timer EventLoop::after(std::chrono::milliseconds time, Function function) {
  timers_.emplace(std::pair(Clock::now() + time, ++last_timer_), std::move(function));
  return last_timer_;
}

void EventLoop::cancel(Timer timer) {
  std::erase_if(timers_, [&](const auto& each) { return each.first.second == timer; });
}

void EventLoop::post(Function function) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(function));
  }
  wake();
}

void EventLoop::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_fd_.get(), &one, sizeof one);
}

int EventLoop::patience(std::chrono::milliseconds longest) const {
  auto time = longest;
  if (!timers_.empty()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first.first - Clock::now());
    time = std::clamp(left, std::chrono::milliseconds(0), longest);
  }
  return static_cast<int>(time.count());
}

void EventLoop::turn(std::chrono::milliseconds longest) {
  std::vector<pollfd> fds = {{wake_fd_.get(), POLLIN, 0}};
  std::vector<std::pair<int, Ready>> keys;
  for (const auto& [key, function] : watched_) {
    fds.push_back({key.first, static_cast<short>(key.second == Ready::readable ? POLLIN : POLLOUT), 0});
    keys.push_back(key);
  }
  if (::poll(fds.data(), fds.size(), patience(longest)) > 0) {
    std::uint64_t count = 0;
    if (fds[0].revents != 0) {
      [[maybe_unused]] const ssize_t got = ::read(wake_fd_.get(), &count, sizeof count);
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (fds[i + 1].revents == 0) continue;
      // What was called before may have taken this one out.
      const auto found = watched_.find(keys[i]);
      if (found == watched_.end()) continue;
      const auto function = found->second;
      (*function)();
    }
  }
  run_posted();
  run_due();
}

void EventLoop::run_posted() {
  std::vector<Function> now;
  {
    const std::lock_guard lock(mutex_);
    now.swap(posted_);
  }
  for (const Function& function : now) function();
}

void EventLoop::run_due() {
  const auto now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    const Function function = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    function();
  }
}

}  // namespace souschef::core
