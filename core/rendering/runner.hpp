// SPDX-License-Identifier: MIT
// The loop under render(): requests in, frames out to the slots.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/queue/request_bell.hpp"
#include "core/rendering/idle_collection.hpp"
#include "core/rendering/order_run.hpp"
#include "core/rendering/render_schedule.hpp"
#include "core/rendering/run_context.hpp"
#include "core/rendering/slot_run.hpp"

namespace souschef::core {

// One thread: the one that calls work().
class Runner {
 public:
  // `orders`: the ids that count; empty: all. Everything is borrowed.
  Runner(RunContext& context, const RenderOptions& options, RenderSchedule schedule,
         std::set<std::string> orders, std::vector<Slot> slots);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Until nothing is left, or the options say stop.
  RenderEnd work();
  // Gives back what is not done; nothing is under way any more when this returns.
  void wind_up();

 private:
  void apply_requests();
  void switch_slot(const Request& request);
  void handle_removed(const std::vector<std::string>& ids);
  void list_candidates();
  void let_go(const std::string& id);
  void hold_and_release(const OrderRow& row);
  void look_after_proof(const OrderRow& row);
  void give_out_frames();
  OrderRun* choose(const SlotRun& slot);
  OrderRun* begin(const std::string& id);
  OrderRun* find(const std::string& id);
  void drop_finished();
  void suspend_and_resume();
  void give_up_suspended(const std::string& why);
  void make_way();
  void tick();
  [[nodiscard]] unsigned slots_opening(const OrderRun& run) const;
  [[nodiscard]] bool counts(const std::string& id) const { return orders_.empty() || orders_.contains(id); }
  [[nodiscard]] bool anything_under_way() const;
  [[nodiscard]] bool nothing_in_flight() const;
  [[nodiscard]] bool all_slots_lost() const;
  [[nodiscard]] bool nothing_left() const { return candidates_.empty() && !anything_under_way(); }
  StopWish stop_wish();

  RunContext& context_;
  const RenderOptions& options_;
  RenderSchedule schedule_;
  RequestBell bell_;
  std::set<std::string> orders_;
  std::map<std::string, std::unique_ptr<OrderRun>> runs_;
  std::vector<std::unique_ptr<SlotRun>> slots_;      // before the runs: they use them
  std::map<std::string, std::int64_t> proof_until_;  // by id, ms since 1970
  std::vector<std::string> candidates_;              // ids, in the order in which they are worked on
  std::chrono::steady_clock::time_point started_, last_requests_, last_tick_;
  StopWish asked_ = StopWish::none;  // by a request
  IdleCollection idle_collection_;
};

}  // namespace souschef::core
