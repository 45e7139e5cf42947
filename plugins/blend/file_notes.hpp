// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "plugins/blend/found.hpp"
#include "plugins/blend/node_trees.hpp"

namespace souschef::blend {

// A text that looks like a path, in a place that no part of the tracer claims.
struct Suspicion {
  std::uint32_t datablock = 0;  // of the unit
  std::string property;
  Spot spot;
  std::string text;
};

// A driver whose expression needs Python.
struct ScriptedDriver {
  std::uint32_t datablock = 0;  // of the unit
  std::string expression;
};

// What is known of one unit as a whole.
struct FileNotes {
  std::vector<Suspicion> suspicions;
  std::vector<ScriptedDriver> drivers;
  std::uint64_t all_drivers = 0;
  std::uint64_t repeated_addresses = 0;

  // By datablock of the unit: textures, images and clips that only brushes, empties or camera backgrounds
  // use.
  std::vector<bool> viewport_only;
  // Datablocks LI from which only brushes are linked.
  std::unordered_set<std::uint32_t> brush_libraries;
  // "_L\n_R": the suffixes of the views of all scenes with several views, or Blender's own.
  std::string view_suffixes = "_L\n_R";
  // Whether some scene writes a movie with sound, or the file has no scene that could say otherwise.
  bool sound_is_heard = true;

  // Node groups that have been looked at, by datablock of the unit.
  std::unordered_map<std::uint32_t, NodeGroup> node_groups;
  // Groups that the compositor of some scene of the unit uses.
  std::unordered_set<std::uint32_t> groups_of_scenes;

  // Texts that a part has explained: where they are in the content.
  std::unordered_set<std::uint64_t> explained;
};

}  // namespace souschef::blend
