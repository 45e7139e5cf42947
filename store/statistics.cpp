// SPDX-License-Identifier: MIT
// Each object gets an owner: the group that was seen to need it first, or "shared" once another one comes. A
// walk goes down into what another group owned until now, to take its parts away from it, and not into what
// is shared already: so every object is visited at most twice by different groups, however many there are.
#include "store/statistics.hpp"

#include <algorithm>

#include "store/object_map.hpp"
#include "store/root_walk.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

namespace {

constexpr std::uint32_t kNobody = 0xFFFFFFFF;
constexpr std::uint32_t kShared = 0xFFFFFFFE;

}  // namespace

Result<StoreStatistics> store_statistics(Store& store, std::span<const std::vector<ContentRoot>> groups,
                                         const CancelFunction& cancelled) {
  StoreParts& parts = parts_of(store);
  SOUSCHEF_TRY(const ObjectMap map, ObjectMap::load(parts));
  std::vector<std::uint32_t> owners(map.slots(), kNobody);
  StoreStatistics statistics;
  statistics.alone.resize(groups.size());

  std::uint32_t group = 0;
  RootWalk walk(
      parts, map,
      [&](ObjectMap::Slot slot) {
        std::uint32_t& owner = owners[slot];
        if (owner == group || owner == kShared) return RootWalk::Step::known;
        owner = owner == kNobody ? group : kShared;
        return RootWalk::Step::go_on;
      },
      [](ObjectKind, const Hash&, const Error&) { return Status(); });
  for (; group < groups.size(); ++group)
    for (const ContentRoot& root : groups[group]) {
      if (cancelled && cancelled()) return Error(ErrorCode::cancelled, "stopped");
      SOUSCHEF_CHECK(walk.walk(root));
      if (const auto recipe = parts.rebuild->choose(root.content)) statistics.logical += recipe->content_size;
    }

  for (const ObjectMap::Pack& pack : map.packs()) {
    ++statistics.packs;
    statistics.pack_bytes += pack.size;
    for (const ObjectMap::Frame& frame : pack.frames) {
      // Stored bytes of a frame belong to its objects by their raw length; the remainder of the division to
      // the last, so that rows add up to the byte.
      std::uint64_t left = frame.size;
      for (std::uint32_t i = 0; i < frame.count; ++i) {
        const ObjectMap::Slot slot = frame.first + i;
        const std::uint64_t raw = map.length(slot);
        const bool last = i + 1 == frame.count;
        const std::uint64_t part =
            last || frame.raw == 0 ? left : std::min(left, frame.size * raw / frame.raw);
        left -= part;
        const Amount amount{raw, part};
        const std::uint32_t owner = owners[slot];
        (owner == kNobody ? statistics.unneeded : statistics.needed) += amount;
        if (owner == kShared) statistics.shared += amount;
        if (owner < groups.size()) statistics.alone[owner] += amount;
      }
    }
  }
  statistics.objects = map.slots();
  SOUSCHEF_TRY(const auto counts, parts.index->counts());
  statistics.contents = counts.contents;
  statistics.index_bytes = parts.index->sizes().file_bytes;
  return statistics;
}

}  // namespace souschef::store
