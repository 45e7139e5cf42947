// SPDX-License-Identifier: MIT
#include "core/base/process_starter.hpp"

namespace souschef::core {

ProcessStarter::~ProcessStarter() {
  thread_.request_stop();
  wake_.notify_all();
}

Result<std::unique_ptr<Process>> ProcessStarter::start(ProcessOptions options) {
  Task task([&options] { return Process::start(options); });
  auto started = task.get_future();
  {
    const std::scoped_lock lock(mutex_);
    if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
    tasks_.push_back(std::move(task));
  }
  wake_.notify_all();
  return started.get();
}

void ProcessStarter::work(const std::stop_token& stop) {
  for (;;) {
    std::unique_lock lock(mutex_);
    if (!wake_.wait(lock, stop, [&] { return !tasks_.empty(); })) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
  }
}

}  // namespace souschef::core
