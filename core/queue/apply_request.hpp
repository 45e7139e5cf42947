// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include <souschef/result.hpp>

#include "core/queue/queue_writer.hpp"
#include "core/queue/request.hpp"

namespace souschef::core {

struct RequestOutcome {
  std::optional<Error> refusal;  // what is said to the person; the queue is as it was
  std::string removed;           // the id of an order that is gone now
  bool for_runner = false;       // it changes nothing in the queue itself
};

// Does what a request asks for, once: where the order's journal names the request already, nothing happens.
// What it changes is on disk when this returns. Errors are those of the disk and the lease; a request that
// makes no sense is a refusal.
Result<RequestOutcome> apply_request(QueueWriter& queue, const Request& request);

}  // namespace souschef::core
