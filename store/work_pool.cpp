// SPDX-License-Identifier: MIT
// Two kinds of tasks share the threads. A *long* task reads a file and cuts it into slabs of 4 MiB; for each
// it submits *short* tasks that hash, compare, compress and append, and let the slab go. Memory is bounded by
// the number of slabs: who needs one while all are taken works on short tasks, and sleeps only if there are
// none.
//
// Why this cannot come to a stand: a slab is held by a long task that fills it (at most one a thread, and
// there are more slabs than threads) or waits in a short task. Short tasks never wait for slabs or for each
// other, and whoever waits for a slab runs them. So while all threads wait, no short task is left, hence no
// slab is held by one, hence one is free.
//
// A thread prefers short tasks: they give memory back.
#include "store/work_pool.hpp"

#include <algorithm>
#include <utility>

namespace souschef::store {

namespace {

constexpr std::size_t kSpareSlabs = 6;

}  // namespace

WorkPool::WorkPool(unsigned threads) : slabs_not_made_(std::max(threads, 1U) + kSpareSlabs) {
  for (unsigned i = 0; i < std::max(threads, 1U); ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

WorkPool::~WorkPool() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void WorkPool::submit_long(Task task) {
  const std::lock_guard lock(mutex_);
  long_.push_back(std::move(task));
  changed_.notify_all();  // one alone might be somebody who waits for a slab
}

void WorkPool::submit_short(Task task) {
  const std::lock_guard lock(mutex_);
  short_.push_back(std::move(task));
  changed_.notify_one();
}

bool WorkPool::run_short(std::unique_lock<std::mutex>& lock) {
  if (short_.empty()) return false;
  {
    const Task task = std::exchange(short_.front(), {});
    short_.pop_front();
    lock.unlock();
    task();
  }  // what the task held is given back before the lock is taken again
  lock.lock();
  return true;
}

void WorkPool::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (run_short(lock)) continue;
    if (!long_.empty()) {
      {
        const Task task = std::exchange(long_.front(), {});
        long_.pop_front();
        lock.unlock();
        task();
      }
      lock.lock();
      continue;
    }
    if (!changed_.wait(lock, stop, [this] { return !short_.empty() || !long_.empty(); })) return;
  }
}

std::shared_ptr<Slab> WorkPool::take_slab() {
  std::unique_lock lock(mutex_);
  for (;;) {
    std::unique_ptr<Slab> slab;
    if (!free_slabs_.empty()) {
      slab = std::move(free_slabs_.back());
      free_slabs_.pop_back();
    } else if (slabs_not_made_ > 0) {
      --slabs_not_made_;
      lock.unlock();
      slab = std::make_unique<Slab>();
      slab->data.resize(kSlabBytes);
    }
    if (slab != nullptr) {
      slab->used = 0;
      return {slab.release(), [this](Slab* back) { give_back(back); }};
    }
    if (run_short(lock)) continue;
    changed_.wait(lock, [this] { return !short_.empty() || !free_slabs_.empty(); });
  }
}

void WorkPool::give_back(Slab* slab) {
  const std::lock_guard lock(mutex_);
  free_slabs_.emplace_back(slab);
  changed_.notify_all();
}

void WorkPool::work_until(const std::function<bool()>& done) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const std::uint64_t pokes = pokes_;
    lock.unlock();
    const bool finished = done();
    lock.lock();
    if (finished) return;
    if (run_short(lock)) continue;
    changed_.wait(lock, [&] { return !short_.empty() || pokes_ != pokes; });
  }
}

void WorkPool::poke() {
  const std::lock_guard lock(mutex_);
  ++pokes_;
  changed_.notify_all();
}

void Strand::run(WorkPool::Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    if (std::exchange(running_, true)) return;
  }
  pool_.submit_short([this] { drain(); });
}

// One task a turn: others of the pool get theirs in between.
void Strand::drain() {
  WorkPool::Task task;
  {
    const std::lock_guard lock(mutex_);
    task = std::exchange(tasks_.front(), {});
  }
  task();
  task = {};
  WorkPool& pool = pool_;  // this object may go as soon as it is idle
  {
    const std::lock_guard lock(mutex_);
    tasks_.pop_front();
    running_ = !tasks_.empty();
    if (running_) return pool.submit_short([this] { drain(); });
  }
  pool.poke();
}

void Strand::wait() {
  pool_.work_until([this] {
    const std::lock_guard lock(mutex_);
    return !running_;
  });
}

WorkPool::Task TaskGroup::counted(WorkPool::Task task) {
  {
    const std::lock_guard lock(mutex_);
    ++open_;
  }
  return [this, task = std::move(task)]() mutable {
    task();
    task = {};  // what it holds goes before the group may end
    const std::lock_guard lock(mutex_);
    if (--open_ == 0) done_.notify_all();
  };
}

void TaskGroup::run_long(WorkPool::Task task) {
  pool_.submit_long(counted(std::move(task)));
}
void TaskGroup::run_short(WorkPool::Task task) {
  pool_.submit_short(counted(std::move(task)));
}

void TaskGroup::wait() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return open_ == 0; });
}

bool TaskGroup::wait_for(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return done_.wait_for(lock, timeout, [this] { return open_ == 0; });
}

}  // namespace souschef::store
