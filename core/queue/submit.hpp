// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include <souschef/result.hpp>

#include "core/queue/queue_writer.hpp"
#include "core/queue/request.hpp"

namespace souschef::core {

// What became of a request that a command has handed in.
struct Submission {
  bool applied = false;  // false: a runner that holds the queue will do it in a moment
  std::string holder;    // where not applied: who holds the queue, for people; may be empty
};

// Hands a request in. Where nobody holds the queue it is applied at once; where a runner does, this waits a
// moment for it to take the request, and goes on without an answer after that: the request is on disk.
// Errors: what the request was refused with; no_space, denied, io.
Result<Submission> submit(const QueueFolder& queue, const Request& request);

}  // namespace souschef::core
