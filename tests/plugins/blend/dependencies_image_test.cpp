// SPDX-License-Identifier: MIT
#include "tests/plugins/blend/traced.hpp"

namespace souschef::blend {
namespace {

using testing::TestWithParam;

BlendNode image(BlendWriter& writer, const char* path, int source) {
  BlendNode node = writer.datablock("IM", "Image", "IMwood");
  return node.set("name", path).set("source", source);
}

TEST(TraceImage, FileIsOneReference) {
  BlendWriter writer;
  image(writer, "//tex/wood.png", 1);
  const Traced trace(writer);
  ASSERT_EQ(trace.failure, "");
  const TracedReference found = trace.at("//tex/wood.png");
  EXPECT_EQ(found.kind, ReferenceKind::image);
  EXPECT_EQ(found.expansion, Expansion::file);
  EXPECT_EQ(found.need, Need::required);
  EXPECT_EQ(found.datablock, trace.datablock_named("IMwood"));
  EXPECT_EQ(found.property, "Image.filepath");
  EXPECT_EQ(found.base, "");
  EXPECT_TRUE(found.rewritable);
}

TEST(TraceImage, EveryLayoutAndWrapperGivesTheSame) {
  for (BlendStyle style :
       {BlendStyle{}, BlendStyle{.version = 249, .pointer_size = 4},
        BlendStyle{.version = 249, .pointer_size = 4, .big_endian = true},
        BlendStyle{.version = 266, .big_endian = true}, BlendStyle{.version = 500, .format = 1}}) {
    BlendWriter writer(style);
    image(writer, "//tex/wood_0001.png", 2);
    const std::string bytes = writer.bytes();
    for (const std::string& file : {bytes, test::gzip_wrapped(bytes), test::zstd_wrapped(bytes),
                                    test::zstd_wrapped(bytes, {.frame_sizes = {977}})})
      for (const auto access : {MemoryFile::Access::mapped, MemoryFile::Access::read_only}) {
        const Traced trace(file, access);
        ASSERT_EQ(trace.failure, "");
        EXPECT_EQ(trace.at("//tex/wood_0001.png").expansion, Expansion::last_digits);
      }
  }
}

TEST(TraceImage, SequenceMovieAndTiles) {
  struct Case {
    const char* path;
    int source;
    Expansion expansion;
    ReferenceKind kind;
  };
  for (const Case& c : {Case{"//a_0001.png", 2, Expansion::last_digits, ReferenceKind::image},
                        Case{"//a.mp4", 3, Expansion::file, ReferenceKind::movie},
                        Case{"//a.<UDIM>.png", 6, Expansion::udim, ReferenceKind::image},
                        Case{"//a_<UVTILE>.png", 6, Expansion::uvtile, ReferenceKind::image},
                        Case{"//a_<UVTILE>_<UDIM>.png", 6, Expansion::udim, ReferenceKind::image},
                        Case{"//a.png", 6, Expansion::file, ReferenceKind::image},
                        Case{"//<UDIM>/a.png", 6, Expansion::file, ReferenceKind::image}}) {
    BlendWriter writer;
    image(writer, c.path, c.source);
    const TracedReference found = Traced(writer).at(c.path);
    EXPECT_EQ(found.expansion, c.expansion) << c.path;
    EXPECT_EQ(found.kind, c.kind) << c.path;
  }
}

TEST(TraceImage, GeneratedViewerAndEmptyNeedNothing) {
  BlendWriter writer;
  image(writer, "//generated.png", 4);
  image(writer, "//viewer.png", 5);
  image(writer, "", 1);
  EXPECT_TRUE(Traced(writer).references.empty());
}

TEST(TraceImage, PackedNeedsNothing) {
  BlendWriter old;
  BlendNode one = image(old, "//old.png", 1);
  one.point("packedfile", one.data("PackedFile"));
  EXPECT_TRUE(Traced(old).references.empty());

  BlendWriter list;
  BlendNode two = image(list, "//list.png", 6);
  BlendNode item = two.data("ImagePackedFile").set("filepath", "/home/me/where/it/was.png");
  item.point("packedfile", two.data("PackedFile"));
  two.list("packedfiles", {item});
  EXPECT_TRUE(Traced(list).references.empty());
}

// A pointer to nothing reads as null in Blender: the file is needed.
TEST(TraceImage, PackedPointerToNothingNeedsTheFile) {
  BlendWriter writer;
  image(writer, "//a.png", 1).point("packedfile", 0xdead00);
  EXPECT_EQ(Traced(writer).paths(), std::vector<std::string>{"//a.png"});
}

TEST(TraceImage, PathWithoutEndIsCutAtTheArray) {
  BlendWriter writer;
  image(writer, "", 1).set("name", "//" + std::string(1100, 'x'));
  const Traced trace(writer);
  ASSERT_EQ(trace.references.size(), 1U);
  EXPECT_EQ(trace.references[0].path.size(), 1024U);
}

TEST(TraceImage, BytesThatAreNotUtf8Stay) {
  BlendWriter writer;
  image(writer, "//caf\xe9\\x.png", 1);
  EXPECT_EQ(Traced(writer).paths(), std::vector<std::string>{"//caf\xe9\\x.png"});
}

TEST(TraceImage, OldShortArraysAreRead) {
  BlendWriter writer(
      {.version = 249,
       .structs = "struct ID { void *next, *prev; ID *newid; Library *lib; char name[24]; short us, "
                  "flag; int icon_id; }; struct Image { ID id; char name[240]; short source, type; };"});
  writer.datablock("IM", "Image", "IMold").set("name", "//old.tga").set("source", 1);
  EXPECT_EQ(Traced(writer).paths(), std::vector<std::string>{"//old.tga"});
}

BlendNode stereo_scene(BlendWriter& writer, std::vector<std::string> suffixes) {
  BlendNode scene = writer.datablock("SC", "Scene", "SCScene");
  scene.set("r.scemode", 1 << 21);
  std::vector<BlendNode> views;
  for (const std::string& suffix : suffixes)
    views.push_back(scene.data("SceneRenderView").set("suffix", suffix));
  scene.list("r.views", views);
  return scene;
}

TEST(TraceImage, ViewsAreOneFileEach) {
  BlendWriter writer;
  stereo_scene(writer, {"_left", "_right"});
  image(writer, "//stereo_left.exr", 1).set("flag", 1 << 14);
  const TracedReference found = Traced(writer).at("//stereo_left.exr");
  EXPECT_EQ(found.expansion, Expansion::views);
  EXPECT_EQ(found.pattern, "_left\n_right");
}

TEST(TraceImage, ViewsWithoutASceneHaveBlendersSuffixes) {
  BlendWriter writer;
  image(writer, "//stereo_L.exr", 1).set("flag", 1 << 14);
  EXPECT_EQ(Traced(writer).at("//stereo_L.exr").pattern, "_L\n_R");
}

TEST(TraceImage, ViewsInOneFileAreOneFile) {
  BlendWriter writer;
  image(writer, "//stereo.exr", 1).set("flag", 1 << 14).set("views_format", 1);
  EXPECT_EQ(Traced(writer).at("//stereo.exr").expansion, Expansion::file);
}

TEST(TraceImage, ViewsOfASequenceAreSequences) {
  BlendWriter writer;
  image(writer, "//s_0001_L.exr", 2).set("flag", 1 << 14);
  const Traced trace(writer);
  EXPECT_EQ(trace.at("//s_0001_L.exr").expansion, Expansion::last_digits);
  EXPECT_EQ(trace.at("//s_0001_R.exr").expansion, Expansion::last_digits);
  EXPECT_FALSE(trace.at("//s_0001_R.exr").rewritable);
}

// ------------------------------------------------------------------ images that no render looks at

TEST(TraceImage, CameraBackgroundAloneIsNotRequired) {
  BlendWriter writer;
  BlendNode camera = writer.datablock("CA", "Camera", "CACamera");
  BlendNode picture = image(writer, "//plate.png", 1);
  BlendNode background = camera.data("CameraBGImage").point("ima", picture);
  camera.list("bg_images", {background});
  EXPECT_EQ(Traced(writer).at("//plate.png").need, Need::cache);

  BlendNode texture = writer.datablock("TE", "Tex", "TEwood");
  texture.point("ima", picture);
  EXPECT_EQ(Traced(writer).at("//plate.png").need, Need::required);
}

TEST(TraceImage, BrushTextureAloneIsNotRequired) {
  BlendWriter writer({.structs = "struct Brush { ID id; char icon_filepath[1024]; MTex mtex; };"});
  BlendNode brush = writer.datablock("BR", "Brush", "BRDraw");
  BlendNode texture = writer.datablock("TE", "Tex", "TEbristle");
  BlendNode picture = image(writer, "//bristle.png", 1);
  brush.point("mtex.tex", texture);
  texture.point("ima", picture);
  EXPECT_EQ(Traced(writer).at("//bristle.png").need, Need::cache);
}

TEST(TraceImage, ImageOfAnEmptyAloneIsNotRequired) {
  BlendWriter writer;
  BlendNode empty = writer.datablock("OB", "Object", "OBEmpty");
  BlendNode picture = image(writer, "//reference.png", 1);
  empty.set("type", 0).point("data", picture);
  EXPECT_EQ(Traced(writer).at("//reference.png").need, Need::cache);
}

TEST(TraceImage, NobodysImageIsRequired) {
  BlendWriter writer;
  image(writer, "//fake_user.png", 1);
  EXPECT_EQ(Traced(writer).at("//fake_user.png").need, Need::required);
}

// --------------------------------------------------------------------------------------- overrides

TEST(TraceImage, OverrideWithoutAPathOfItsOwnFollowsTheLinkedOne) {
  BlendWriter writer;
  BlendNode library = writer.datablock("LI", "Library", "LIlib").set("name", "//lib.blend");
  BlendNode linked = writer.placeholder("IMwood", library);
  BlendNode local = image(writer, "//wood.png", 1);
  BlendNode override_library = local.data("IDOverrideLibrary").point("reference", linked);
  local.point("id.override_library", override_library);
  BlendNode property = local.data("IDOverrideLibraryProperty").point("rna_path", local.text("colorspace"));
  override_library.list("properties", {property});
  EXPECT_EQ(Traced(writer).at("//wood.png").need, Need::cache);

  BlendNode second = local.data("IDOverrideLibraryProperty").point("rna_path", local.text("filepath"));
  override_library.list("properties", {property, second});
  EXPECT_EQ(Traced(writer).at("//wood.png").need, Need::required);
}

}  // namespace
}  // namespace souschef::blend
