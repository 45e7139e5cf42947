// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/event_loop.hpp"

namespace souschef::core {

// Threads for what takes long (looking at files, making checkouts, running stages), so that the loop never
// waits. A result comes back on the loop's thread. Thread-safe. The loop outlives it.
class Background {
 public:
  Background(EventLoop& loop, unsigned threads);
  // Waits for what is running; what has not begun is dropped.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // `work` on some thread, then `done` with its result on the loop's.
  template <class Work, class Done>
  void run(Work work, Done done) {
    add([this, work = std::move(work), done = std::move(done)]() mutable {
      auto result = std::make_shared<decltype(work())>(work());
      loop_.post([result, done = std::move(done)]() mutable { done(std::move(*result)); });
    });
  }

 private:
  void add(std::function<void()> task);
  void work(const std::stop_token& stop);

  EventLoop& loop_;
  std::mutex mutex_;  // guards tasks_
  std::condition_variable_any wake_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::jthread> threads_;
};

}  // namespace souschef::core
