// SPDX-License-Identifier: MIT
#include "core/render.hpp"

#include "core/queue_writer.hpp"

namespace souschef::core {

Result<RenderSummary> render(Production& production, const RenderOptions& options, RenderObserver& observer) {
  QueueFolder folder{production.paths().queue()};
  SOUSCHEF_TRY(const auto door, QueueDoor::open(folder, {.clock = options.clock}));
  SOUSCHEF_TRY(const auto queue, door->acquire("souschef render"));
  SOUSCHEF_TRY(const ApplyReport report, queue->apply_inbox());
  for (const Request& request : report.applied) observer.request_applied(request, nullptr);
  for (const RefusedRequest& refused : report.refused)
    observer.request_applied(refused.request, &refused.error);
  RenderSummary summary;
  for (const auto& [id, row] : queue->rows()) summary.orders_left += is_final(row.state) ? 0 : 1;
  return summary;
}

}  // namespace souschef::core
