// SPDX-License-Identifier: MIT
#include "core/queue/order_state.hpp"

#include <array>
#include <utility>

namespace souschef::core {
namespace {

using S = OrderState;
using E = OrderEvent;

constexpr OrderTransition kTransitions[] = {
    {S::queued, E::hold, S::waiting},
    {S::queued, E::prepare, S::preparing},
    {S::queued, E::fail, S::failed},
    {S::queued, E::pause, S::paused},
    {S::queued, E::cancel, S::cancelled},

    {S::waiting, E::release, S::queued},
    {S::waiting, E::pause, S::paused},
    {S::waiting, E::cancel, S::cancelled},

    {S::preparing, E::render, S::rendering},
    {S::preparing, E::finish, S::finishing},  // nothing is left to render
    {S::preparing, E::ask, S::proof},
    {S::preparing, E::fail, S::failed},
    {S::preparing, E::requeue, S::queued},
    {S::preparing, E::pause, S::paused},
    {S::preparing, E::cancel, S::cancelled},

    {S::rendering, E::ask, S::proof},
    {S::rendering, E::finish, S::finishing},
    {S::rendering, E::fail, S::failed},
    {S::rendering, E::requeue, S::queued},
    {S::rendering, E::pause, S::paused},
    {S::rendering, E::cancel, S::cancelled},

    {S::proof, E::approve, S::queued},
    {S::proof, E::reject, S::cancelled},
    {S::proof, E::pause, S::paused},
    {S::proof, E::cancel, S::cancelled},
    {S::proof, E::redo, S::queued},

    {S::finishing, E::complete, S::done},
    {S::finishing, E::fail, S::failed},
    {S::finishing, E::requeue, S::queued},
    {S::finishing, E::pause, S::paused},
    {S::finishing, E::cancel, S::cancelled},
    {S::finishing, E::redo, S::queued},

    {S::paused, E::resume, S::queued},
    {S::paused, E::cancel, S::cancelled},

    {S::done, E::redo, S::queued},
    {S::failed, E::redo, S::queued},
    {S::failed, E::resume, S::queued},
    {S::failed, E::cancel, S::cancelled},
    {S::cancelled, E::redo, S::queued},
    {S::cancelled, E::resume, S::queued},
};

constexpr std::array<std::pair<S, std::string_view>, 10> kStates = {{{S::queued, "queued"},
                                                                     {S::waiting, "waiting"},
                                                                     {S::preparing, "preparing"},
                                                                     {S::rendering, "rendering"},
                                                                     {S::proof, "proof"},
                                                                     {S::finishing, "finishing"},
                                                                     {S::done, "done"},
                                                                     {S::paused, "paused"},
                                                                     {S::failed, "failed"},
                                                                     {S::cancelled, "cancelled"}}};

constexpr std::array<std::pair<E, std::string_view>, 15> kEvents = {{{E::hold, "hold"},
                                                                     {E::release, "release"},
                                                                     {E::prepare, "prepare"},
                                                                     {E::render, "render"},
                                                                     {E::ask, "ask"},
                                                                     {E::approve, "approve"},
                                                                     {E::reject, "reject"},
                                                                     {E::finish, "finish"},
                                                                     {E::complete, "complete"},
                                                                     {E::fail, "fail"},
                                                                     {E::requeue, "requeue"},
                                                                     {E::pause, "pause"},
                                                                     {E::resume, "resume"},
                                                                     {E::cancel, "cancel"},
                                                                     {E::redo, "redo"}}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value wanted) {
  for (const auto& [value, name] : table)
    if (value == wanted) return name;
  return "?";
}

template <class Value, class Table>
std::optional<Value> value_in(const Table& table, std::string_view wanted) {
  for (const auto& [value, name] : table)
    if (name == wanted) return value;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(OrderState state) {
  return name_in(kStates, state);
}
std::string_view name_of(OrderEvent event) {
  return name_in(kEvents, event);
}
std::optional<OrderState> order_state_named(std::string_view name) {
  return value_in<OrderState>(kStates, name);
}
std::optional<OrderEvent> order_event_named(std::string_view name) {
  return value_in<OrderEvent>(kEvents, name);
}

std::optional<OrderState> next_state(OrderState state, OrderEvent event) {
  for (const OrderTransition& each : kTransitions)
    if (each.from == state && each.event == event) return each.to;
  return std::nullopt;
}

std::span<const OrderTransition> order_transitions() {
  return kTransitions;
}

}  // namespace souschef::core
