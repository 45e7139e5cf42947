// SPDX-License-Identifier: MIT
// An order says which files its lowest frame has that is not negative: renders/sh010/0101.png. The digits
// that are this frame's number stand for all of its frames; a negative one has a "-" before them, as Blender
// writes it: renders/sh010/-0005.png.
//
// A reference is late where somebody writes at least one of the files that it stands for, and waits for all
// who do. Tiles are files too: an order of the frames 1001 to 1004 that writes tex.####.png writes the tiles
// of tex.<UDIM>.png.
//
// Reading every order of a long queue would cost more than all the rest of ordering (0.9 s of the processor
// for ten thousand). The rows say below which folder each one writes; an order is read when something is
// wanted that lies there.
#include "core/banking/future_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>

#include "core/production/blend_path.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/queue/request.hpp"

namespace souschef::core {
namespace {

std::string key_of(std::string_view path, const DigitRun& run) {
  return std::string(parent_of(path)) + '\0' + run.head + '\0' + run.tail;
}

void add_once(FutureFiles::Writers& writers, const FutureFiles::Writer& writer) {
  if (std::find(writers.begin(), writers.end(), &writer) == writers.end()) writers.push_back(&writer);
}

}  // namespace

// Whoever hands one in need not have found somebody to take it in yet: such an order is known whole already.
Result<FutureFiles> FutureFiles::of_queue(const QueueFolder& queue, std::string_view without) {
  FutureFiles files;
  files.queue_ = queue;
  SOUSCHEF_TRY(const auto rows, list_orders(queue));
  std::map<std::string_view, std::size_t> pending;  // id -> place
  for (std::size_t place = 0; place < rows.size(); ++place) {
    const OrderRow& row = rows[place];
    if (is_final(row.state) || row.id == without || row.writes_below.empty()) continue;
    files.unread_[row.writes_below].push_back({row.id, place});
    if (row.pending) pending.emplace(row.id, place);
  }
  if (pending.empty()) return files;
  SOUSCHEF_TRY(const Inbox inbox, read_inbox(queue));
  for (const Request& request : inbox.requests) {
    const auto found = pending.find(request.order);
    if (request.kind != RequestKind::order || found == pending.end()) continue;
    if (const auto order = order_from_json(request.arguments)) files.add(*order, found->second);
  }
  return files;
}

// Everything that writes below one of the folders above this file.
void FutureFiles::read_those_of(std::string_view path) {
  while (!path.empty() && !unread_.empty()) {
    path = parent_of(path);
    const auto found = unread_.find(path.empty() ? std::string_view(".") : path);
    if (found != unread_.end()) read(unread_.extract(found).mapped());
  }
}

void FutureFiles::read_those_below(std::string_view folder) {
  read_those_of(std::string(folder) + "/");
  const std::string beginning = std::string(folder) + "/";
  for (auto at = unread_.lower_bound(beginning); at != unread_.end() && at->first.starts_with(beginning);) {
    const auto orders = unread_.extract(at++).mapped();
    read(orders);
  }
}

void FutureFiles::read(const std::vector<Unread>& orders) {
  for (const Unread& each : orders)
    if (const auto order = read_order_file(queue_, each.id)) add(*order, each.place);
}

void FutureFiles::add(const Order& order, std::size_t place) {
  if (order.writes.empty()) return;
  const std::size_t writer = writers_.size();
  writers_.push_back({order.id, order.name, order.frames, place});
  for (const std::string& path : order.writes) {
    const auto [at, fresh] = plain_.try_emplace(path, writer);
    if (!fresh && writers_[at->second].place <= place) at->second = writer;
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
  const auto insert = [&](bool negative) {
    auto& all = numbered_[key_of(path, *run)];
    const auto at = std::find_if(all.begin(), all.end(), [&](const Numbered& each) {
      return writers_[each.writer].place <= writers_[writer].place;
    });
    all.insert(at, {writer, run->width, negative});
  };
  if (frames.highest() >= 0) insert(false);
  run->head += '-';
  if (frames.lowest() < 0) insert(true);
}

std::string FutureFiles::name_of(std::string_view id) const {
  const auto found =
      std::find_if(writers_.begin(), writers_.end(), [&](const Writer& each) { return each.id == id; });
  return found == writers_.end() ? std::string() : found->name;
}

bool FutureFiles::has_number(const Numbered& each, std::int64_t number) const {
  if (number > kLastFrame || (each.negative && number == 0)) return false;
  return writers_[each.writer].frames.contains(static_cast<std::int32_t>(each.negative ? -number : number));
}

void FutureFiles::add_numbers(const std::vector<Numbered>& candidates, std::int64_t first, std::int64_t last,
                              Writers& writers) const {
  std::set<std::int64_t> taken;
  for (const Numbered& each : candidates) {
    const Writer& writer = writers_[each.writer];
    bool adds = false;
    for (const std::int64_t frame : writer.frames.frames()) {
      const std::int64_t number = std::abs(frame);
      const bool meant = (frame < 0) == each.negative && number >= first && number <= last;
      adds = (meant && taken.insert(number).second) || adds;
    }
    if (adds) add_once(writers, writer);
  }
}

const std::vector<FutureFiles::Numbered>* FutureFiles::numbered(std::string_view path,
                                                                const std::optional<DigitRun>& run) const {
  const auto found = run ? numbered_.find(key_of(path, *run)) : numbered_.end();
  return found == numbered_.end() ? nullptr : &found->second;
}

const FutureFiles::Writer* FutureFiles::writer_of(std::string_view path) {
  read_those_of(path);
  return file(path);
}

FutureFiles::Writers FutureFiles::writers_of(const TracedReference& reference, std::string_view path) {
  if (reference.expansion == Expansion::folder) {
    read_those_below(path);
    return below(path, reference.pattern);
  }
  read_those_of(path);
  switch (reference.expansion) {
    case Expansion::last_digits:
    case Expansion::trailing_digits:
      return sequence(reference, path);
    case Expansion::udim:
    case Expansion::uvtile:
      return tiles(path, reference.expansion == Expansion::udim);
    case Expansion::file:
    case Expansion::views:
    case Expansion::point_cache:
    case Expansion::folder:
      break;
  }
  return alone(path);
}

FutureFiles::Writers FutureFiles::alone(std::string_view path) const {
  const Writer* const writer = file(path);
  return writer == nullptr ? Writers() : Writers{writer};
}

const FutureFiles::Writer* FutureFiles::file(std::string_view path) const {
  const auto plain = plain_.find(path);
  const Writer* last = plain == plain_.end() ? nullptr : &writers_[plain->second];
  const auto run = last_digits(name_part(path));
  const auto* const candidates = numbered(path, run);
  if (candidates == nullptr) return last;
  for (const Numbered& each : *candidates) {
    const auto number = frame_in({run->head, each.width, run->tail}, name_part(path));
    if (!number || !has_number(each, *number)) continue;
    const Writer& writer = writers_[each.writer];
    return last == nullptr || writer.place > last->place ? &writer : last;
  }
  return last;
}

FutureFiles::Writers FutureFiles::sequence(const TracedReference& reference, std::string_view path) const {
  const bool last = reference.expansion == Expansion::last_digits;
  const auto* const candidates =
      numbered(path, last ? last_digits(name_part(path)) : trailing_digits(name_part(path)));
  if (candidates == nullptr) return alone(path);
  const bool limited = reference.first_frame <= reference.last_frame;
  Writers writers;
  add_numbers(*candidates, limited ? reference.first_frame : 0, limited ? reference.last_frame : kLastFrame,
              writers);
  return writers;
}

FutureFiles::Writers FutureFiles::tiles(std::string_view path, bool udim) const {
  constexpr std::int64_t kFirstTile = 1001, kLastTile = 2000;  // Blender's
  const auto wanted = tile_name(name_part(path), udim);
  if (!wanted) return alone(path);
  Writers writers;
  const std::string folder = joined(parent_of(path), "");
  const std::string beginning = (folder == "/" ? "" : folder) + wanted->head;
  for (auto at = plain_.lower_bound(beginning); at != plain_.end() && at->first.starts_with(beginning);
       ++at) {
    const std::string_view name = std::string_view(at->first).substr(beginning.size() - wanted->head.size());
    if (!is_tile(*wanted, name)) continue;
    const auto number = frame_in({wanted->head, 4, wanted->tail}, name);
    if (!udim || (number && *number >= kFirstTile && *number <= kLastTile))
      add_once(writers, writers_[at->second]);
  }
  const auto* const candidates = udim ? numbered(path, DigitRun{wanted->head, 4, wanted->tail}) : nullptr;
  if (candidates == nullptr) return writers;
  std::vector<Numbered> fitting;
  std::copy_if(candidates->begin(), candidates->end(), std::back_inserter(fitting),
               [](const Numbered& each) { return each.width <= 4 && !each.negative; });
  add_numbers(fitting, kFirstTile, kLastTile, writers);
  return writers;
}

FutureFiles::Writers FutureFiles::below(std::string_view folder, std::string_view pattern) const {
  Writers writers;
  const std::string beginning = std::string(folder) + "/";
  for (auto at = plain_.lower_bound(beginning); at != plain_.end() && at->first.starts_with(beginning);
       ++at) {
    const std::string_view inside = std::string_view(at->first).substr(beginning.size());
    if (is_meant(inside.substr(0, inside.find('/')), pattern)) add_once(writers, writers_[at->second]);
  }
  return writers;
}

}  // namespace souschef::core
