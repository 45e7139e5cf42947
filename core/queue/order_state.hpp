// SPDX-License-Identifier: MIT
// What an order can be and what can happen to it: every transition stands in the one table of
// order_state.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace souschef::core {

// The words stand in journals and JSON; a value once released keeps its word.
enum class OrderState : std::uint8_t {
  queued,
  waiting,    // for another order
  preparing,  // the checkout is made
  rendering,
  proof,      // some frames are done; a person is asked
  finishing,  // all frames are done; stages run
  done,
  paused,
  failed,  // some frames, a stage or the whole order; redo begins again
  cancelled
};

enum class OrderEvent : std::uint8_t {
  hold,     // an order that it comes after is not done
  release,  // they all are
  prepare,  // the runner begins with it
  render,   // the checkout is there, the first worker starts
  ask,      // the proof frames are done
  approve,
  reject,
  finish,    // every frame is done or skipped
  complete,  // every stage is done
  fail,
  requeue,  // the runner let go of it: it ended, or something more urgent came
  pause,
  resume,
  cancel,
  redo
};

std::string_view name_of(OrderState state);
std::string_view name_of(OrderEvent event);
std::optional<OrderState> order_state_named(std::string_view name);
std::optional<OrderEvent> order_event_named(std::string_view name);

// Nothing where the event means nothing in this state.
std::optional<OrderState> next_state(OrderState state, OrderEvent event);

// Nothing more will happen to it by itself.
[[nodiscard]] constexpr bool is_final(OrderState state) {
  return state == OrderState::done || state == OrderState::failed || state == OrderState::cancelled;
}
// The runner holds it: a checkout, workers or stages are under way.
[[nodiscard]] constexpr bool is_under_way(OrderState state) {
  return state == OrderState::preparing || state == OrderState::rendering || state == OrderState::finishing;
}

struct OrderTransition {
  OrderState from;
  OrderEvent event;
  OrderState to;
};
std::span<const OrderTransition> order_transitions();

}  // namespace souschef::core
