// SPDX-License-Identifier: MIT
// The sequencer, and what a scene would write.
#include "tests/plugins/blend/traced.hpp"

namespace souschef::blend {
namespace {

enum { kImage = 0, kMeta = 1, kScene = 2, kMovie = 3, kSound = 4 };

struct SceneFile {
  explicit SceneFile(BlendStyle style = {})
      : writer(std::move(style)), scene(writer.datablock("SC", "Scene", "SCScene")) {
    scene.set("r.scemode", 1);
  }
  BlendNode editing(const std::vector<BlendNode>& strips) {
    BlendNode made = scene.data("Editing");
    scene.point("ed", made);
    made.list("seqbase", strips);
    return made;
  }
  BlendNode strip(int type, const char* folder, const std::vector<std::string>& names) {
    BlendNode made = scene.data("Sequence").set("type", type).set("name", "SQstrip");
    BlendNode data = scene.data("Strip").set("dir", folder);
    made.point("strip", data);
    if (!names.empty()) {
      BlendNode elements = scene.data("StripElem", names.size());
      for (std::size_t i = 0; i < names.size(); ++i) elements.element(i).set("name", names[i]);
      data.point("stripdata", elements);
    }
    return made;
  }
  BlendWriter writer;
  BlendNode scene;
};

TEST(TraceSequencer, ImageStripHasOneFilePerElement) {
  SceneFile file;
  file.editing({file.strip(kImage, "//imgseq/", {"000210.png", "000211.png", "other.png"})});
  const Traced trace(file.writer);
  EXPECT_EQ(trace.paths(),
            (std::vector<std::string>{"//imgseq/000210.png", "//imgseq/000211.png", "//imgseq/other.png"}));
  EXPECT_EQ(trace.references[0].kind, ReferenceKind::image);
  EXPECT_EQ(trace.references[0].need, Need::required);
  EXPECT_EQ(trace.references[0].property, "Strip \"strip\"");
}

TEST(TraceSequencer, MovieHasOneFileWhateverItsElements) {
  SceneFile file;
  file.editing({file.strip(kMovie, "//movie", {"a.mp4", "junk", "junk"})});
  const Traced trace(file.writer);
  EXPECT_EQ(trace.paths(), std::vector<std::string>{"//movie/a.mp4"});
  EXPECT_EQ(trace.references[0].kind, ReferenceKind::movie);
}

TEST(TraceSequencer, SoundStripPlaysItsDatablock) {
  SceneFile file;
  BlendNode sound = file.writer.datablock("SO", "bSound", "SOmusic").set("name", "//music.wav");
  BlendNode strip = file.strip(kSound, "//old/", {"place.wav"});
  strip.point("sound", sound);
  file.editing({strip});
  const Traced trace(file.writer);
  EXPECT_EQ(trace.at("//old/place.wav").need, Need::optional);
  EXPECT_TRUE(trace.uses_edge("SCScene", "SOmusic"));
}

// Before sounds were datablocks the strip itself said what it plays.
TEST(TraceSequencer, SoundOfBlender24IsItsOwnFile) {
  SceneFile file;
  file.editing({file.strip(5, "//sound/", {"old.wav"})});
  const TracedReference found = Traced(file.writer).at("//sound/old.wav");
  EXPECT_EQ(found.kind, ReferenceKind::sound);
  EXPECT_EQ(found.need, Need::required);
}

TEST(TraceSequencer, MetasAreOpened) {
  SceneFile file;
  BlendNode inner = file.strip(kImage, "//deep/", {"a.png"});
  BlendNode middle = file.scene.data("Sequence").set("type", kMeta);
  middle.list("seqbase", {inner});
  BlendNode outer = file.scene.data("Sequence").set("type", kMeta);
  outer.list("seqbase", {middle});
  file.editing({outer});
  EXPECT_EQ(Traced(file.writer).paths(), std::vector<std::string>{"//deep/a.png"});
}

TEST(TraceSequencer, EffectsAndScenesHaveNoFiles) {
  SceneFile file;
  file.editing({file.strip(kScene, "//never/", {"x"}), file.strip(8, "//never/", {"y"})});
  EXPECT_TRUE(Traced(file.writer).references.empty());
}

TEST(TraceSequencer, SwitchedOffIsNotRequired) {
  SceneFile file;
  file.editing({file.strip(kImage, "//imgseq/", {"a.png"})});
  file.scene.set("r.scemode", 0);
  EXPECT_EQ(Traced(file.writer).at("//imgseq/a.png").need, Need::cache);
}

TEST(TraceSequencer, ViewsOfAStrip) {
  SceneFile file;
  file.editing({file.strip(kImage, "//s/", {"a_L.png"}).set("flag", 1 << 29)});
  EXPECT_EQ(Traced(file.writer).at("//s/a_L.png").expansion, Expansion::views);
}

TEST(TraceSequencer, ProxiesAreOptional) {
  SceneFile file;
  BlendNode strip = file.strip(kMovie, "//m/", {"a.mp4"}).set("flag", 1 << 15);
  BlendNode data = file.scene.data("Strip").set("dir", "//m/");
  BlendNode element = file.scene.data("StripElem").set("name", "a.mp4");
  BlendNode proxy = file.scene.data("StripProxy").set("dir", "//proxies/").set("storage", 4);
  data.point("stripdata", element).point("proxy", proxy);
  strip.point("strip", data);
  file.editing({strip});
  const TracedReference found = Traced(file.writer).at("//proxies/");
  EXPECT_EQ(found.need, Need::optional);
  EXPECT_EQ(found.kind, ReferenceKind::proxy);
}

TEST(TraceSequencer, FoldersOfTheFileBrowserAreNoFiles) {
  SceneFile file;
  file.editing({}).set("act_imagedir", "//browser/").set("act_sounddir", "/home/me/").set("proxy_dir", "//p");
  EXPECT_TRUE(Traced(file.writer).references.empty());
}

// ----------------------------------------------------------------------------------------- outputs

TEST(TraceOutput, RenderPathWithItsFormat) {
  SceneFile file;
  file.scene.set("r.pic", "//render/sh010_").set("r.im_format.imtype", 28).set("r.scemode", 1 << 4);
  const Traced trace(file.writer);
  ASSERT_EQ(trace.outputs.size(), 1U);
  EXPECT_EQ(trace.outputs[0].kind, OutputKind::render);
  EXPECT_EQ(trace.outputs[0].path, "//render/sh010_");
  EXPECT_EQ(trace.outputs[0].format, "OPEN_EXR_MULTILAYER");
  EXPECT_EQ(trace.outputs[0].extension, ".exr");
  EXPECT_TRUE(trace.references.empty());
  file.scene.set("r.scemode", 0);
  EXPECT_EQ(Traced(file.writer).outputs[0].extension, "");
}

TEST(TraceOutput, BakePath) {
  SceneFile file;
  file.scene.set("r.bake.filepath", "//bakes/");
  EXPECT_EQ(Traced(file.writer).outputs.at(1).kind, OutputKind::bake);
}

// A compositor with one File Output node of Blender 2.6 to 4.
struct Compositor : SceneFile {
  Compositor() : tree(scene.data("bNodeTree").set("type", 1)) {
    scene.point("nodetree", tree).set("use_nodes", 1).set("r.scemode", 1 << 6 | 1 << 4);
  }
  struct Slot {
    const char* path;
    bool linked;
    int own_format = -1;
  };
  // A node in the tree `where`, which belongs to `owner`.
  BlendNode file_output(BlendNode& owner, BlendNode& where, int format, const std::vector<Slot>& slots) {
    BlendNode node = owner.data("bNode").set("idname", "CompositorNodeOutputFile").set("name", "File Output");
    BlendNode storage =
        owner.data("NodeImageMultiFile").set("base_path", "//comp/").set("format.imtype", format);
    node.point("storage", storage);
    std::vector<BlendNode> sockets, links;
    for (const Slot& slot : slots) {
      BlendNode own = owner.data("NodeImageMultiFileSocket").set("path", slot.path);
      own.set("use_node_format", slot.own_format < 0 ? 1 : 0);
      if (slot.own_format >= 0) own.set("format.imtype", slot.own_format);
      sockets.push_back(owner.data("bNodeSocket").point("storage", own));
      if (slot.linked) links.push_back(owner.data("bNodeLink").point("tosock", sockets.back()));
    }
    node.list("inputs", sockets);
    where.list("links", links);
    where.list("nodes", {node});
    return node;
  }
  BlendNode tree;
};

// What was seen of File Output nodes, after the scene's own path.
std::vector<std::string> node_outputs(const Traced& trace) {
  std::vector<std::string> all;
  for (const TracedOutput& output : trace.outputs)
    if (output.kind == OutputKind::file_node)
      all.push_back((output.muted ? "(" : "") + output.node + ": " + output.path + output.slot + " " +
                    output.format + output.extension + (output.muted ? ")" : ""));
  return all;
}

using Strings = std::vector<std::string>;

TEST(TraceOutput, FileOutputSlots) {
  Compositor file;
  file.file_output(file.scene, file.tree, 17, {{"beauty_", true}, {"depth_", true, 23}, {"unlinked", false}});
  EXPECT_EQ(node_outputs(Traced(file.writer)),
            (Strings{"File Output: //comp/beauty_ PNG.png", "File Output: //comp/depth_ OPEN_EXR.exr",
                     "(File Output: //comp/unlinked PNG.png)"}));
}

TEST(TraceOutput, MultilayerIsOneFile) {
  Compositor file;
  file.file_output(file.scene, file.tree, 28, {{"a", true}, {"b", true}});
  EXPECT_EQ(node_outputs(Traced(file.writer)), Strings{"File Output: //comp/ OPEN_EXR_MULTILAYER.exr"});
}

TEST(TraceOutput, MutedNodeOrCompositorOffWritesNothing) {
  Compositor file;
  BlendNode node = file.file_output(file.scene, file.tree, 17, {{"a", true}});
  node.set("flag", 1 << 9);
  EXPECT_TRUE(Traced(file.writer).outputs.back().muted);
  node.set("flag", 0);
  EXPECT_FALSE(Traced(file.writer).outputs.back().muted);
  file.scene.set("use_nodes", 0);
  EXPECT_TRUE(Traced(file.writer).outputs.back().muted);
}

TEST(TraceOutput, NodesInGroupsBearTheGroupsNames) {
  Compositor file;
  BlendNode group = file.writer.datablock("NT", "bNodeTree", "NTcomp").set("type", 1);
  file.file_output(group, group, 17, {{"a", true}});
  BlendNode user =
      file.scene.data("bNode").set("idname", "CompositorNodeGroup").set("name", "Group").point("id", group);
  file.tree.list("nodes", {user});
  const Traced trace(file.writer);
  EXPECT_EQ(node_outputs(trace), Strings{"Group/File Output: //comp/a PNG.png"});
  EXPECT_EQ(trace.outputs.back().datablock, trace.datablock_named("SCScene"));
}

TEST(TraceOutput, GroupThatNoSceneUsesIsItsOwn) {
  Compositor file;
  BlendNode group = file.writer.datablock("NT", "bNodeTree", "NTcomp").set("type", 1);
  file.file_output(group, group, 17, {{"a", true}});
  const Traced trace(file.writer);
  EXPECT_EQ(node_outputs(trace), Strings{"File Output: //comp/a PNG.png"});
  EXPECT_EQ(trace.outputs.back().datablock, trace.datablock_named("NTcomp"));
}

TEST(TraceOutput, GroupsInEachOtherEnd) {
  Compositor file;
  BlendNode a = file.writer.datablock("NT", "bNodeTree", "NTa").set("type", 1);
  BlendNode b = file.writer.datablock("NT", "bNodeTree", "NTb").set("type", 1);
  a.list("nodes", {a.data("bNode").set("idname", "CompositorNodeGroup").point("id", b),
                   a.data("bNode").set("idname", "CompositorNodeGroup").point("id", b)});
  b.list("nodes", {b.data("bNode").set("idname", "CompositorNodeGroup").point("id", a)});
  file.tree.list("nodes", {file.scene.data("bNode").set("idname", "CompositorNodeGroup").point("id", a)});
  EXPECT_EQ(Traced(file.writer).failure, "");
}

TEST(TraceOutput, SingleFileNodeOfBlender24) {
  Compositor file;
  BlendNode node = file.scene.data("bNode").set("idname", "CompositorNodeOutputFile").set("name", "Old");
  node.point("storage", file.scene.data("NodeImageFile").set("name", "//old/").set("im_format.imtype", 0));
  file.tree.list("nodes", {node});
  EXPECT_EQ(node_outputs(Traced(file.writer)), Strings{"Old: //old/ TARGA.tga"});
}

const char* const kBlender5 =
    "struct NodeCompositorFileOutputItem { int identifier; short socket_type; char override_node_format, "
    "save_as_render; "
    "char *name; ImageFormatData format; }; struct NodeCompositorFileOutput { char directory[1024]; char "
    "*file_name; "
    "ImageFormatData format; NodeCompositorFileOutputItem *items; int items_count, active_item_index; }; "
    "struct Scene { ID "
    "id; AnimData *adt; char use_nodes, _pad[7]; bNodeTree *nodetree, *compositing_node_group; RenderData r; "
    "};";

TEST(TraceOutput, FileOutputOfBlender5) {
  BlendWriter writer({.version = 500, .format = 1, .structs = kBlender5});
  BlendNode scene = writer.datablock("SC", "Scene", "SCScene").set("r.scemode", 1 << 6 | 1 << 4);
  BlendNode group = writer.datablock("NT", "bNodeTree", "NTCompositing").set("type", 1);
  scene.point("compositing_node_group", group);
  BlendNode node = group.data("bNode").set("idname", "CompositorNodeOutputFile").set("name", "Out");
  BlendNode storage =
      group.data("NodeCompositorFileOutput").set("directory", "//comp/").set("format.imtype", 17);
  BlendNode items = group.data("NodeCompositorFileOutputItem", 2);
  items.element(0).set("identifier", 4).point("name", group.text("beauty"));
  items.element(1).set("identifier", 5).set("override_node_format", 1).set("format.imtype", 23);
  items.element(1).point("name", group.text("depth"));
  storage.point("file_name", group.text("sh010_")).point("items", items).set("items_count", 2);
  node.point("storage", storage);
  BlendNode socket = group.data("bNodeSocket").set("identifier", "Item_4");
  node.list("inputs", {socket, group.data("bNodeSocket").set("identifier", "Item_5")});
  group.list("nodes", {node});
  group.list("links", {group.data("bNodeLink").point("tosock", socket)});
  EXPECT_EQ(node_outputs(Traced(writer)),
            (Strings{"Out: //comp/sh010_beauty PNG.png", "(Out: //comp/sh010_depth OPEN_EXR.exr)"}));
}

}  // namespace
}  // namespace souschef::blend
