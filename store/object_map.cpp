// SPDX-License-Identifier: MIT
#include "store/object_map.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace souschef::store {

Status ObjectMap::add(StoreParts& parts, std::uint32_t number, const KnownPack& known) {
  const auto attempt = [&]() -> Result<Pack> {
    SOUSCHEF_TRY(const auto reader, PackReader::open(parts.disk, parts.paths.pack(known.id), known.id));
    SOUSCHEF_TRY(const PackTable table, reader->table());
    Pack pack{number, known.id, reader->size(), table.header.lease, {}};
    pack.frames.reserve(table.frames.size());
    for (const PlacedFrame& frame : table.frames) {
      const auto count = static_cast<std::uint32_t>(frame.header.rows.size());
      if (count > UINT32_MAX - rows_.size())
        return Error(ErrorCode::unsupported, "more objects than this program can count");
      pack.frames.push_back({static_cast<std::uint32_t>(frame.offset),
                             static_cast<std::uint32_t>(frame.size()), frame.header.raw_size, count,
                             slots()});
      for (const ObjectRow& row : frame.header.rows)
        rows_.push_back((static_cast<std::uint32_t>(row.kind) << kLengthBits) | row.length);
    }
    return pack;
  };
  auto pack = attempt();
  if (!pack) {
    if (pack.error().code == ErrorCode::unsupported) return std::move(pack).error();
    unreadable_.insert(number);
    // Else a collection has moved it since the index was brought in step: no damage in itself.
    if (pack.error().code != ErrorCode::not_found) problems_.push_back({known.id, std::move(pack).error()});
    return {};
  }
  by_number_.emplace(number, packs_.size());
  packs_.push_back(std::move(*pack));
  return {};
}

Result<ObjectMap> ObjectMap::load(StoreParts& parts) {
  SOUSCHEF_TRY([[maybe_unused]] const Generation generation, parts.keeper->refresh());
  SOUSCHEF_CHECK(parts.keeper->scan());
  SOUSCHEF_TRY(const auto listed, list_packs(parts.disk, parts.paths));
  SOUSCHEF_TRY(const auto known, parts.index->packs());
  ObjectMap map;
  std::set<PackId> unread(listed.begin(), listed.end());
  for (const PackId& condemned : generation.condemned) unread.erase(condemned);
  for (const auto& [number, pack] : known) {
    unread.erase(pack.id);
    SOUSCHEF_CHECK(map.add(parts, number, pack));
  }
  // What lies there and is not in the index could not be read when the index was brought in step.
  for (const PackId& id : unread) {
    const auto reader = PackReader::open(parts.disk, parts.paths.pack(id), id);
    const auto table = reader ? (*reader)->table() : Result<PackTable>(reader.error());
    if (!table && table.error().code == ErrorCode::not_found) continue;
    if (!table)
      map.problems_.push_back({id, table.error()});
    else if (const auto recipes = recipes_of(**reader, table->frames); !recipes)
      map.problems_.push_back({id, recipes.error()});
  }
  return map;
}

ObjectMap::Found ObjectMap::find(const Location& location) const {
  const auto found = by_number_.find(location.pack);
  if (found == by_number_.end())
    return {unreadable_.contains(location.pack) ? Where::nowhere : Where::newer, 0};
  const auto& frames = packs_[found->second].frames;
  const auto frame =
      std::lower_bound(frames.begin(), frames.end(), location.offset,
                       [](const Frame& one, std::uint32_t offset) { return one.offset < offset; });
  if (frame == frames.end() || frame->offset != location.offset || location.ordinal >= frame->count)
    return {};
  return {Where::here, frame->first + location.ordinal};
}

ObjectMap::Place ObjectMap::place_of(Slot slot) const {
  if (slot >= slots()) return {};
  // Packs and their frames lie in the order of their slots; packs without objects have none to be found.
  const auto behind_pack =
      std::upper_bound(packs_.begin(), packs_.end(), slot, [](Slot wanted, const Pack& pack) {
        return !pack.frames.empty() && wanted < pack.frames.front().first;
      });
  for (auto pack = behind_pack; pack != packs_.begin();) {
    --pack;
    if (pack->frames.empty()) continue;
    const auto behind =
        std::upper_bound(pack->frames.begin(), pack->frames.end(), slot,
                         [](Slot wanted, const Frame& frame) { return wanted < frame.first; });
    return {&*pack, &*std::prev(behind)};
  }
  return {};
}

}  // namespace souschef::store
