// SPDX-License-Identifier: MIT
// Looking at the queue without holding it. Any process, at any time; what is seen may be a moment old.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/queue/journal.hpp"
#include "core/queue/order.hpp"
#include "core/queue/order_ledger.hpp"
#include "core/queue/order_row.hpp"
#include "core/queue/queue_folder.hpp"

namespace souschef::core {

// All orders: first those that are not over, in the order in which they will be worked on, then the others,
// newest last. Orders that nobody has taken in yet are among them, as `pending`. Orders that cannot be read
// are named in `damaged`.
Result<std::vector<OrderRow>> list_orders(const QueueFolder& queue,
                                          std::vector<std::string>* damaged = nullptr);

// One order with all that has happened to it.
struct OrderView {
  Order order;
  OrderLedger ledger;
  JournalPosition position;
};
// Errors: not_found, corrupt, unsupported.
Result<OrderView> read_order(const QueueFolder& queue, std::string_view id);
Result<Order> read_order_file(const QueueFolder& queue, std::string_view id);
// Whether there is an order with this id, taken in or only handed in. Errors: io, denied.
Result<bool> is_in_queue(const QueueFolder& queue, std::string_view id);

}  // namespace souschef::core
