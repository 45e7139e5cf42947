// SPDX-License-Identifier: MIT
// Every run() is a batch with a counter from which threads draw the next index. The caller draws too, and
// waits only for indices that others are working on. So a task that calls run() itself can always finish
// alone, and there is no deadlock however deep the nesting and however few the threads.
#include "core/base/worker_pool.hpp"

#include <algorithm>
#include <atomic>

namespace souschef::core {

struct WorkerPool::Batch {
  std::size_t count;
  const std::function<void(std::size_t)>* task;  // valid while an index is out: run() waits for all of them
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  std::mutex mutex;
  std::condition_variable all_done;

  Batch(std::size_t count_in, const std::function<void(std::size_t)>& task_in)
      : count(count_in), task(&task_in) {}

  // Draws and runs until nothing is left to draw.
  void work() {
    for (std::size_t index = next++; index < count; index = next++) {
      (*task)(index);
      if (++done != count) continue;
      const std::scoped_lock lock(mutex);
      all_done.notify_all();
    }
  }
  void wait() {
    std::unique_lock lock(mutex);
    all_done.wait(lock, [&] { return done == count; });
  }
};

WorkerPool::WorkerPool(unsigned threads)
    : threads_(threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency())) {}

WorkerPool::~WorkerPool() {
  for (std::jthread& worker : workers_) worker.request_stop();
  wake_.notify_all();
}

void WorkerPool::start_workers() {
  while (workers_.size() + 1 < threads_)
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

void WorkerPool::run(std::size_t count, const std::function<void(std::size_t)>& task) {
  if (count <= 1 || threads_ == 1) {
    for (std::size_t i = 0; i < count; ++i) task(i);
    return;
  }
  const auto batch = std::make_shared<Batch>(count, task);
  {
    const std::scoped_lock lock(mutex_);
    start_workers();
    batches_.push_back(batch);
  }
  wake_.notify_all();
  batch->work();
  {
    const std::scoped_lock lock(mutex_);
    std::erase(batches_, batch);
  }
  batch->wait();
}

void WorkerPool::work(const std::stop_token& stop) {
  for (;;) {
    std::shared_ptr<Batch> batch;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [&] { return !batches_.empty(); })) return;
      batch = batches_.front();
      if (batch->next >= batch->count) {  // drained: its caller is about to remove it
        batches_.pop_front();
        continue;
      }
    }
    batch->work();
  }
}

}  // namespace souschef::core
