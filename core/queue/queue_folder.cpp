// SPDX-License-Identifier: MIT
#include "core/queue/queue_folder.hpp"

namespace souschef::core {

Status make_queue_folder(const QueueFolder& folder) {
  for (const auto& each : {folder.requests(), folder.orders(), folder.names(), folder.leases()})
    SOUSCHEF_CHECK(store::make_folders(*folder.disk, each));
  return {};
}

}  // namespace souschef::core
