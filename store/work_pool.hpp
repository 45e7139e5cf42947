// SPDX-License-Identifier: MIT
// Threads for the pipelines of this room, and the memory that flows through them. The .cpp says why nothing
// here can wait for itself.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/bytes.hpp"

namespace souschef::store {

// A buffer of the pool's, given back when the last owner lets go.
struct Slab {
  Bytes data;            // kSlabBytes
  std::size_t used = 0;  // filled so far
};
inline constexpr std::size_t kSlabBytes = 4U << 20;

// Thread-safe. Every group of tasks ends before the pool does.
class WorkPool {
 public:
  using Task = std::function<void()>;

  explicit WorkPool(unsigned threads);
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  [[nodiscard]] unsigned threads() const { return static_cast<unsigned>(threads_.size()); }

  // A long task feeds short ones: it may take slabs and wait. A short task never waits for another.
  void submit_long(Task task);
  void submit_short(Task task);

  // A buffer; waits while all are in use, and works on short tasks meanwhile.
  std::shared_ptr<Slab> take_slab();
  // Waits for something that short tasks bring about, and works on them meanwhile. `done` is asked after
  // each, and after every poke(). From a long task or from outside the pool.
  void work_until(const std::function<bool()>& done);
  void poke();

 private:
  friend class TaskGroup;
  void work(const std::stop_token& stop);
  bool run_short(std::unique_lock<std::mutex>& lock);
  void give_back(Slab* slab);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> long_, short_;
  std::vector<std::unique_ptr<Slab>> free_slabs_;
  std::size_t slabs_not_made_;
  std::uint64_t pokes_ = 0;
  std::vector<std::jthread> threads_;  // last: they end first
};

// Runs tasks one after the other, in order, as short tasks of the pool. Thread-safe. Outlives its tasks.
class Strand {
 public:
  explicit Strand(WorkPool& pool) : pool_(pool) {}
  void run(WorkPool::Task task);
  // Everything given so far is done. As WorkPool::work_until.
  void wait();

 private:
  void drain();

  WorkPool& pool_;
  std::mutex mutex_;
  std::deque<WorkPool::Task> tasks_;
  bool running_ = false;
};

// Counts tasks, so that somebody outside the pool can wait until all of a kind are done. Tasks may add tasks.
class TaskGroup {
 public:
  explicit TaskGroup(WorkPool& pool) : pool_(pool) {}
  ~TaskGroup() { wait(); }
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void run_long(WorkPool::Task task);
  void run_short(WorkPool::Task task);
  // Not from a task of the pool.
  void wait();
  // The same, but comes up for air: false after `timeout` if there is work left.
  bool wait_for(std::chrono::milliseconds timeout);

 private:
  WorkPool::Task counted(WorkPool::Task task);

  WorkPool& pool_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t open_ = 0;
};

}  // namespace souschef::store
