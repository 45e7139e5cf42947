// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

#include "plugins/blend/visit.hpp"

namespace souschef::blend {

// What the scene in `visit` would write: its own output path, its bake path, and the File Output nodes of its
// compositor, those in groups of this file included.
void trace_scene_outputs(Visit& visit);

// What the File Output nodes of a compositor group would write that no scene of this file has been seen to
// use: the scenes of other files may.
void trace_group_outputs(Visit& visit);

// What people wrote on the File Output nodes of a scene's compositor: node ("Group/File Output") -> label, of
// those that have one. `scope` is of the scene.
std::map<std::string, std::string> file_output_labels(const Unit& unit, Scope& scope, const Record& scene);

// Whether the scene's compositor is on.
[[nodiscard]] bool compositor_is_on(const Record& scene);

}  // namespace souschef::blend
