// SPDX-License-Identifier: MIT
#include "core/base/background.hpp"

namespace souschef::core {

Background::Background(EventLoop& loop, unsigned threads) : loop_(loop) {
  for (unsigned i = 0; i < threads; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

Background::~Background() {
  for (std::jthread& thread : threads_) thread.request_stop();
  wake_.notify_all();
}

void Background::add(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
}

void Background::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !tasks_.empty(); })) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace souschef::core
