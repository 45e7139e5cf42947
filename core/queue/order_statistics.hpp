// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/queue/order.hpp"
#include "core/queue/order_ledger.hpp"
#include "core/queue/queue_folder.hpp"

namespace souschef::core {

// How long the frames took; in milliseconds.
struct FrameTimes {
  std::size_t frames = 0;
  std::uint32_t shortest = 0, longest = 0, median = 0, ninetieth = 0;
  double mean = 0;
};
FrameTimes frame_times(const OrderLedger& ledger);

// How much longer an order will take, with a range: from what its frames have taken so far. Nothing before
// two are done.
struct TimeLeft {
  std::int64_t ms = 0, least_ms = 0, most_ms = 0;
};
std::optional<TimeLeft> time_left(const OrderLedger& ledger, unsigned slots);

// Adds a line about an order to queue/statistics.jsonl, which stays when the order goes.
// docs/format/queue.md.
Status keep_statistics(const QueueFolder& queue, const Order& order, const OrderLedger& ledger,
                       std::int64_t now_ms);

}  // namespace souschef::core
