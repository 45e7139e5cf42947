// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/support/blend_writer.hpp"

namespace souschef::blend {

// A small file with everything that the filter treats: lists, arrays with pointers, arrays of pointers, names
// from a library, dangling pointers, session values, plain arrays small and large.
struct FileStory {
  test::BlendStyle style;
  int session = 1;  // whose numbers and addresses stand in it
  int objects = 40;
  std::size_t vertices = 3000;
  int new_object = -1;  // one more, before this one
  int moved_vertex = -1;
  std::function<void(test::BlendWriter&)> add;  // behind everything else
};

inline void set_session(test::BlendNode id, int session, int ordinal) {
  id.set("id.session_uuid", session * 1000 + ordinal)
      .set("id.recalc", session % 4)
      .set("id.tag", session * 16);
}

inline void add_mesh(test::BlendNode& mesh, const FileStory& story) {
  test::BlendNode vertices = mesh.data("MVert", story.vertices);
  test::BlendNode weights = mesh.data("MDeformVert", story.vertices);
  for (std::size_t i = 0; i < story.vertices; ++i) {
    test::BlendNode vertex = vertices.element(i);
    vertex.set("co[0]", static_cast<double>(i) * 0.25).set("co[1]", static_cast<double>(i * i % 1000));
    if (static_cast<int>(i) == story.moved_vertex) vertex.set("co[2]", 4.5);
    test::BlendNode weight = mesh.data("MDeformWeight", 2);
    weight.set("def_nr", static_cast<std::int64_t>(i % 7)).set("weight", 0.5);
    weights.element(i).point("dw", weight).set("totweight", 2);
  }
  mesh.point("mvert", vertices).point("dvert", weights);
}

inline std::string file_of(FileStory story) {
  story.style.first_address = 0x10000 + static_cast<std::uint64_t>(story.session) * 0x230;
  test::BlendWriter file(story.style);
  file.block("REND", "", std::string(72, '\1'));
  file.block("TEST", "", std::string(2000, '\2'));
  test::BlendNode library = file.datablock("LI", "Library", "LIset.blend");
  library.set("name", "//set.blend");
  test::BlendNode linked = file.placeholder("OBhouse", library);
  test::BlendNode again = file.placeholder("OBCube", library);
  test::BlendNode mesh = file.datablock("ME", "Mesh", "MEbody");
  set_session(mesh, story.session, 1);
  add_mesh(mesh, story);

  std::vector<test::BlendNode> objects;
  for (int i = 0; i <= story.objects; ++i) {
    const auto object = [&](const std::string& name) {
      test::BlendNode made = file.datablock("OB", "Object", "OB" + name);
      set_session(made, story.session, 10 + i);
      test::BlendNode modifier = made.data("SubsurfModifierData");
      modifier.set("modifier.name", "Subdivision").set("levels", i % 3);
      // The session's own memory: leads nowhere in the file.
      modifier.point("modifier.runtime", 0x7F0000000000 / (story.style.pointer_size == 8 ? 1 : 0x10000) +
                                             static_cast<std::uint64_t>(story.session * 0x1000 + i * 64));
      test::BlendNode second = made.data("SubsurfModifierData");
      second.set("modifier.name", "Second");
      made.list("modifiers", {modifier, second});
      made.point("data", mesh).point("parent", i % 2 == 0 ? linked : again);
      made.point("mat", made.pointers({mesh, linked, made}));
      test::BlendNode text = made.text("a note about " + name);
      made.point("matbits", text);
      objects.push_back(made);
    };
    if (i == story.new_object) object("inserted");
    if (i < story.objects) object("thing." + std::to_string(i));
  }
  for (std::size_t i = 0; i + 1 < objects.size(); ++i)
    objects[i].point("id.next", objects[i + 1]), objects[i + 1].point("id.prev", objects[i]);
  if (story.add) story.add(file);
  return file.bytes();
}

}  // namespace souschef::blend
