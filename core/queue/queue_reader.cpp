// SPDX-License-Identifier: MIT
#include "core/queue/queue_reader.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "core/base/json_text.hpp"
#include "core/queue/request.hpp"
#include "store/file_system.hpp"

namespace souschef::core {
namespace {

constexpr std::uint64_t kLargestOrder = 16 << 20;

// Rows of orders that have no folder are gone; folders that have no row are read.
std::vector<OrderRow> rows_of(const QueueFolder& queue, const std::vector<store::FolderEntry>& folders,
                              std::vector<std::string>* damaged) {
  const auto lines = RowLines::read(queue);
  std::vector<OrderRow> rows;
  rows.reserve(folders.size());
  for (const store::FolderEntry& folder : folders) {
    if (folder.name.starts_with('.')) continue;
    if (auto row = lines ? lines->row(folder.name) : std::nullopt) {
      rows.push_back(std::move(*row));
      continue;
    }
    const auto view = read_order(queue, folder.name);
    if (view)
      rows.push_back(row_of(view->order, view->ledger));
    else if (damaged != nullptr)
      damaged->push_back(folder.name + ": " + view.error().line());
  }
  return rows;
}

// What nobody has taken in yet.
void add_pending(const QueueFolder& queue, const std::vector<store::FolderEntry>& folders,
                 std::vector<OrderRow>& rows) {
  const auto inbox = read_inbox(queue);
  if (!inbox) return;
  std::set<std::string_view> seen;
  for (const Request& request : inbox->requests) {
    if (request.kind != RequestKind::order || !seen.insert(request.order).second) continue;
    if (std::ranges::binary_search(folders, request.order, {}, &store::FolderEntry::name)) continue;
    const auto order = order_from_json(request.arguments);
    if (!order) continue;
    rows.push_back(row_of(*order, OrderLedger(*order)));
    rows.back().pending = true;
  }
}

bool stands_before(const OrderRow& a, const OrderRow& b) {
  const bool a_over = is_final(a.state), b_over = is_final(b.state);
  if (a_over != b_over) return b_over;
  return a_over ? std::tie(a.changed_ms, a.id) < std::tie(b.changed_ms, b.id) : comes_before(a, b);
}

// Rows are large: each is moved once.
std::vector<OrderRow> sorted(std::vector<OrderRow> rows) {
  std::vector<OrderRow*> places;
  places.reserve(rows.size());
  for (OrderRow& row : rows) places.push_back(&row);
  std::sort(places.begin(), places.end(),
            [](const OrderRow* a, const OrderRow* b) { return stands_before(*a, *b); });
  std::vector<OrderRow> list;
  list.reserve(rows.size());
  for (OrderRow* const row : places) list.push_back(std::move(*row));
  return list;
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
  const auto folders = queue.disk->list(queue.orders());
  if (!folders && folders.error().code == ErrorCode::not_found) return std::vector<OrderRow>();
  if (!folders) return folders.error();
  std::vector<OrderRow> rows = rows_of(queue, *folders, damaged);
  add_pending(queue, *folders, rows);
  return sorted(std::move(rows));
}

// The inbox first: an order is in its folder before its request goes.
Result<bool> is_in_queue(const QueueFolder& queue, std::string_view id) {
  if (!store::exists(*queue.disk, queue.requests())) return false;
  SOUSCHEF_TRY(const Inbox inbox, read_inbox(queue));
  for (const Request& request : inbox.requests)
    if (request.kind == RequestKind::order && request.order == id) return true;
  return store::exists(*queue.disk, queue.order_folder(id));
}

}  // namespace souschef::core
