// SPDX-License-Identifier: MIT
// One order in the runner's hands: from its checkout to its last stage. It decides which frame comes next and
// what an attempt was worth; slots (core/rendering/slot_run) do the rendering. The .cpp says in which order
// things are written.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/rendering/live_sources.hpp"
#include "core/rendering/renderer.hpp"
#include "core/rendering/run_context.hpp"
#include "core/rendering/run_stages.hpp"
#include "core/slots/slot.hpp"
#include "core/verification/frame_check.hpp"

namespace souschef::core {

// One try at one frame, from hand-out to the last word about it.
struct Attempt {
  std::int32_t frame = 0;
  std::int32_t last = 0;  // another frame than `frame` only where a movie is rendered in one piece
  std::uint32_t number = 0;
  std::string slot;
  std::filesystem::path staging;
  OutputPlan plan;
  std::chrono::steady_clock::time_point began;
  std::uint32_t mib = 0;    // peak memory, once it is rendered
  std::uint32_t flags = 0;  // FrameFlag, of its log
  bool alone = false;       // nothing else may render meanwhile
  std::filesystem::path log;
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  }
};

// Why an attempt, or a worker, came to nothing.
struct Failure {
  FailureClass failure = FailureClass::retry;
  std::string why;
  bool counted = true;  // false: nobody's fault, it costs the frame no try
};

// On the loop's thread. While something is under way for it (busy()), it must not be destroyed.
class OrderRun {
 public:
  enum class Phase {
    preparing,  // what earlier runs have left is looked at, the checkout is made
    rendering,
    suspended,  // paused in the middle of frames, which keep what they have
    finishing,  // every frame is done: they are brought to disk, then the stages run
    over        // its state in the ledger says how it ended
  };

  OrderRun(RunContext& context, OpenOrder& order);
  ~OrderRun();
  OrderRun(const OrderRun&) = delete;
  OrderRun& operator=(const OrderRun&) = delete;

  // Journals that it is begun with, and starts preparing. It may be over when this returns.
  void begin();

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const Order& order() const { return order_->order; }
  [[nodiscard]] const OrderLedger& ledger() const { return order_->ledger; }
  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] OrderNow now() const { return {order(), ledger(), slots_}; }
  [[nodiscard]] AttemptNow now(const Attempt& attempt) const {
    return {now(), attempt.frame, attempt.number, attempt.slot, attempt.seconds()};
  }
  // Attempts that are handed out, looked at, or moved to their places.
  [[nodiscard]] bool frames_in_flight() const { return in_flight_ > 0; }
  [[nodiscard]] bool busy() const { return slots_ > 0 || in_flight_ > 0 || jobs_ > 0; }
  // A frame could be handed out, with the slots that are about to open the scene counted.
  [[nodiscard]] bool has_frames(unsigned slots_coming) const;

  // --- for slots
  void join() { ++slots_; }
  void leave();
  [[nodiscard]] const Renderer& renderer() const { return *renderer_; }
  [[nodiscard]] const std::filesystem::path& entry() const { return entry_; }
  [[nodiscard]] Result<std::string> open_line(const Slot& slot) const;
  // A worker has opened the scene.
  void scene_opened(const Slot& slot, Json facts);
  // Of a simulation that is not baked: a worker that has rendered `last_frame` cannot go back to the next
  // one.
  [[nodiscard]] bool needs_fresh_worker(std::optional<std::int32_t> last_frame) const;
  // One worker at a time: it plays a simulation, or writes a movie in one piece.
  [[nodiscard]] bool one_slot_only() const { return order().unbaked || order().settings.as_movie; }
  // The next frame, or null: none is left for now, or the order is over.
  std::unique_ptr<Attempt> begin_attempt(const Slot& slot);
  void attempt_rendered(std::unique_ptr<Attempt> attempt);
  void attempt_failed(std::unique_ptr<Attempt> attempt, const Failure& failure);
  // A worker came to nothing before it had a frame.
  void worker_failed(const Slot& slot, const Failure& failure);
  // The renderer says that this order cannot be rendered like this.
  void fail(std::string why);

  // --- for the runner
  // A request has changed the journal.
  void requests_came();
  // It was paused with --now: its frames are not finished but kept as they are, until it is resumed, which
  // requests_came() sees, or until they are lost.
  void suspend();
  // Nothing that is suspended is left.
  void end_suspension();
  // Lets go of it: what is not done goes back into the queue.
  void requeue(std::string_view why);
  // The order is gone from the queue, this object is all that is left of it.
  void order_removed();
  [[nodiscard]] bool removed() const { return order_ == nullptr; }
  [[nodiscard]] bool killed() const { return killed_; }  // attempts are to be given up

 private:
  struct Past;

  bool relocate();
  void prepare();
  void take_in(const Past& past);
  void make_tree();
  void watch_sources(const std::filesystem::path& entry);
  void look_at_sources();
  void tree_made(std::filesystem::path entry);
  void list_frames();
  [[nodiscard]] std::vector<std::int32_t> wanted_frames() const;
  [[nodiscard]] bool in_one_piece() const;
  void take_frame(Attempt& attempt, bool alone);
  void again(std::int32_t frame);
  bool skip(const Attempt& attempt);
  bool record_rest_of_movie(const Attempt& attempt);
  void end();

  [[nodiscard]] Result<OutputPlan> plan_for(std::int32_t frame) const;
  [[nodiscard]] bool keeps_existing(const OutputPlan& plan) const;
  bool has_space();
  [[nodiscard]] bool is_current(const Attempt& attempt) const;
  void attempt_checked(const std::shared_ptr<Attempt>& attempt, Result<CheckedFrame> checked);
  void unrecorded(const Attempt& attempt);
  void attempt_placed(const std::shared_ptr<Attempt>& attempt, const Status& placed);
  void give_up(const Attempt& attempt, const Failure& failure);
  void discard(const Attempt& attempt);
  void tidy_staging();
  void go_on();
  void finish_if_complete();
  void settle();
  void run_stages();
  void complete();
  void run_stage_named(const std::string& name);
  std::function<Result<std::filesystem::path>()> entry_for_stages();
  [[nodiscard]] bool is_another_renderer() const;
  [[nodiscard]] std::string renderer_stamp() const;
  void tell_of_doubts() const;
  void stage_ended(const std::string& name, std::uint32_t attempt, Result<StageOutcome> outcome,
                   std::chrono::milliseconds took);

  // Work on another thread whose result comes back here; keeps this object busy.
  template <class Work, class Then>
  void in_background(Work work, Then then);

  RunContext& context_;
  OpenOrder* order_;  // null once it was removed
  std::string id_;
  Phase phase_ = Phase::preparing;
  std::unique_ptr<Renderer> renderer_;
  std::shared_ptr<LiveSources> live_;  // of a live order
  std::filesystem::path entry_;
  std::filesystem::path root_;     // where attempts have been staged; empty: nowhere
  Json facts_;                     // of the scene as the last worker opened it
  std::deque<std::int32_t> todo_;  // to be handed out, in this order
  std::set<std::int32_t> alone_;   // of these: only while nothing else renders
  unsigned slots_ = 0;             // that have joined
  unsigned in_flight_ = 0;         // attempts without a last word
  unsigned jobs_ = 0;              // on other threads
  unsigned start_failures_ = 0;
  std::map<std::string, std::string> failed_stages_;  // given up by this run, and why
  bool killed_ = false;
  bool low_space_ = false;  // and a person has been told
  std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace souschef::core
