// SPDX-License-Identifier: MIT
#include "core/jobs/roots.hpp"

#include <souschef/file_name.hpp>

#include "core/jobs/marks.hpp"
#include "core/queue/bound_job.hpp"
#include "core/queue/queue_folder.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/queue/request.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"

namespace souschef::core {
namespace {

constexpr std::string_view kKeepJob = "job ";

Status add_inbox(const QueueFolder& queue, RootSet& set) {
  if (!store::exists(*queue.disk, queue.requests())) return {};
  SOUSCHEF_TRY(const Inbox inbox, read_inbox(queue));
  for (const Request& request : inbox.requests) {
    if (request.kind != RequestKind::order) continue;
    const auto order = order_from_json(request.arguments);
    if (!order)
      set.unreadable.push_back("request " + request.id + ": " + order.error().line());
    else if (order->job)
      set.roots.push_back({RootKind::request, order->name, *order->job, order->entry});
  }
  for (const Inbox::Damaged& damaged : inbox.damaged)
    set.unreadable.push_back("request " + damaged.id + ": " + damaged.error.line());
  return {};
}

// Orders in any state: until somebody deletes one, its job may be wanted again.
Status add_orders(const QueueFolder& queue, RootSet& set) {
  const auto folders = queue.disk->list(queue.orders());
  if (!folders) return folders.error().code == ErrorCode::not_found ? Status() : Status(folders.error());
  for (const store::FolderEntry& folder : *folders) {
    if (folder.name.starts_with('.') || folder.kind != store::FileKind::folder) continue;
    const auto order = read_order_file(queue, folder.name);
    if (order) {
      if (order->job) set.roots.push_back({RootKind::order, order->name, *order->job, order->entry});
      const auto bound = order->late.empty() ? Result<std::optional<JobId>>(std::optional<JobId>())
                                             : bound_job(queue, folder.name);
      if (!bound)
        set.unreadable.push_back("order " + folder.name + ": " + bound.error().line());
      else if (*bound)
        set.roots.push_back({RootKind::order, order->name, **bound, order->entry});
    } else if (store::exists(*queue.disk, queue.order_folder(folder.name))) {
      set.unreadable.push_back("order " + folder.name + ": " + order.error().line());
    }
  }
  return {};
}

}  // namespace

std::string_view name_of(RootKind kind) {
  switch (kind) {
    case RootKind::request:
      return "request";
    case RootKind::order:
      return "order";
    case RootKind::snapshot:
      return "snapshot";
    case RootKind::pin:
      return "pin";
    case RootKind::tag:
      return "tag";
    case RootKind::lease:
      return "lease";
  }
  return "?";
}

std::string keep_of(JobId job) {
  return std::string(kKeepJob) + job.hex();
}

Result<RootSet> read_roots(Production& production, const std::vector<store::LeaseRecord>& leases) {
  RootSet set;
  const QueueFolder queue{production.paths().queue()};
  SOUSCHEF_CHECK(add_inbox(queue, set));
  SOUSCHEF_CHECK(add_orders(queue, set));
  std::vector<std::string> damaged;
  SOUSCHEF_TRY(set.records, JobStore(production).snapshots(&damaged));
  for (const SnapshotRecord& record : set.records)
    set.roots.push_back({RootKind::snapshot, record.ulid, record.job, record.entry});
  for (const std::string& name : damaged) set.unreadable.push_back("snapshot record " + name);
  damaged.clear();
  SOUSCHEF_TRY(const auto marks, list_marks(production, &damaged));
  for (const Mark& mark : marks)
    set.roots.push_back(
        {mark.kind == MarkKind::pin ? RootKind::pin : RootKind::tag, mark.name, mark.job, {}});
  for (const std::string& name : damaged) set.unreadable.push_back(name);
  for (const store::LeaseRecord& lease : leases)
    for (const std::string& keep : lease.keeps)
      if (const auto job =
              keep.starts_with(kKeepJob) ? JobId::from_hex(keep.substr(kKeepJob.size())) : std::nullopt)
        set.roots.push_back({RootKind::lease, lease.id(), *job, {}});
  return set;
}

}  // namespace souschef::core
