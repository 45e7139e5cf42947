// SPDX-License-Identifier: MIT
// An order says which files its lowest frame has that is not negative: renders/sh010/0101.png. The digits
// that are this frame's number stand for all of its frames; a negative one has a "-" before them, as Blender
// writes it: renders/sh010/-0005.png.
//
// A reference is late where somebody writes at least one of the files that it stands for. Tiles are files
// too: an order of the frames 1001 to 1004 that writes tex.####.png writes the tiles of tex.<UDIM>.png.
#include "core/banking/future_files.hpp"

#include <algorithm>
#include <cstdlib>

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
    add_numbered(path, writer);
  }
}

void FutureFiles::add_numbered(std::string_view path, std::size_t writer) {
  const FrameRange& frames = writers_[writer].frames;
  auto run = last_digits(name_part(path));
  const auto number = run ? frame_in(*run, name_part(path)) : std::nullopt;
  if (!number || *number > kLastFrame) return;
  auto frame = static_cast<std::int32_t>(*number);
  if (!frames.contains(frame)) {  // an order of negative frames has none that is not
    if (frames.highest() >= 0 || !frames.contains(-frame) || !run->head.ends_with('-')) return;
    run->head.pop_back();
  }
  if (frames.highest() >= 0) numbered_[key_of(path, *run)].push_back({writer, run->width, false});
  if (frames.lowest() >= 0) return;
  run->head += '-';
  numbered_[key_of(path, *run)].push_back({writer, run->width, true});
}

std::string FutureFiles::name_of(std::string_view id) const {
  const auto found =
      std::find_if(writers_.begin(), writers_.end(), [&](const Writer& each) { return each.id == id; });
  return found == writers_.end() ? std::string() : found->name;
}

bool FutureFiles::has_number(const Numbered& each, std::int64_t first, std::int64_t last) const {
  const auto& frames = writers_[each.writer].frames.frames();
  return std::any_of(frames.begin(), frames.end(), [&](std::int64_t frame) {
    if ((frame < 0) != each.negative) return false;
    const std::int64_t number = std::abs(frame);
    return number >= first && number <= last;
  });
}

const std::vector<FutureFiles::Numbered>* FutureFiles::numbered(std::string_view path,
                                                                const std::optional<DigitRun>& run) const {
  const auto found = run ? numbered_.find(key_of(path, *run)) : numbered_.end();
  return found == numbered_.end() ? nullptr : &found->second;
}

const FutureFiles::Writer* FutureFiles::writer_of(std::string_view path) const {
  if (const auto plain = plain_.find(path); plain != plain_.end()) return &writers_[plain->second];
  const auto run = last_digits(name_part(path));
  const auto* const candidates = numbered(path, run);
  if (candidates == nullptr) return nullptr;
  for (const Numbered& each : *candidates) {
    const auto number = frame_in({run->head, each.width, run->tail}, name_part(path));
    if (number && has_number(each, *number, *number)) return &writers_[each.writer];
  }
  return nullptr;
}

const FutureFiles::Writer* FutureFiles::writer_of(const TracedReference& reference,
                                                  std::string_view path) const {
  switch (reference.expansion) {
    case Expansion::last_digits:
    case Expansion::trailing_digits:
      return writer_of_sequence(reference, path);
    case Expansion::udim:
    case Expansion::uvtile:
      return writer_of_tiles(path, reference.expansion == Expansion::udim);
    case Expansion::folder:
      return writer_below(path, reference.pattern);
    case Expansion::file:
    case Expansion::views:
    case Expansion::point_cache:
      break;
  }
  return writer_of(path);
}

const FutureFiles::Writer* FutureFiles::writer_of_sequence(const TracedReference& reference,
                                                           std::string_view path) const {
  const bool last = reference.expansion == Expansion::last_digits;
  const auto* const candidates =
      numbered(path, last ? last_digits(name_part(path)) : trailing_digits(name_part(path)));
  if (candidates == nullptr) return writer_of(path);
  const bool limited = reference.first_frame <= reference.last_frame;
  for (const Numbered& each : *candidates)
    if (has_number(each, limited ? reference.first_frame : 0, limited ? reference.last_frame : kLastFrame))
      return &writers_[each.writer];
  return nullptr;
}

const FutureFiles::Writer* FutureFiles::writer_of_tiles(std::string_view path, bool udim) const {
  constexpr std::int64_t kFirstTile = 1001, kLastTile = 2000;  // Blender's
  const auto tiles = tile_name(name_part(path), udim);
  if (!tiles) return writer_of(path);
  const std::string folder = joined(parent_of(path), "");
  const std::string beginning = (folder == "/" ? "" : folder) + tiles->head;
  for (auto at = plain_.lower_bound(beginning); at != plain_.end() && at->first.starts_with(beginning);
       ++at) {
    const std::string_view name = std::string_view(at->first).substr(beginning.size() - tiles->head.size());
    if (!is_tile(*tiles, name)) continue;
    const auto number = frame_in({tiles->head, 4, tiles->tail}, name);
    if (!udim || (number && *number >= kFirstTile && *number <= kLastTile)) return &writers_[at->second];
  }
  const auto* const candidates = udim ? numbered(path, DigitRun{tiles->head, 4, tiles->tail}) : nullptr;
  if (candidates == nullptr) return nullptr;
  for (const Numbered& each : *candidates)
    if (each.width <= 4 && !each.negative && has_number(each, kFirstTile, kLastTile))
      return &writers_[each.writer];
  return nullptr;
}

const FutureFiles::Writer* FutureFiles::writer_below(std::string_view folder,
                                                     std::string_view pattern) const {
  const std::string beginning = std::string(folder) + "/";
  for (auto at = plain_.lower_bound(beginning); at != plain_.end() && at->first.starts_with(beginning);
       ++at) {
    const std::string_view inside = std::string_view(at->first).substr(beginning.size());
    if (is_meant(inside.substr(0, inside.find('/')), pattern)) return &writers_[at->second];
  }
  return nullptr;
}

}  // namespace souschef::core
