// SPDX-License-Identifier: MIT
// An order says which files its lowest frame has: renders/sh010/0101.png. The digits that are this frame's
// number stand for all of its frames.
#include "core/banking/future_files.hpp"

#include <algorithm>
#include <optional>

#include "core/banking/reference_files.hpp"
#include "core/production/blend_path.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/queue/request.hpp"

namespace souschef::core {
namespace {

std::string key_of(std::string_view path, const DigitRun& run) {
  return std::string(parent_of(path)) + '\0' + run.head + '\0' + run.tail;
}

// Whoever hands one in need not have found somebody to take it in yet.
Result<std::vector<Order>> orders_to_come(const QueueFolder& queue) {
  std::vector<Order> orders;
  SOUSCHEF_TRY(const auto rows, list_orders(queue));
  const auto inbox = read_inbox(queue);
  for (const OrderRow& row : rows) {
    if (is_final(row.state)) continue;
    if (auto order = read_order_file(queue, row.id)) {
      orders.push_back(std::move(*order));
      continue;
    }
    if (!inbox) continue;
    for (const Request& request : inbox->requests)
      if (request.kind == RequestKind::order && request.order == row.id)
        if (auto order = order_from_json(request.arguments)) orders.push_back(std::move(*order));
  }
  return orders;
}

}  // namespace

Result<FutureFiles> FutureFiles::of_queue(const QueueFolder& queue, std::string_view without) {
  FutureFiles files;
  SOUSCHEF_TRY(const auto orders, orders_to_come(queue));
  for (const Order& order : orders)
    if (order.id != without) files.add(order);
  return files;
}

void FutureFiles::add(const Order& order) {
  if (order.writes.empty()) return;
  const std::size_t writer = writers_.size();
  writers_.push_back({order.id, order.name, order.frames});
  for (const std::string& path : order.writes) {
    plain_.insert_or_assign(path, writer);
    const auto run = last_digits(name_part(path));
    const auto frame = run ? frame_in(*run, name_part(path)) : std::nullopt;
    if (frame && order.frames.contains(static_cast<std::int32_t>(*frame)))
      numbered_[key_of(path, *run)].push_back({writer, run->width});
  }
}

std::string FutureFiles::name_of(std::string_view id) const {
  const auto found =
      std::find_if(writers_.begin(), writers_.end(), [&](const Writer& each) { return each.id == id; });
  return found == writers_.end() ? std::string() : found->name;
}

const FutureFiles::Writer* FutureFiles::writer_of(std::string_view path) const {
  if (const auto plain = plain_.find(std::string(path)); plain != plain_.end())
    return &writers_[plain->second];
  const auto run = last_digits(name_part(path));
  const auto numbered = run ? numbered_.find(key_of(path, *run)) : numbered_.end();
  if (numbered == numbered_.end()) return nullptr;
  for (const Numbered& each : numbered->second) {
    const auto frame = frame_in({run->head, each.width, run->tail}, name_part(path));
    if (frame && *frame <= INT32_MAX &&
        writers_[each.writer].frames.contains(static_cast<std::int32_t>(*frame)))
      return &writers_[each.writer];
  }
  return nullptr;
}

const FutureFiles::Writer* FutureFiles::writer_of(const TracedReference& reference,
                                                  std::string_view path) const {
  const bool sequence =
      reference.expansion == Expansion::last_digits || reference.expansion == Expansion::trailing_digits;
  if (!sequence) return writer_of(path);
  const auto run = last_digits(name_part(path));
  const auto numbered = run ? numbered_.find(key_of(path, *run)) : numbered_.end();
  if (numbered == numbered_.end()) return writer_of(path);
  const bool limited = reference.first_frame <= reference.last_frame;
  for (const Numbered& each : numbered->second) {
    const auto& frames = writers_[each.writer].frames.frames();
    if (!limited || std::any_of(frames.begin(), frames.end(), [&](std::int32_t frame) {
          return frame >= reference.first_frame && frame <= reference.last_frame;
        }))
      return &writers_[each.writer];
  }
  return nullptr;
}

}  // namespace souschef::core
