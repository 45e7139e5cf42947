// SPDX-License-Identifier: MIT
// A file that cannot be ordered as it is (cut short, not a .blend, a scene without frames) waits until it
// changes; one that cannot be ordered now (a full disk, a store in use) is tried again.
//
// One version of a file is ordered once, also by a runner that was killed between the order and its memory of
// it, and by one that was overtaken and does not know yet: the order's id is made of the watch's name and the
// file's path, size and time, so that whoever comes second finds it in the queue.
#include "core/rendering/folder_orders.hpp"

#include <algorithm>

#include <souschef/file_name.hpp>

#include "core/queue/queue_reader.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

bool may_pass(ErrorCode code) {
  return code == ErrorCode::io || code == ErrorCode::no_space || code == ErrorCode::locked ||
         code == ErrorCode::denied || code == ErrorCode::changed;
}

}  // namespace

Result<FolderOrders> FolderOrders::open(Production& production, Told told) {
  FolderOrders orders(production, std::move(told));
  const Config& config = production.config();
  for (const std::string& name : config.names("watch")) {
    const auto key = [&](const char* member) { return "watch[" + name + "]." + member; };
    const fs::path folder = production.root() / config.text(key("folder"));
    const auto settle = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(std::max(0.0, config.number(key("settle")))));
    SOUSCHEF_TRY(
        FolderWatch watch,
        FolderWatch::open(folder, production.paths().dot / ("watched." + escape_name(name)), settle));
    orders.watched_.push_back(
        {name, std::move(watch), config.text(key("target")), config.text(key("preset")), {}});
  }
  return orders;
}

void FolderOrders::look(std::chrono::nanoseconds now, const std::stop_token& stop) {
  for (Watched& each : watched_) {
    const auto ready = each.folder.look(now);
    if (!ready) {
      tell(each, ready.error());
      continue;
    }
    for (const fs::path& file : *ready) {
      if (stop.stop_requested()) return;
      order(each, file);
    }
  }
}

// A copy that pauses stands still as well. Tried without banking first: nothing is kept of half a file.
Result<PlacedOrder> FolderOrders::place_whole(const OrderWishes& wishes) {
  SOUSCHEF_TRY(const PlacedOrder planned, place_order(production_, wishes, {}, true));
  const Json file = planned.order.facts.value("file", Json::object());
  if (!file.value("complete", true))
    return Error(ErrorCode::bad_input, "the file is not whole", "it does not end as Blender's files do");
  return place_order(production_, wishes, {});
}

void FolderOrders::order(Watched& watched, const fs::path& file) {
  const std::string id = watched.folder.id_of(watched.name, file);
  const auto known = is_in_queue(queue_of(production_), id);
  if (!known) {
    watched.folder.put_off(file);
    return tell(watched, known.error());
  }
  if (!*known && !place(watched, file, id)) return watched.folder.put_off(file);
  if (const Status taken = watched.folder.take(file); !taken) tell(watched, taken.error());
}

// False where it is to be tried again.
bool FolderOrders::place(Watched& watched, const fs::path& file, const std::string& id) {
  OrderWishes wishes;
  wishes.id = id;
  wishes.blend = file;
  wishes.target = watched.target;
  wishes.preset = watched.preset;
  wishes.allow_missing = true;  // nobody is there to be asked: what is missing is noted with the snapshot
  const auto placed = place_whole(wishes);
  if (placed) {
    told_.ordered(placed->order.name, file);
    return true;
  }
  tell(watched, Error(placed.error()).in_context(escape_name(file.string()) + " is not ordered"));
  return !may_pass(placed.error().code);
}

// The same is said once, however often it is found.
void FolderOrders::tell(Watched& watched, const Error& trouble) {
  if (std::exchange(watched.told, trouble.line()) != trouble.line()) told_.trouble(trouble);
}

}  // namespace souschef::core
