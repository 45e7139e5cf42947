// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/file_notes.hpp"
#include "plugins/blend/unit.hpp"

namespace souschef::blend {

// One JSON object about the file and its scenes: docs/format/trace.md, "facts".
std::string scene_facts(const BlendAnalysis& analysis, const Unit& unit, const FileNotes& notes);

// What the first pass cannot know and the parts ask for: the suffixes of the views of the unit's scenes, and
// whether one of them writes a movie with sound.
void note_scenes(const Unit& unit, FileNotes& notes);

}  // namespace souschef::blend
