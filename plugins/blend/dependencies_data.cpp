// SPDX-License-Identifier: MIT
// Texts, meshes, cameras, brushes, textures: datablocks with a path or two.
#include <string>

#include "plugins/blend/extractors.hpp"
#include "plugins/blend/residual_rules.hpp"

namespace souschef::blend {

void trace_text(Visit& visit) {
  constexpr int kInMemory = 2;
  constexpr int kExternal = 3;
  constexpr int kRunsAtLoad = 4;
  const Record& text = visit.id();
  Found found = visit.in_string(text, "name", "Text.filepath");
  found.reference.kind = ReferenceKind::text;
  // The lines are in the .blend, unless the text is only a link to the file.
  const bool outside = text.bit("flags", kExternal) && !text.bit("flags", kInMemory);
  found.reference.need = outside ? Need::required : Need::optional;
  visit.add(std::move(found));

  if (!text.bit("flags", kRunsAtLoad)) return;
  bool opens = false;
  visit.scope().each(
      text, "lines",
      [&](const Record& line) {
        const auto code = visit.scope().string_at(line.pointer("line"));
        opens = opens || (code && may_open_files(*code));
      },
      "TextLine");
  if (opens)
    visit.warn("script_may_read_files", "a script that runs when the file is loaded may read files: " +
                                            std::string(visit.plain_name()));
}

void trace_mesh(Visit& visit) {
  const auto external = [&](MemberName data) {
    const Record custom = visit.id().record(data);
    if (custom.pointer("external") == 0) return;
    Found found = visit.in_array(visit.scope().follow(custom, "external"), "filename",
                                 "Mesh." + std::string(data.text) + ".external");
    found.reference.kind = ReferenceKind::mesh_data;
    visit.add(std::move(found));
  };
  external("ldata");
  external("fdata");
  external("pdata");
  external("vdata");
}

void trace_camera(Visit& visit) {
  constexpr std::int64_t kExternal = 1;
  Found found = visit.in_array(visit.id(), "custom_filepath", "Camera.custom_filepath");
  found.reference.kind = ReferenceKind::script;
  found.reference.need =
      visit.id().integer("custom_mode", kExternal) == kExternal ? Need::required : Need::cache;
  visit.add(std::move(found));
}

void trace_brush(Visit& visit) {
  Found found = visit.in_array(visit.id(), "icon_filepath", "Brush.icon_filepath");
  found.reference.kind = ReferenceKind::image;
  found.reference.need = Need::optional;
  visit.add(std::move(found));
}

// Only the textures of Blender 2.4 to 2.7 refer to files themselves; later ones use an image.
void trace_texture(Visit& visit) {
  constexpr std::int64_t kVoxelData = 15;
  constexpr std::int64_t kLastFileFormat = 2;
  const Record& texture = visit.id();
  if (texture.pointer("plugin") != 0) {
    const Record plugin = visit.scope().follow(texture, "plugin");
    visit.warn("texture_plugin",
               "a texture plugin of Blender 2.4 is not banked: " + std::string(plugin.text("name")));
  }
  if (texture.integer("type") != kVoxelData || texture.pointer("vd") == 0) return;
  const Record voxels = visit.scope().follow(texture, "vd");
  if (voxels.integer("file_format") > kLastFileFormat) return;
  Found found = visit.in_array(voxels, "source_path", "VoxelData.filepath");
  found.reference.kind = ReferenceKind::volume;
  visit.add(std::move(found));
}

}  // namespace souschef::blend
