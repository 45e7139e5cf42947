// SPDX-License-Identifier: MIT
#pragma once

#include <souschef/result.hpp>

#include "core/queue/queue_folder.hpp"

namespace souschef::core {

// Who has started processes for this queue, so that whoever takes it over on this machine can end what a
// kill -9 has left: queue/workers.json holds the mark that every child of a runner carries in its
// environment, and the boot in which it was made. docs/format/queue.md.

// Writes this process down; before it starts its first child. On disk when this returns.
Status note_workers(const QueueFolder& queue);
// Ends what the process that is written down has left on this machine. For the holder of the queue.
Status end_leftover_workers(const QueueFolder& queue);

}  // namespace souschef::core
