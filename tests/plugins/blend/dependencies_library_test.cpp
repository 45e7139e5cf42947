// SPDX-License-Identifier: MIT
#include "plugins/blend/unit.hpp"
#include "tests/plugins/blend/traced.hpp"

namespace souschef::blend {
namespace {

TEST(TraceLibrary, ReferenceBelongsToTheLibrarysDatablock) {
  BlendWriter writer;
  BlendNode library = writer.datablock("LI", "Library", "LIlib.blend")
                          .set("name", "//../lib.blend")
                          .set("filepath_abs", "/abs/lib.blend");
  BlendNode linked = writer.placeholder("OBHero", library);
  writer.datablock("GR", "Collection", "GRset").point("id.newid", linked);
  const Traced trace(writer);
  ASSERT_EQ(trace.failure, "");
  const TracedReference found = trace.at("//../lib.blend");
  EXPECT_EQ(found.kind, ReferenceKind::library);
  EXPECT_EQ(found.datablock, trace.datablock_named("LIlib.blend"));
  EXPECT_EQ(trace.references.size(), 1U);
  EXPECT_EQ(trace.datablocks[trace.datablock_named("OBHero")].library, trace.datablock_named("LIlib.blend"));
}

TEST(TraceLibrary, LibrariesAndInterfaceAreNoRoots) {
  BlendWriter writer;
  BlendNode library = writer.datablock("LI", "Library", "LIlib").set("name", "//lib.blend");
  writer.placeholder("OBHero", library);
  writer.datablock("WM", "wmWindowManager", "WMWinMan");
  writer.datablock("SN", "bScreen", "SRLayout");
  writer.datablock("WS", "WorkSpace", "WSLayout");
  writer.datablock("SC", "Scene", "SCScene");
  const Traced trace(writer);
  std::vector<std::string> roots;
  for (const TracedDatablock& d : trace.datablocks)
    if (d.root) roots.push_back(d.name);
  EXPECT_EQ(roots, (std::vector<std::string>{"OBHero", "SCScene"}));
}

TEST(TraceLibrary, LibraryOfBrushesIsOptional) {
  BlendWriter writer;
  BlendNode essentials =
      writer.datablock("LI", "Library", "LIess").set("name", "/usr/share/blender/essentials.blend");
  writer.placeholder("BRDraw", essentials);
  EXPECT_EQ(Traced(writer).at("/usr/share/blender/essentials.blend").need, Need::optional);
  writer.placeholder("OBHero", essentials);
  EXPECT_EQ(Traced(writer).at("/usr/share/blender/essentials.blend").need, Need::required);
}

TEST(TraceLibrary, AppendedFromIsOptional) {
  BlendWriter writer;
  BlendNode object = writer.datablock("OB", "Object", "OBCube");
  object.point("id.library_weak_reference",
               object.data("LibraryWeakReference").set("library_filepath", "//from.blend"));
  const TracedReference found = Traced(writer).at("//from.blend");
  EXPECT_EQ(found.need, Need::optional);
  EXPECT_NE(found.kind, ReferenceKind::library);
}

// ---------------------------------------------------------------------------------- what uses what

TEST(TraceUses, FollowsPointersOfEveryKind) {
  BlendWriter writer;
  BlendNode mesh = writer.datablock("ME", "Mesh", "MEmesh");
  BlendNode red = writer.datablock("MA", "Material", "MAred");
  BlendNode blue = writer.datablock("MA", "Material", "MAblue");
  BlendNode other = writer.datablock("OB", "Object", "OBother");
  BlendNode image = writer.datablock("IM", "Image", "IMseen");
  BlendNode cube = writer.datablock("OB", "Object", "OBcube");
  // void*, an array of pointers, a modifier's member, an ID property
  cube.point("data", mesh).point("mat", cube.pointers({red, blue}));
  BlendNode displace = cube.data("DisplaceModifierData").point("map_object", other);
  cube.list("modifiers", {displace});
  BlendNode value = cube.data("IDProperty").set("type", 7).point("data.pointer", image);
  BlendNode root = cube.data("IDProperty").set("type", 6);
  root.list("data.group", {value});
  cube.point("id.properties", root);
  const Traced trace(writer);
  for (const char* target : {"MEmesh", "MAred", "MAblue", "OBother", "IMseen"})
    EXPECT_TRUE(trace.uses_edge("OBcube", target)) << target;
}

// Files that are reached through another datablock only: archives through modifiers and constraints, fonts,
// clips and masks through strips, scripts through line sets. The paths inside an archive are no files.
TEST(TraceUses, FollowsWhatHoldsADatablockInsideAnother) {
  BlendWriter writer;
  BlendNode crowd = writer.datablock("CF", "CacheFile", "CFcrowd").set("filepath", "//crowd.abc");
  BlendNode camera = writer.datablock("CF", "CacheFile", "CFcamera").set("filepath", "//camera.abc");
  BlendNode font = writer.datablock("VF", "VFont", "VFtitle").set("name", "//title.ttf");
  BlendNode clip = writer.datablock("MC", "MovieClip", "MCplate").set("name", "//plate.mov").set("source", 2);
  BlendNode script = writer.datablock("TX", "Text", "TXlines.py");
  BlendNode object = writer.datablock("OB", "Object", "OBactor").set("type", 1);
  BlendNode modifier = object.data("MeshSeqCacheModifierData").point("cache_file", crowd);
  object.list("modifiers", {modifier.set("object_path", "/root/actor.png")});
  BlendNode constraint = object.data("bConstraint");
  BlendNode follows = object.data("bTransformCacheConstraint").point("cache_file", camera);
  constraint.point("data", follows.set("object_path", "/root/camera.png"));
  object.list("constraints", {constraint});
  BlendNode scene = writer.datablock("SC", "Scene", "SCshot");
  BlendNode title = scene.data("Sequence").set("type", 41);
  title.point("effectdata", scene.data("TextVars").point("text_font", font));
  BlendNode plate = scene.data("Sequence").set("type", 6).point("clip", clip);
  BlendNode editing = scene.data("Editing");
  editing.list("seqbase", {title, plate});
  scene.point("ed", editing);
  scene.data("FreestyleModuleConfig").point("script", script);
  const Traced trace(writer);
  for (const char* target : {"CFcrowd", "CFcamera"})
    EXPECT_TRUE(trace.uses_edge("OBactor", target)) << target;
  for (const char* target : {"VFtitle", "MCplate", "TXlines.py"})
    EXPECT_TRUE(trace.uses_edge("SCshot", target)) << target;
  EXPECT_EQ(trace.references.size(), 4U);
}

TEST(TraceUses, LeavesOutWhatMeansNothingOnDisk) {
  BlendWriter writer;
  BlendNode scene = writer.datablock("SC", "Scene", "SCother");
  BlendNode old = writer.datablock("OB", "Object", "OBold");
  BlendNode library = writer.datablock("LI", "Library", "LIlib");
  BlendNode texture = writer.datablock("TE", "Tex", "TEwood");
  texture.point("iuser.scene", scene).point("id.newid", old).point("id.next", old).point("id.lib", library);
  texture.point("id.orig_id", old);
  EXPECT_TRUE(Traced(writer).used[3].empty());
}

TEST(TraceUses, EmbeddedTreeBelongsToItsOwner) {
  BlendWriter writer;
  BlendNode image = writer.datablock("IM", "Image", "IMwood");
  BlendNode material = writer.datablock("MA", "Material", "MAwood");
  BlendNode tree = material.data("bNodeTree").set("id.name", "NTShader Nodetree");
  material.point("nodetree", tree);
  BlendNode node = material.data("bNode").point("id", image);
  tree.list("nodes", {node});
  EXPECT_TRUE(Traced(writer).uses_edge("MAwood", "IMwood"));
}

// Two datablocks whose DATA have the same address, which is also that of a third datablock: inside each, the
// address means its own DATA.
TEST(TraceUses, AddressMeansTheGroupsOwnDataFirst) {
  BlendWriter writer;
  BlendNode a = writer.datablock("OB", "Object", "OBa");
  BlendNode own = a.data("ModifierData").set_address(0x4440);
  a.point("data", own);
  BlendNode b = writer.datablock("OB", "Object", "OBb");
  b.point("data", 0x4440);
  writer.datablock("ME", "Mesh", "MEshared").set_address(0x4440);
  const Traced trace(writer);
  EXPECT_FALSE(trace.uses_edge("OBa", "MEshared"));
  EXPECT_TRUE(trace.uses_edge("OBb", "MEshared"));
}

// The same address in two datablocks leads to two images' packed data: only one of them is packed.
TEST(TraceUses, RepeatedDataAddressesDoNotMix) {
  BlendWriter writer;
  BlendNode packed = writer.datablock("IM", "Image", "IMpacked").set("name", "//packed.png").set("source", 1);
  packed.data("PackedFile").set_address(0x9000);
  packed.point("packedfile", 0x9000);
  BlendNode file = writer.datablock("IM", "Image", "IMfile").set("name", "//file.png").set("source", 1);
  file.point("packedfile", 0x9000);
  EXPECT_EQ(Traced(writer).paths(), std::vector<std::string>{"//file.png"});
}

TEST(TraceUses, LastFollowerOfManyIsFound) {
  BlendWriter writer;
  BlendNode object = writer.datablock("OB", "Object", "OBlast");
  BlendNode collection = writer.datablock("GR", "Collection", "GRmany");
  std::vector<BlendNode> items;
  for (int i = 0; i < 5000; ++i) items.push_back(collection.data("CollectionObject"));
  items.back().point("ob", object);
  collection.list("gobject", items);
  EXPECT_TRUE(Traced(writer).uses_edge("GRmany", "OBlast"));
}

// -------------------------------------------------------------------------------- packed libraries

std::string library_with_image(const char* path) {
  BlendWriter writer;
  BlendNode image = writer.datablock("IM", "Image", "IMinner").set("name", path).set("source", 1);
  writer.datablock("TE", "Tex", "TEinner").point("ima", image);
  return writer.bytes();
}

void pack(BlendNode& library, const std::string& bytes) {
  BlendNode packed = library.data("PackedFile").set("size", static_cast<int>(bytes.size()));
  packed.point("data", library.raw(bytes + std::string((4 - bytes.size() % 4) % 4, 'x')));
  library.point("packedfile", packed);
}

TEST(TracePackedLibrary, IsTracedInMemoryWithItsOwnBase) {
  for (const std::string& bytes :
       {library_with_image("//tex/a.png"), test::gzip_wrapped(library_with_image("//tex/a.png")),
        test::zstd_wrapped(library_with_image("//tex/a.png"))}) {
    BlendWriter writer;
    BlendNode library = writer.datablock("LI", "Library", "LIlib").set("name", "//lib/packed.blend");
    pack(library, bytes);
    writer.placeholder("TEinner", library);
    const Traced trace(writer);
    ASSERT_EQ(trace.failure, "");
    ASSERT_EQ(trace.paths(), std::vector<std::string>{"//tex/a.png"});
    EXPECT_EQ(trace.references[0].base, "//lib/packed.blend");
    // The placeholder leads to the texture inside, that to the image.
    std::uint32_t inner = kNone;
    for (std::uint32_t i = 2; i < trace.datablocks.size(); ++i)
      if (trace.datablocks[i].name == "TEinner") inner = i;
    EXPECT_EQ(trace.used[1], std::vector<std::uint32_t>{inner});
    EXPECT_TRUE(trace.uses_edge("TEinner", "IMinner") || !trace.used[inner].empty());
    EXPECT_FALSE(trace.datablocks[inner].root);
    EXPECT_EQ(trace.references[0].datablock, trace.datablock_named("IMinner"));
  }
}

TEST(TracePackedLibrary, OneInsideAnotherIsRelativeToIt) {
  BlendWriter middle;
  BlendNode inner = middle.datablock("LI", "Library", "LIinner").set("name", "//deep/inner.blend");
  pack(inner, library_with_image("//a.png"));
  middle.placeholder("TEinner", inner);
  BlendNode outside = middle.datablock("LI", "Library", "LIfile").set("name", "//file.blend");
  middle.placeholder("OBx", outside);
  BlendWriter outer;
  BlendNode library = outer.datablock("LI", "Library", "LImiddle").set("name", "//lib/middle.blend");
  pack(library, middle.bytes());
  const Traced trace(outer);
  EXPECT_EQ(trace.at("//a.png").base, "//lib/deep/inner.blend");
  EXPECT_EQ(trace.at("//file.blend").base, "//lib/middle.blend");
  EXPECT_EQ(trace.references.size(), 2U);
}

// main holds mid and deep; mid links deep by a path of its own. Blender takes the one that is packed.
TEST(TracePackedLibrary, PackedOneStandsForTheFileOfThatName) {
  for (const char* written : {"//deep.blend", "//../lib/./deep.blend", "/elsewhere/deep.blend"}) {
    BlendWriter middle;
    BlendNode link = middle.datablock("LI", "Library", "LIdeep")
                         .set("name", written)
                         .set("filepath_abs", "/home/p/lib/deep.blend");
    middle.placeholder("TEinner", link);
    BlendWriter outer;
    BlendNode mid = outer.datablock("LI", "Library", "LImid").set("name", "//lib/mid.blend");
    pack(mid, middle.bytes());
    BlendNode deep = outer.datablock("LI", "Library", "LIdeep")
                         .set("name", "//lib/deep.blend")
                         .set("filepath_abs", "/home/p/lib/deep.blend");
    pack(deep, library_with_image("//a.png"));
    const Traced trace(outer);
    EXPECT_EQ(trace.paths(), std::vector<std::string>{"//a.png"}) << written;
    EXPECT_EQ(trace.references[0].base, "//lib/deep.blend");
    EXPECT_TRUE(trace.uses_edge("TEinner", "TEinner") ||
                !trace.used[trace.datablock_named("TEinner")].empty());
  }
}

TEST(Units, PathsAreTidied) {
  EXPECT_EQ(tidy_path("//a/../b/./c.blend"), "//b/c.blend");
  EXPECT_EQ(tidy_path("//../a.blend"), "//../a.blend");
  EXPECT_EQ(tidy_path("//..\\lib\\a.blend"), "//../lib/a.blend");
  EXPECT_EQ(tidy_path("/a//b/../c"), "/a/c");
  EXPECT_EQ(joined_base("//lib/mid.blend", "//deep.blend"), "//lib/deep.blend");
  EXPECT_EQ(joined_base("//lib/mid.blend", "/abs/deep.blend"), "/abs/deep.blend");
}

TEST(TracePackedLibrary, DamagedOneIsAWarning) {
  BlendWriter writer;
  BlendNode library = writer.datablock("LI", "Library", "LIlib").set("name", "//lib.blend");
  pack(library, "BLENDER-v304 but no more than that");
  const Traced trace(writer);
  EXPECT_EQ(trace.failure, "");
  EXPECT_TRUE(trace.warns("packed_library"));
}

TEST(TracePackedLibrary, TooDeepIsAWarning) {
  std::string bytes = library_with_image("//bottom.png");
  for (int i = 0; i < 20; ++i) {
    BlendWriter writer;
    BlendNode library = writer.datablock("LI", "Library", "LIlib").set("name", "//lib.blend");
    pack(library, bytes);
    bytes = writer.bytes();
  }
  const Traced trace(bytes);
  EXPECT_EQ(trace.failure, "");
  EXPECT_TRUE(trace.warns("packed_library"));
}

// ----------------------------------------------------------------------------- Blender 5: archives

const char* const kArchives =
    "struct Library { ID id; char name[1024]; short flag, _pad[3]; Library *parent; PackedFile *packedfile; "
    "Library "
    "*archive_parent_library; };";

TEST(TraceArchive, DatablocksOfAnArchiveAreRelativeToIt) {
  BlendWriter writer({.version = 500, .format = 1, .structs = kArchives});
  BlendNode parent = writer.datablock("LI", "Library", "LIparent").set("name", "//lib/real.blend");
  BlendNode archive =
      writer.datablock("LI", "Library", "LIarchive").set("name", "//lib/real.blend").set("flag", 1);
  archive.point("archive_parent_library", parent);
  BlendNode image = writer.datablock("IM", "Image", "IMpacked").set("name", "//tex.png").set("source", 1);
  image.point("id.lib", archive).set("id.flag", 1 << 15);
  const Traced trace(writer);
  ASSERT_EQ(trace.failure, "");
  EXPECT_EQ(trace.at("//tex.png").base, "//lib/real.blend");
  // The archive is not a file; its parent is one that nothing is linked from.
  EXPECT_EQ(trace.at("//lib/real.blend").datablock, trace.datablock_named("LIparent"));
}

}  // namespace
}  // namespace souschef::blend
