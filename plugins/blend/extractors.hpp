// SPDX-License-Identifier: MIT
// The parts of the tracer, one for each kind of datablock that refers to files. Each reports what the
// datablock in `visit` refers to; what it uses of other datablocks is the first pass's matter. The rows that
// each covers stand in docs/format/blend.md.
#pragma once

#include "plugins/blend/visit.hpp"

namespace souschef::blend {

// dependencies_image.cpp
void trace_image(Visit& visit);
// dependencies_library.cpp
void trace_library(Visit& visit);
void trace_weak_reference(Visit& visit);  // of any datablock
// dependencies_media.cpp
void trace_sound(Visit& visit);
void trace_font(Visit& visit);
void trace_clip(Visit& visit);
// dependencies_cache.cpp
void trace_volume(Visit& visit);
void trace_cache_file(Visit& visit);
// dependencies_data.cpp
void trace_text(Visit& visit);
void trace_mesh(Visit& visit);
void trace_camera(Visit& visit);
void trace_brush(Visit& visit);
void trace_texture(Visit& visit);
// dependencies_object.cpp
void trace_object(Visit& visit);
// dependencies_nodes.cpp
void trace_node_tree(Visit& visit, const Record& tree);
// dependencies_sequencer.cpp
void trace_sequencer(Visit& visit);
// dependencies_scene.cpp
void trace_scene(Visit& visit);

// Whether a datablock that overrides a linked one has a path of its own: otherwise the linked one's counts.
[[nodiscard]] bool has_own_path(Visit& visit);
// What need a datablock of images or clips has: one that only a viewport shows never keeps a shot from being
// banked.
[[nodiscard]] Need need_of(Visit& visit);
// Whether the bytes of the file are in the .blend: `member` leads to a PackedFile.
[[nodiscard]] bool is_packed(Visit& visit, MemberName member);

}  // namespace souschef::blend
