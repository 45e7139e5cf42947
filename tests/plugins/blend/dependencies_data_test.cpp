// SPDX-License-Identifier: MIT
// Media, caches of geometry, texts, meshes, cameras, brushes and textures.
#include "tests/plugins/blend/traced.hpp"

namespace souschef::blend {
namespace {

// One datablock with its path in `member`.
BlendNode simple(BlendWriter& writer, const char* code, const char* type, const char* member,
                 const char* path) {
  BlendNode node = writer.datablock(code, type, std::string(code) + "thing");
  return node.set(member, path);
}

TEST(TraceSound, FileAndPacked) {
  BlendWriter writer;
  BlendNode sound = simple(writer, "SO", "bSound", "name", "//a.wav");
  EXPECT_EQ(Traced(writer).at("//a.wav").kind, ReferenceKind::sound);
  sound.point("packedfile", sound.data("PackedFile"));
  EXPECT_TRUE(Traced(writer).references.empty());
}

// A picture is the same without sound.
TEST(TraceSound, IsRequiredOnlyWhereItIsHeard) {
  BlendWriter pictures;
  simple(pictures, "SO", "bSound", "name", "//a.wav");
  pictures.datablock("SC", "Scene", "SCScene").set("r.im_format.imtype", 17);
  EXPECT_EQ(Traced(pictures).at("//a.wav").need, Need::cache);

  BlendWriter movie;
  simple(movie, "SO", "bSound", "name", "//a.wav");
  movie.datablock("SC", "Scene", "SCScene")
      .set("r.im_format.imtype", 24)
      .set("r.ffcodecdata.audio_codec", 86018);
  EXPECT_EQ(Traced(movie).at("//a.wav").need, Need::required);

  BlendWriter library;
  simple(library, "SO", "bSound", "name", "//a.wav");
  EXPECT_EQ(Traced(library).at("//a.wav").need, Need::required);
}

TEST(TraceFont, FileBuiltinAndPacked) {
  BlendWriter writer;
  simple(writer, "VF", "VFont", "name", "<builtin>");
  BlendNode packed = simple(writer, "VF", "VFont", "name", "//packed.ttf");
  packed.point("packedfile", packed.data("PackedFile"));
  simple(writer, "VF", "VFont", "name", "/usr/share/fonts/a.ttf");
  const Traced trace(writer);
  EXPECT_EQ(trace.paths(), std::vector<std::string>{"/usr/share/fonts/a.ttf"});
  EXPECT_EQ(trace.references[0].kind, ReferenceKind::font);
}

TEST(TraceClip, MovieSequenceAndProxies) {
  BlendWriter writer;
  simple(writer, "MC", "MovieClip", "name", "//a.mov").set("source", 2);
  simple(writer, "MC", "MovieClip", "name", "//b_001.png").set("source", 1).set("flag", 1);
  simple(writer, "MC", "MovieClip", "name", "//c.mov")
      .set("source", 2)
      .set("flag", 3)
      .set("proxy.dir", "//proxies");
  const Traced trace(writer);
  EXPECT_EQ(trace.at("//a.mov").kind, ReferenceKind::movie);
  EXPECT_EQ(trace.at("//b_001.png").expansion, Expansion::last_digits);
  EXPECT_EQ(trace.at("//BL_proxy/b_001.png").need, Need::optional);
  EXPECT_EQ(trace.at("//proxies").expansion, Expansion::folder);
  EXPECT_EQ(trace.references.size(), 5U);
}

TEST(TraceVolume, FileSequenceAndEmpty) {
  BlendWriter writer;
  simple(writer, "VO", "Volume", "filepath", "//a.vdb");
  simple(writer, "VO", "Volume", "filepath", "");
  simple(writer, "VO", "Volume", "filepath", "//smoke_0010.vdb")
      .set("is_sequence", 1)
      .set("frame_duration", 20)
      .set("frame_offset", 9);
  const Traced trace(writer);
  ASSERT_EQ(trace.references.size(), 2U);
  EXPECT_EQ(trace.at("//a.vdb").expansion, Expansion::file);
  const TracedReference sequence = trace.at("//smoke_0010.vdb");
  EXPECT_EQ(sequence.expansion, Expansion::trailing_digits);
  EXPECT_EQ(sequence.first_frame, 10);
  EXPECT_EQ(sequence.last_frame, 29);
}

TEST(TraceVolume, AnimatedSequenceTakesAllFrames) {
  BlendWriter writer(
      {.structs = "struct Volume { ID id; AnimData *adt; char filepath[1024]; PackedFile *packedfile; "
                  "char is_sequence, sequence_mode, _pad1[2]; int frame_start, frame_duration, "
                  "frame_offset; };"});
  BlendNode volume = simple(writer, "VO", "Volume", "filepath", "//smoke_0010.vdb");
  volume.set("is_sequence", 1).set("frame_duration", 20).point("adt", volume.data("AnimData"));
  const TracedReference sequence = Traced(writer).at("//smoke_0010.vdb");
  EXPECT_GT(sequence.first_frame, sequence.last_frame);
}

TEST(TraceCacheFile, ArchiveSequenceAndLayers) {
  BlendWriter writer;
  BlendNode cache = simple(writer, "CF", "CacheFile", "filepath", "//cloth.030.abc");
  cache.set("is_sequence", 1).set("handle_filepath", "/run/time/copy.abc");
  cache.list("layers", {cache.data("CacheFileLayer").set("filepath", "//layer.abc"),
                        cache.data("CacheFileLayer").set("filepath", "//hidden.abc").set("flag", 1)});
  const Traced trace(writer);
  EXPECT_EQ(trace.at("//cloth.030.abc").expansion, Expansion::trailing_digits);
  EXPECT_EQ(trace.at("//layer.abc").need, Need::required);
  EXPECT_EQ(trace.at("//hidden.abc").need, Need::cache);
  EXPECT_EQ(trace.references.size(), 3U);
}

TEST(TraceCacheFile, UsdMayReferFurther) {
  BlendWriter writer;
  simple(writer, "CF", "CacheFile", "filepath", "//set.USDC");
  EXPECT_TRUE(Traced(writer).warns("opaque_file"));
}

TEST(TraceText, LinesInTheFileAreEnough) {
  BlendWriter writer;
  writer.datablock("TX", "Text", "TXnotes");
  BlendNode both = writer.datablock("TX", "Text", "TXboth");
  both.point("name", both.text("//both.py")).set("flags", 0x8 | 0x4);
  BlendNode file = writer.datablock("TX", "Text", "TXfile");
  file.point("name", file.text("//file.py")).set("flags", 0x8);
  BlendNode loaded = writer.datablock("TX", "Text", "TXloaded");
  loaded.point("name", loaded.raw(std::string("//loaded.py\0\xee\xee\xee", 15)));
  const Traced trace(writer);
  EXPECT_EQ(trace.at("//both.py").need, Need::optional);
  EXPECT_EQ(trace.at("//file.py").need, Need::required);
  EXPECT_EQ(trace.at("//loaded.py").need, Need::optional);
  EXPECT_EQ(trace.references.size(), 3U);
}

TEST(TraceText, ScriptThatRunsAndReadsIsAWarning) {
  BlendWriter writer;
  BlendNode text = writer.datablock("TX", "Text", "TXscript").set("flags", 0x10);
  text.list("lines", {text.data("TextLine").point("line", text.text("import bpy")),
                      text.data("TextLine").point("line", text.text("data = open('//x.csv')"))});
  EXPECT_TRUE(Traced(writer).warns("script_may_read_files"));
}

TEST(TraceMesh, ExternalDisplacement) {
  BlendWriter writer;
  BlendNode mesh = writer.datablock("ME", "Mesh", "MEsculpt");
  mesh.point("ldata.external", mesh.data("CustomDataExternal").set("filename", "//new.btx"));
  mesh.point("fdata.external", mesh.data("CustomDataExternal").set("filename", "//old.btx"));
  const Traced trace(writer);
  EXPECT_EQ(trace.at("//new.btx").kind, ReferenceKind::mesh_data);
  EXPECT_EQ(trace.at("//old.btx").kind, ReferenceKind::mesh_data);
}

TEST(TraceCamera, CustomShaderOfBlender5) {
  BlendWriter writer(
      {.version = 500,
       .format = 1,
       .structs = "struct Camera { ID id; AnimData *adt; char type, dtx; short flag; int custom_mode; char "
                  "custom_filepath[1024]; ListBase bg_images; };"});
  BlendNode camera = simple(writer, "CA", "Camera", "custom_filepath", "//lens.osl");
  camera.set("custom_mode", 1);
  EXPECT_EQ(Traced(writer).at("//lens.osl").need, Need::required);
  camera.set("custom_mode", 0);
  EXPECT_EQ(Traced(writer).at("//lens.osl").need, Need::cache);
}

TEST(TraceBrush, IconIsOptional) {
  BlendWriter writer;
  simple(writer, "BR", "Brush", "icon_filepath", "//icon.png");
  EXPECT_EQ(Traced(writer).at("//icon.png").need, Need::optional);
}

TEST(TraceTexture, VoxelDataOfBlender27) {
  BlendWriter writer(
      {.version = 279,
       .structs = "struct VoxelData { int resol[3]; short file_format, flag; char source_path[1024]; }; "
                  "struct PluginTex { char name[160]; }; struct Tex { ID id; short type, stype; int _pad; "
                  "PluginTex *plugin; VoxelData *vd; Image *ima; };"});
  BlendNode file = writer.datablock("TE", "Tex", "TEsmoke").set("type", 15);
  file.point("vd", file.data("VoxelData").set("source_path", "//a.bvox").set("file_format", 0));
  BlendNode sequence = writer.datablock("TE", "Tex", "TEimages").set("type", 15);
  sequence.point("vd", sequence.data("VoxelData").set("source_path", "//unused").set("file_format", 3));
  BlendNode plugin = writer.datablock("TE", "Tex", "TEplugin").set("type", 10);
  plugin.point("plugin", plugin.data("PluginTex").set("name", "//clouds.so"));
  const Traced trace(writer);
  EXPECT_EQ(trace.paths(), std::vector<std::string>{"//a.bvox"});
  EXPECT_TRUE(trace.warns("texture_plugin"));
}

}  // namespace
}  // namespace souschef::blend
