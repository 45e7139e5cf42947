// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plugins/blend/visit.hpp"

namespace souschef::blend {

// A simulation that keeps its frames in point caches.
struct PointCacheOwner {
  std::string kind;      // "cloth"; empty: no simulation is reported, only files
  std::string name;      // of the modifier or system
  std::string property;  // for people: "Modifier \"Cloth\".point_cache"
};

// Reports the files of the caches of a simulation, and the simulation itself: those in the list `caches`, or,
// where that is empty (older files), `active`.
void trace_point_caches(Visit& visit, const Record& caches, const Record& active,
                        const PointCacheOwner& owner);

// The name that Blender gives to the files of a cache without one: every byte of the datablock's name as two
// hexadecimal digits, "43756265" for "Cube".
std::string hexadecimal_name(std::string_view name);

}  // namespace souschef::blend
