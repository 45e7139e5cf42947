// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <thread>

#include <souschef/result.hpp>

#include "core/base/process.hpp"

namespace souschef::core {

// Starts children on one thread of its own, since the kernel ends a child with the thread that started it and
// callers come from threads that end before it. The thread begins with the first start. Thread-safe; outlives
// the children.
class ProcessStarter {
 public:
  ProcessStarter() = default;
  ~ProcessStarter();
  ProcessStarter(const ProcessStarter&) = delete;
  ProcessStarter& operator=(const ProcessStarter&) = delete;

  Result<std::unique_ptr<Process>> start(ProcessOptions options);

 private:
  using Task = std::packaged_task<Result<std::unique_ptr<Process>>()>;
  void work(const std::stop_token& stop);

  std::mutex mutex_;  // guards the members below
  std::condition_variable_any wake_;
  std::deque<Task> tasks_;
  std::jthread thread_;
};

}  // namespace souschef::core
