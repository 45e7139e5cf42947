// SPDX-License-Identifier: MIT
#include "core/queue/queue_reader.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/json_text.hpp"
#include "core/queue/request.hpp"
#include "store/file_system.hpp"

namespace souschef::core {
namespace {

constexpr std::uint64_t kLargestOrder = 16 << 20;

// Rows of orders that have no folder are gone; folders that have no row are read.
Status reconcile(const QueueFolder& queue, std::map<std::string, OrderRow>& rows,
                 std::vector<std::string>* damaged) {
  SOUSCHEF_TRY(const auto entries, queue.disk->list(queue.orders()));
  std::set<std::string_view> present;
  for (const store::FolderEntry& entry : entries) {
    if (entry.name.starts_with('.')) continue;
    present.insert(entry.name);
    if (rows.contains(entry.name)) continue;
    const auto view = read_order(queue, entry.name);
    if (view)
      rows.emplace(entry.name, row_of(view->order, view->ledger));
    else if (damaged != nullptr)
      damaged->push_back(entry.name + ": " + view.error().line());
  }
  std::erase_if(rows, [&](const auto& row) { return !present.contains(row.first); });
  return {};
}

void add_pending(const QueueFolder& queue, std::map<std::string, OrderRow>& rows) {
  const auto inbox = read_inbox(queue);
  if (!inbox) return;
  for (const Request& request : inbox->requests) {
    if (request.kind != RequestKind::order || rows.contains(request.order)) continue;
    const auto order = order_from_json(request.arguments);
    if (!order) continue;
    OrderRow row = row_of(*order, OrderLedger(*order));
    row.pending = true;
    rows.emplace(row.id, std::move(row));
  }
}

}  // namespace

Result<Order> read_order_file(const QueueFolder& queue, std::string_view id) {
  SOUSCHEF_TRY(const std::string text, store::read_file(*queue.disk, queue.order_file(id), kLargestOrder));
  SOUSCHEF_TRY(const Json json, parse_json(text));
  SOUSCHEF_TRY(Order order, order_from_json(json));
  if (order.id != id)
    return Error(ErrorCode::corrupt, "an order lies in the wrong folder: " + std::string(id));
  return order;
}

Result<OrderView> read_order(const QueueFolder& queue, std::string_view id) {
  SOUSCHEF_TRY(Order order, read_order_file(queue, id));
  OrderLedger ledger(order);
  auto position = read_journal(queue, id, [&](const Json& event) { return ledger.apply(event); });
  if (!position) return std::move(position.error());
  return OrderView{std::move(order), std::move(ledger), *position};
}

Result<std::vector<OrderRow>> list_orders(const QueueFolder& queue, std::vector<std::string>* damaged) {
  auto rows = read_rows(queue).value_or(std::map<std::string, OrderRow>());
  if (Status matched = reconcile(queue, rows, damaged); !matched) {
    if (matched.error().code == ErrorCode::not_found) return std::vector<OrderRow>();
    return std::move(matched.error());
  }
  add_pending(queue, rows);
  std::vector<OrderRow> list;
  list.reserve(rows.size());
  for (auto& [id, row] : rows) list.push_back(std::move(row));
  std::sort(list.begin(), list.end(), [](const OrderRow& a, const OrderRow& b) {
    const bool a_over = is_final(a.state), b_over = is_final(b.state);
    if (a_over != b_over) return b_over;
    return a_over ? std::tie(a.changed_ms, a.id) < std::tie(b.changed_ms, b.id) : comes_before(a, b);
  });
  return list;
}

}  // namespace souschef::core
