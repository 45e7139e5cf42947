// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <souschef/result.hpp>

#include "core/queue/queue_folder.hpp"

namespace souschef::core {

// Who holds the queue, for people. On another machine it may be gone since: only time would show.
struct QueueHolder {
  std::string host;
  std::int64_t pid = 0;
  std::string purpose;  // "souschef render"
};
// Nothing where nobody does. Errors: io, denied.
Result<std::optional<QueueHolder>> queue_holder(const QueueFolder& queue);

}  // namespace souschef::core
