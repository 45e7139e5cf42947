// SPDX-License-Identifier: MIT
// One slot at work: at most one renderer process, which renders one frame at a time for one order.
//
//   empty -> opening -> ready <-> rendering     a worker is started, opens the scene, renders frame by frame
//     ^                   |
//     +---- ending <------+                     asked to end, or killed; then the slot is free again
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/rendering/order_run.hpp"
#include "core/rendering/render_log.hpp"
#include "core/rendering/retry_policy.hpp"
#include "core/rendering/run_context.hpp"
#include "core/rendering/worker_link.hpp"
#include "core/slots/device_lock.hpp"
#include "core/slots/slot.hpp"

namespace souschef::core {

// On the loop's thread.
class SlotRun {
 public:
  enum class State { empty, opening, ready, rendering, ending };

  // `changed` is called, from the loop, whenever the slot may be able to take a frame.
  SlotRun(RunContext& context, Slot slot, std::function<void()> changed);
  ~SlotRun();
  SlotRun(const SlotRun&) = delete;
  SlotRun& operator=(const SlotRun&) = delete;

  [[nodiscard]] const Slot& slot() const { return slot_; }
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] OrderRun* order() const { return run_; }  // null: none
  [[nodiscard]] const Attempt* attempt() const { return attempt_.get(); }
  [[nodiscard]] const WorkerLink* worker() const { return worker_.get(); }
  [[nodiscard]] bool free() const;
  // A slot that is disabled lets its worker go after the frame and takes no other.
  void enable(bool enabled);
  [[nodiscard]] bool enabled() const { return enabled_; }
  // Its device worked in this run and is gone from the machine: nothing is begun here until it is enabled.
  [[nodiscard]] bool lost() const { return lost_; }

  // For a free slot: renders the order's next frame, after having started a renderer for it if need be.
  void work_on(OrderRun& run);
  // Lets the worker go, after its frame.
  void release();
  // Gives up whatever is under way; `why` goes into the journal.
  void stop(const std::string& why);
  // Stops the renderer's processes where they stand, and lets them go on: the frame loses nothing, watchdogs
  // and its time do not count the pause. What is not at work is left alone. Memory stays taken, the card's
  // too: after RenderLimits::suspend_release the frame is given up.
  void suspend(std::string_view why);
  void resume();
  [[nodiscard]] bool suspended() const { return worker_ != nullptr && worker_->process().suspended(); }
  // Some times a second: watchdogs, log.
  void tick();

 private:
  bool take_device();
  void start_worker(OrderRun& run);
  void next_frame();
  void quit();
  void leave();
  void handle(const Json& event);
  void opened(const Json& event);
  void rendered(const Json& event);
  void not_taken();
  void failed(const Json& event);
  void refused(const Json& event);
  void ended(const ProcessEnd& end);
  void print(std::string_view line);
  void kill(Failure reason);
  void count_failure();
  void look_for_device(std::string why);
  void device_looked_for(bool is_there);
  [[nodiscard]] bool is_gravely_marked() const;
  [[nodiscard]] std::optional<Failure> out_of_memory() const;
  void watch_for_stall();
  void watch_for_release();
  [[nodiscard]] bool is_about_attempt(const Json& event) const;
  [[nodiscard]] Failure failure_of(std::string what) const;
  [[nodiscard]] std::string beyond_cap() const;

  RunContext& context_;
  Slot slot_;
  std::function<void()> changed_;
  State state_ = State::empty;
  OrderRun* run_ = nullptr;
  std::unique_ptr<WorkerLink> worker_;
  std::unique_ptr<Attempt> attempt_;
  std::unique_ptr<LogJudge> judge_;
  std::optional<DeviceLock> device_;  // while there is a worker
  std::chrono::steady_clock::time_point ask_device_at_;
  bool told_busy_ = false;
  bool enabled_ = true;
  RenderLog log_;
  Json hello_;
  std::optional<std::int32_t> last_frame_;  // of this worker
  std::string bug_;                         // what the worker said of its own failure
  std::optional<Failure> reason_;           // why we have killed it
  std::filesystem::path run_folder_;
  bool release_ = false;

  // Whether its device is still there is asked of the machine, elsewhere.
  bool proved_ = false;  // it has opened a scene in this run
  bool lost_ = false;
  unsigned failures_ = 0;                // in a row
  std::optional<std::string> question_;  // why it is asked; while it is, the slot stays with its order
  bool refused_ = false;                 // ...which the renderer has refused
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  // For the stall watchdog: since when nothing has been computed.
  std::chrono::milliseconds cpu_time_{0};
  std::chrono::steady_clock::time_point cpu_since_;
  std::chrono::steady_clock::time_point suspended_since_;
};

}  // namespace souschef::core
