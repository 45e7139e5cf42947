// SPDX-License-Identifier: MIT
// Point caches: cloth, soft bodies, particles, dynamic paint, rigid bodies, the smoke of Blender 2.5 to 2.81.
//
// Nothing is on disk unless the cache says so (bit 6), or is external (bit 9); a baked cache that is not on
// disk is inside the .blend. The files are
//
//   <folder>/<name or hexadecimal name>_<frame, 6 digits>[_<index, 2 digits>].bphys (or .vdb)
//
// where the folder is that of an external cache, else "blendcache_<blend>" beside the .blend. The index is
// assigned when the cache is first used and cannot be told from the file. A linked object keeps its cache
// beside its library, unless bit 11 says that each shot has its own.
#include "plugins/blend/point_caches.hpp"

#include <algorithm>

namespace souschef::blend {
namespace {

constexpr int kBaked = 0;
constexpr int kOnDisk = 6;
constexpr int kExternal = 9;
constexpr int kBesideShot = 11;
constexpr int kForOldReaders = 12;  // PTCACHE_FAKE_SMOKE: holds nothing, lets Blender 2.4 open the file

std::int32_t frame_of(std::int64_t value) {
  return static_cast<std::int32_t>(value);
}

void trace_cache(Visit& visit, const Record& cache, const PointCacheOwner& owner) {
  if (cache.bit("flag", kForOldReaders)) return;
  const bool external = cache.bit("flag", kExternal);
  std::uint32_t number = kNone;
  if (external || cache.bit("flag", kOnDisk)) {
    Found found =
        external ? visit.in_array(cache, "path", owner.property) : visit.made_up("", owner.property);
    TracedReference& reference = found.reference;
    reference.kind = ReferenceKind::point_cache;
    reference.expansion = Expansion::point_cache;
    reference.need = Need::cache;
    reference.pattern = cache.text("name");
    if (reference.pattern.empty() && !external) reference.pattern = hexadecimal_name(visit.plain_name());
    if (cache.bit("flag", kBesideShot)) reference.base = kBaseEntry;
    // An external cache without a folder has no files: an empty path would mean the default folder.
    if (!external || !reference.path.empty()) number = visit.add(std::move(found));
  }
  if (owner.kind.empty()) return;
  TracedSimulation simulation;
  simulation.kind = owner.kind;
  simulation.name = owner.name;
  if (const auto name = cache.text("name"); !name.empty()) simulation.name += ": " + std::string(name);
  simulation.baked = cache.bit("flag", kBaked) || external;
  simulation.first_frame = frame_of(cache.integer("startframe", 1));
  simulation.last_frame = frame_of(cache.integer("endframe", 0));
  simulation.cache = number;
  visit.add(std::move(simulation));
}

}  // namespace

std::string hexadecimal_name(std::string_view name) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : name) {
    text += kDigits[static_cast<std::uint8_t>(c) >> 4];
    text += kDigits[static_cast<std::uint8_t>(c) & 15];
  }
  return text;
}

void trace_point_caches(Visit& visit, const Record& caches, const Record& active,
                        const PointCacheOwner& owner) {
  bool any = false;
  visit.scope().each_of(
      caches,
      [&](const Record& cache) {
        any = true;
        trace_cache(visit, cache, owner);
      },
      "PointCache");
  if (!any && active) trace_cache(visit, active, owner);
}

}  // namespace souschef::blend
