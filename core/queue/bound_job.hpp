// SPDX-License-Identifier: MIT
// The job that an order with late inputs renders: the one that was banked, with the files that other orders
// have written since. `bound.json` in the order's folder (docs/format/order.md), written once.
#pragma once

#include <optional>
#include <string_view>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/queue/queue_folder.hpp"

namespace souschef::core {

// Nothing where it is not bound yet. Errors: corrupt, io.
Result<std::optional<JobId>> bound_job(const QueueFolder& queue, std::string_view order_id);

// For the holder of the queue. Where two say it, the first one counts: it is what this returns. On disk when
// this returns.
Result<JobId> keep_bound_job(const QueueFolder& queue, std::string_view order_id, JobId job);

}  // namespace souschef::core
