// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace souschef::core {

// Threads that run many small tasks. They start with the first run() that has use for them, so that a command
// which needs none pays nothing. Thread-safe; a task may call run() again.
class WorkerPool {
 public:
  // 0: one thread per core. The caller of run() is one of them.
  explicit WorkerPool(unsigned threads = 0);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // task(0) .. task(count - 1), in any order and on any thread, this one included; returns when all have run.
  // `task` must not throw.
  void run(std::size_t count, const std::function<void(std::size_t)>& task);

  [[nodiscard]] unsigned threads() const { return threads_; }

 private:
  struct Batch;
  void start_workers();
  void work(const std::stop_token& stop);

  unsigned threads_;
  std::mutex mutex_;  // guards the members below
  std::condition_variable_any wake_;
  std::deque<std::shared_ptr<Batch>> batches_;  // with tasks that nobody has taken yet
  std::vector<std::jthread> workers_;
};

}  // namespace souschef::core
