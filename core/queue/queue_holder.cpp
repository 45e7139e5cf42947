// SPDX-License-Identifier: MIT
#include "core/queue/queue_holder.hpp"

#include "store/lease.hpp"

namespace souschef::core {

Result<std::optional<QueueHolder>> queue_holder(const QueueFolder& queue) {
  if (!store::exists(*queue.disk, queue.leases())) return std::optional<QueueHolder>();
  SOUSCHEF_TRY(const auto leases, store::LeaseFolder::open(queue.leases(), {}, *queue.disk));
  SOUSCHEF_TRY(const auto records, leases->list());
  for (const store::LeaseRecord& record : records) {
    if (record.role != "runner" || leases->judge(record) != store::Verdict::alive) continue;
    return std::optional(QueueHolder{record.holder.host, record.holder.pid, record.purpose});
  }
  return std::optional<QueueHolder>();
}

}  // namespace souschef::core
