// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

#include "core/rendering/run_context.hpp"

namespace souschef::core {

// Collects garbage beside a runner that has nothing to do, if the config asks for it (gc.auto): in the
// background, by the config's rules, without a word unless it fails. Gives up as soon as there is work: the
// next one goes on. One thread: the loop's.
class IdleCollection {
 public:
  explicit IdleCollection(RunContext& context);
  ~IdleCollection();
  IdleCollection(const IdleCollection&) = delete;
  IdleCollection& operator=(const IdleCollection&) = delete;

  // Once a turn of the loop.
  void look(bool idle);

 private:
  using Steady = std::chrono::steady_clock;
  struct Work {
    std::atomic<bool> cancelled{false};
    bool done = false;  // set on the loop's thread
  };
  void start();

  RunContext& context_;
  const bool wanted_;
  const std::chrono::seconds patience_;  // how long there must be nothing to do
  const std::chrono::hours pause_;       // from one to the next
  std::optional<Steady::time_point> idle_since_, last_;
  std::shared_ptr<Work> work_;
};

}  // namespace souschef::core
