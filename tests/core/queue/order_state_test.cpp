// SPDX-License-Identifier: MIT
#include "core/queue/order_state.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

TEST(OrderState, NamesComeBack) {
  for (int i = 0; i <= static_cast<int>(OrderState::cancelled); ++i)
    EXPECT_EQ(order_state_named(name_of(static_cast<OrderState>(i))), static_cast<OrderState>(i));
  for (int i = 0; i <= static_cast<int>(OrderEvent::redo); ++i)
    EXPECT_EQ(order_event_named(name_of(static_cast<OrderEvent>(i))), static_cast<OrderEvent>(i));
}

TEST(OrderState, EachPairStandsOnceInTheTable) {
  std::set<std::pair<OrderState, OrderEvent>> seen;
  for (const OrderTransition& each : order_transitions())
    EXPECT_TRUE(seen.emplace(each.from, each.event).second);
}

TEST(OrderState, EveryStateThatIsNotOverCanBePausedAndCancelled) {
  for (int i = 0; i <= static_cast<int>(OrderState::cancelled); ++i) {
    const auto state = static_cast<OrderState>(i);
    if (is_final(state)) continue;
    EXPECT_EQ(next_state(state, OrderEvent::cancel), OrderState::cancelled) << name_of(state);
    if (state != OrderState::paused) {
      EXPECT_EQ(next_state(state, OrderEvent::pause), OrderState::paused) << name_of(state);
    }
  }
}

TEST(OrderState, EveryStateThatARunnerHoldsCanBeLetGo) {
  for (int i = 0; i <= static_cast<int>(OrderState::cancelled); ++i) {
    const auto state = static_cast<OrderState>(i);
    EXPECT_EQ(next_state(state, OrderEvent::requeue).has_value(), is_under_way(state)) << name_of(state);
  }
}

TEST(OrderState, WhatIsOverBeginsAgainWithRedo) {
  for (const auto state : {OrderState::done, OrderState::failed, OrderState::cancelled})
    EXPECT_EQ(next_state(state, OrderEvent::redo), OrderState::queued);
}

TEST(OrderState, NothingHappensToWhatIsDoneByItself) {
  for (int i = 0; i <= static_cast<int>(OrderEvent::redo); ++i) {
    const auto event = static_cast<OrderEvent>(i);
    if (event == OrderEvent::redo) continue;
    EXPECT_FALSE(next_state(OrderState::done, event)) << name_of(event);
  }
}

}  // namespace
}  // namespace souschef::core
