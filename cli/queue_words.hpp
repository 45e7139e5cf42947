// SPDX-License-Identifier: MIT
// What the commands of the queue have in common: orders as people see them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

#include "cli/invocation.hpp"
#include "core/queue/order_ledger.hpp"
#include "core/queue/order_row.hpp"
#include "core/queue/queue_folder.hpp"
#include "core/queue/request.hpp"

namespace souschef::cli {

Style style_of(core::OrderState state);
// "shots/sh010.blend", escaped.
std::string shot_of(const core::OrderRow& row);
// "12/100", with ", 2 failed" where there are some.
std::string progress_of(const core::FrameCounts& counts);
// "2026-03-01 14:05", local.
std::string minute_of(std::int64_t time_ms);
core::Json counts_json(const core::FrameCounts& counts);

// The order that a person named. Errors: not_found with a suggestion; no_production.
struct NamedOrder {
  core::QueueFolder queue;
  std::string id;
};
Result<NamedOrder> find_named_order(Invocation& invocation, std::string_view name);

// Hands in a request about an order and says what became of it: `said` where it was done at once.
Status ask_for(Invocation& invocation, const NamedOrder& order, std::string_view name, core::RequestKind kind,
               core::Json arguments, std::string_view said);

}  // namespace souschef::cli
