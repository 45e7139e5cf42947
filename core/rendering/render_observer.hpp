// SPDX-License-Identifier: MIT
// What a runner says while it works, for whoever shows it. Facts only: nothing is decided here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <souschef/error.hpp>

#include "core/queue/order.hpp"
#include "core/queue/order_ledger.hpp"
#include "core/queue/request.hpp"

namespace souschef::core {

// An order as it is at the moment of a call; the references hold until the call returns. How long it will
// still take: time_left(ledger, slots) of core/queue/order_statistics.
struct OrderNow {
  const Order& order;
  const OrderLedger& ledger;
  unsigned slots = 0;  // that render it now
};

// One attempt at one frame.
struct AttemptNow {
  OrderNow of;
  std::int32_t frame = 0;
  std::uint32_t attempt = 0;
  std::string_view slot;
  double seconds = 0;  // since it began
};

inline constexpr std::string_view kQueueEmpty = "the queue is empty";

// Called on the thread that called render(), between two turns of its loop: a call that takes long keeps
// frames from being handed out. Override what is wanted.
class RenderObserver {
 public:
  virtual ~RenderObserver() = default;

  // The queue is ours, the slots are ready.
  virtual void started(std::size_t /*slots*/) {}
  // Only with watch: the queue is not ours any more, nothing is under way here. render() stands by from here;
  // started() comes again when it has taken the queue back. `why`: "somebody took over as number 7".
  virtual void overtaken(std::string_view /*why*/) {}
  // Nothing can be done at the moment; `why`: "the queue is empty" (only with watch), "until mo 19:00".
  virtual void waiting(std::string_view /*why*/) {}
  // A request was applied, or refused with an error.
  virtual void request_applied(const Request& /*request*/, const Error* /*refusal*/) {}

  virtual void order_started(const OrderNow& /*order*/) {}  // also when it goes on after an interruption
  // The checkout of the job's files; bytes.
  virtual void order_preparing(const OrderNow& /*order*/, std::uint64_t /*done*/, std::uint64_t /*total*/) {}
  // A renderer has opened the scene on a slot. The ledger's opened() and root() say where the frames go.
  virtual void order_opened(const OrderNow& /*order*/, std::string_view /*slot*/) {}
  // It is not worked on any more: done, failed, cancelled, paused, or queued again. ledger.why() says why.
  virtual void order_ended(const OrderNow& /*order*/) {}

  virtual void frame_started(const AttemptNow& /*attempt*/) {}
  // Its renderer stands still and keeps its memory; `why`: "fisk is paused", "until mo 19:00".
  virtual void frame_suspended(const AttemptNow& /*attempt*/, std::string_view /*why*/) {}
  virtual void frame_resumed(const AttemptNow& /*attempt*/) {}
  // `fraction`: 0 to 1, or negative where it is not known.
  virtual void frame_progress(const AttemptNow& /*attempt*/, double /*fraction*/, std::string_view /*text*/) {
  }
  // Verified and in its place; the ledger has its files, flags and time.
  virtual void frame_done(const AttemptNow& /*attempt*/) {}
  // `final`: it is not tried again. `log`: the file with what the renderer printed.
  virtual void frame_failed(const AttemptNow& /*attempt*/, std::string_view /*why*/, bool /*final*/,
                            std::string_view /*log*/) {}

  virtual void stage_started(const OrderNow& /*order*/, std::string_view /*stage*/) {}
  virtual void stage_progress(const OrderNow& /*order*/, std::string_view /*stage*/, double /*fraction*/,
                              std::string_view /*text*/) {}
  virtual void stage_ended(const OrderNow& /*order*/, const StageRecord& /*stage*/) {}

  // A slot's device has gone while the runner was at work; nothing is begun on it until it is enabled again.
  virtual void slot_lost(std::string_view /*slot*/, std::string_view /*why*/) {}

  // Something that a person should know and that stops nothing.
  virtual void warning(const Error& /*warning*/) {}
};

}  // namespace souschef::core
