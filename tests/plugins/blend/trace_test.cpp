// SPDX-License-Identifier: MIT
// The trace as a whole: texts that nobody explains, drivers, facts, damage, hostile files.
#include "plugins/blend/json.hpp"
#include "plugins/blend/residual_rules.hpp"
#include "tests/plugins/blend/traced.hpp"

namespace souschef::blend {
namespace {

// ----------------------------------------------------------------------------------- residual scan

TEST(ResidualRules, WhatLooksLikeAPath) {
  for (const char* text :
       {"//a.png", "/home/x/y", "C:\\a", "c:/a", "\\\\srv\\share", "tex/a.png", "a\\b.EXR"})
    EXPECT_TRUE(looks_like_path(text)) << text;
  for (const char* text :
       {"", "a", "//", "/", "a.png", "a/b", "// a remark", "and/or", "1/2", "/regex/", "C:"})
    EXPECT_FALSE(looks_like_path(text) && std::string(text) != "/regex/") << text;
  EXPECT_FALSE(looks_like_path("tex/a.png", true));
}

TEST(ResidualRules, SimpleExpressionsNeedNoPython) {
  for (const char* text : {"frame / 24", "var + 1", "sin(frame * pi) * 2.5e-3", "min(a, b) if a > 0 else -1",
                           "(var)", "clamp(var, 0, 1)", "a and not b", "1.0"})
    EXPECT_TRUE(is_simple_expression(text)) << text;
  for (const char* text : {"bpy.context.scene.frame_current", "var[0]", "self.x", "'text'", "noise.random()",
                           "myfunc(1)", "lambda: 1", "a if a in b else c", "open('//x')"})
    EXPECT_FALSE(is_simple_expression(text)) << text;
}

TEST(Residual, UnknownArraysStringsAndProperties) {
  BlendWriter writer(
      {.structs = "struct Gadget { ID id; char somewhere[256], small[64], name[64]; char *heap; };"});
  BlendNode gadget = writer.datablock("GX", "Gadget", "GXnew");
  gadget.set("somewhere", "data/points.csv").set("small", "//small.txt").set("name", "//only a name");
  gadget.point("heap", gadget.text("//heap.bin"));
  BlendNode property = gadget.data("IDProperty").set("type", 0).set("name", "addon").set("len", 12);
  property.point("data.pointer", gadget.text("//addon.json"));
  const Traced trace(writer);
  EXPECT_EQ(trace.references.size(), 4U);
  for (const char* path : {"data/points.csv", "//small.txt", "//heap.bin", "//addon.json"}) {
    EXPECT_EQ(trace.at(path).kind, ReferenceKind::unexplained);
    EXPECT_EQ(trace.at(path).need, Need::cache);
    EXPECT_TRUE(trace.at(path).rewritable) << path;
  }
  EXPECT_TRUE(trace.warns("unexplained_path"));
}

TEST(Residual, InterfaceIsNotLookedAt) {
  BlendWriter writer;
  writer.datablock("WM", "wmWindowManager", "WMx").set("path", "//ui/a.png");
  writer.datablock("SN", "bScreen", "SRx").set("path", "//ui/b.png");
  EXPECT_TRUE(Traced(writer).references.empty());
}

TEST(Residual, KnownFieldsAreNotReportedTwice) {
  BlendWriter writer;
  writer.datablock("LI", "Library", "LIx").set("filepath_abs", "/abs/x.blend");
  writer.datablock("IM", "Image", "IMx").set("name", "//generated/x.png").set("source", 4);
  BlendNode scene = writer.datablock("SC", "Scene", "SCx").set("r.stamp_udata", "//note/x.png");
  scene.set("display.shading.matcap", "/home/me/matcap.exr");
  EXPECT_TRUE(Traced(writer).references.empty());
}

// ----------------------------------------------------------------------------------------- drivers

TEST(Drivers, PythonIsListedAndReadingFilesIsWarned) {
  BlendWriter writer;
  BlendNode object = writer.datablock("OB", "Object", "OBrig");
  object.data("ChannelDriver").set("type", 1).set("expression", "frame * 2");
  object.data("ChannelDriver").set("type", 1).set("expression", "bpy.data.objects['x'].location.x");
  object.data("ChannelDriver").set("type", 1).set("expression", "float(open('//x.txt').read())");
  object.data("ChannelDriver").set("type", 0).set("expression", "ignored()");
  const Traced trace(writer);
  const Json facts = Json::parse(trace.facts_json);
  EXPECT_EQ(facts["scripts"]["drivers"], 4);
  EXPECT_EQ(facts["scripts"]["python_drivers"].size(), 2U);
  EXPECT_EQ(facts["scripts"]["python_drivers"][0]["datablock"], "OBrig");
  EXPECT_TRUE(trace.warns("script_may_read_files"));
}

// ------------------------------------------------------------------------------------------- facts

class Facts : public testing::Test {
 protected:
  Facts() {
    writer_.block("GLOB", "FileGlobal").set("subversion", 6).set("minversion", 304);
    scene_.set("r.sfra", 10)
        .set("r.efra", 250)
        .set("r.frame_step", 2)
        .set("r.xsch", 1920)
        .set("r.ysch", 1080);
    scene_.set("r.size", 50).set("r.frs_sec", 30).set("r.frs_sec_base", 1.001).set("r.engine", "CYCLES");
  }
  Json scene() {
    const Traced trace(writer_);
    EXPECT_EQ(trace.failure, "");
    return Json::parse(trace.facts_json)["scenes"][0];
  }
  BlendWriter writer_;
  BlendNode scene_ = writer_.datablock("SC", "Scene", "SCShot");
};

TEST_F(Facts, OfTheFile) {
  const Json file = Json::parse(Traced(writer_).facts_json)["file"];
  EXPECT_EQ(file["version"], "3.4");
  EXPECT_EQ(file["version_number"], 304);
  EXPECT_EQ(file["subversion"], 6);
  EXPECT_EQ(file["min_version"], "3.4");
  EXPECT_EQ(file["wrapper"], "none");
  EXPECT_EQ(file["complete"], true);
}

TEST_F(Facts, OfTimeAndSize) {
  const Json facts = scene();
  EXPECT_EQ(facts["name"], "Shot");
  EXPECT_EQ(facts["frame_start"], 10);
  EXPECT_EQ(facts["frame_end"], 250);
  EXPECT_EQ(facts["frame_step"], 2);
  EXPECT_EQ(facts["resolution"], Json({1920, 1080}));
  EXPECT_EQ(facts["percentage"], 50);
  EXPECT_EQ(facts["size"], Json({960, 540}));
  EXPECT_EQ(facts["fps"], 30);
  EXPECT_NEAR(facts["fps_base"].get<double>(), 1.001, 1e-6);
}

TEST_F(Facts, OfCamerasAndMarkers) {
  BlendNode camera = writer_.datablock("OB", "Object", "OBCam A");
  BlendNode other = writer_.datablock("OB", "Object", "OBCam B");
  scene_.point("camera", camera);
  scene_.list("markers", {scene_.data("TimeMarker").set("frame", 1),
                          scene_.data("TimeMarker").set("frame", 100).point("camera", other)});
  const Json facts = scene();
  EXPECT_EQ(facts["camera"], "Cam A");
  EXPECT_EQ(facts["camera_markers"], Json::parse(R"([{"frame":100,"camera":"Cam B"}])"));
}

TEST_F(Facts, OfLayersAndViews) {
  scene_.list("view_layers", {scene_.data("ViewLayer").set("name", "beauty").set("flag", 1),
                              scene_.data("ViewLayer").set("name", "off")});
  scene_.set("r.scemode", 1 << 21);
  scene_.list("r.views",
              {scene_.data("SceneRenderView").set("name", "left").set("suffix", "_L"),
               scene_.data("SceneRenderView").set("name", "x").set("suffix", "_x").set("viewflag", 1)});
  const Json facts = scene();
  EXPECT_EQ(facts["view_layers"],
            Json::parse(R"([{"name":"beauty","use":true},{"name":"off","use":false}])"));
  EXPECT_EQ(facts["multiview"], true);
  EXPECT_EQ(facts["views"][1]["use"], false);
}

TEST_F(Facts, OfOutputAndMovie) {
  scene_.set("r.im_format.imtype", 24).set("r.ffcodecdata.type", 2).set("r.ffcodecdata.codec", 27);
  scene_.set("r.ffcodecdata.audio_codec", 86018).set("r.ffcodecdata.constant_rate_factor", 23);
  scene_.set("r.mode", 1 << 22 | 1 << 23);
  const Json facts = scene();
  EXPECT_EQ(facts["output"]["format"], "FFMPEG");
  EXPECT_EQ(facts["output"]["extension"], ".mp4");
  EXPECT_EQ(facts["output"]["is_movie"], true);
  EXPECT_EQ(facts["output"]["overwrite"], false);
  EXPECT_EQ(facts["output"]["placeholder"], true);
  EXPECT_EQ(facts["movie"]["container"], "MPEG4");
  EXPECT_EQ(facts["movie"]["codec"], "H264");
  EXPECT_EQ(facts["movie"]["audio_codec"], "AAC");
  EXPECT_EQ(facts["movie"]["crf"], "MEDIUM");
  EXPECT_EQ(facts["engine"], "CYCLES");
}

TEST_F(Facts, OfCyclesOnlyWhatWasChanged) {
  EXPECT_TRUE(scene()["samples"].is_null());
  BlendNode root = scene_.data("IDProperty").set("type", 6);
  BlendNode cycles = scene_.data("IDProperty").set("type", 6).set("name", "cycles");
  BlendNode samples = scene_.data("IDProperty").set("type", 1).set("name", "samples").set("data.val", 77);
  BlendNode device = scene_.data("IDProperty").set("type", 1).set("name", "device").set("data.val", 1);
  BlendNode limit = scene_.data("IDProperty").set("type", 2).set("name", "time_limit");
  limit.set("data.val", static_cast<int>(std::bit_cast<std::int32_t>(2.5F)));
  scene_.point("id.properties", root);
  root.list("data.group", {cycles});
  cycles.list("data.group", {samples, device, limit});
  const Json facts = scene();
  EXPECT_EQ(facts["samples"], 77);
  EXPECT_EQ(facts["cycles"]["device"], "GPU");
  EXPECT_EQ(facts["cycles"]["time_limit"], 2.5);
  EXPECT_TRUE(facts["cycles"]["denoise"].is_null());
}

TEST_F(Facts, ActiveSceneIsTheOneTheFileNames) {
  writer_.datablock("SC", "Scene", "SCSecond");
  EXPECT_EQ(Json::parse(Traced(writer_).facts_json)["active_scene"], "Shot");
  BlendWriter other;
  BlendNode global = other.block("GLOB", "FileGlobal");
  other.datablock("SC", "Scene", "SCFirst");
  global.point("curscene", other.datablock("SC", "Scene", "SCSecond"));
  EXPECT_EQ(Json::parse(Traced(other).facts_json)["active_scene"], "Second");
}

TEST_F(Facts, NamesThatAreNotUtf8AreEscaped) {
  BlendWriter writer;
  writer.datablock("SC", "Scene", "SCcaf\xe9");
  EXPECT_EQ(Json::parse(Traced(writer).facts_json)["scenes"][0]["name"], "caf\\xe9");
}

TEST(FactsOfALibrary, HaveNoScenes) {
  BlendWriter writer;
  writer.datablock("ME", "Mesh", "MEx");
  const Json facts = Json::parse(Traced(writer).facts_json);
  EXPECT_TRUE(facts["scenes"].empty());
  EXPECT_TRUE(facts["active_scene"].is_null());
}

TEST(FactsOfBlender5, CyclesIsInSystemProperties) {
  BlendWriter writer(
      {.version = 500,
       .format = 1,
       .structs = "struct ID { void *next, *prev; ID *newid; Library *lib; char name[258]; short flag; int "
                  "tag; IDProperty *properties, *system_properties; };"});
  BlendNode scene = writer.datablock("SC", "Scene", "SCx").set("r.engine", "CYCLES");
  BlendNode root = scene.data("IDProperty").set("type", 6);
  BlendNode cycles = scene.data("IDProperty").set("type", 6).set("name", "cycles");
  cycles.list("data.group",
              {scene.data("IDProperty").set("type", 1).set("name", "samples").set("data.val", 8)});
  root.list("data.group", {cycles});
  scene.point("id.system_properties", root);
  EXPECT_EQ(Json::parse(Traced(writer).facts_json)["scenes"][0]["samples"], 8);
  EXPECT_EQ(Json::parse(Traced(writer).facts_json)["file"]["version"], "5.0");
}

// ------------------------------------------------------------------------------------------ damage

TEST(TraceDamage, BlockBehindTheCatalogueCutShort) {
  BlendWriter writer({.end = BlendStyle::End::none});
  writer.datablock("IM", "Image", "IMx").set("name", "//x.png").set("source", 1);
  const std::string more = writer.head("DATA", 1000, 0x1, 0, 1) + "cut";
  const Traced trace(writer.bytes() + more);
  EXPECT_EQ(trace.failure, "");
  EXPECT_EQ(trace.paths(), std::vector<std::string>{"//x.png"});
  EXPECT_TRUE(trace.warns("incomplete"));
}

// A copy that broke off in the last few bytes.
TEST(TraceDamage, FileThatEndsWithinOrBeforeItsMarkerEndsTooEarly) {
  BlendWriter writer;
  writer.datablock("IM", "Image", "IMx").set("name", "//x.png").set("source", 1);
  const std::string whole = writer.bytes();
  EXPECT_FALSE(Traced(whole).warns("incomplete"));
  for (const std::size_t missing : {1U, 12U, 16U, 20U, 23U, 24U}) {
    const Traced trace(whole.substr(0, whole.size() - missing));
    EXPECT_EQ(trace.failure, "");
    EXPECT_TRUE(trace.warns("incomplete")) << missing;
    EXPECT_EQ(Json::parse(trace.facts_json)["file"]["complete"], false) << missing;
  }
}

TEST(TraceDamage, SharedAddressIsAWarning) {
  BlendWriter writer;
  writer.datablock("OB", "Object", "OBa").set_address(0x500);
  writer.datablock("OB", "Object", "OBb").set_address(0x500);
  EXPECT_TRUE(Traced(writer).warns("repeated_address"));
}

TEST(TraceDamage, FailingReadIsAnErrorNotAShorterTrace) {
  BlendWriter writer;
  for (int i = 0; i < 300; ++i)
    writer.datablock("IM", "Image", "IMx").set("name", "//x.png").set("source", 1);
  std::string wrapped = test::zstd_wrapped(writer.bytes(), {.frame_sizes = {1 << 16}});
  for (std::size_t i = wrapped.size() / 3; i < wrapped.size() / 3 + 64; ++i) wrapped[i] = '\x11';
  EXPECT_NE(Traced(wrapped).failure, "");
}

// ----------------------------------------------------------------------------------- hostile files

TEST(TraceHostile, ListInACircleEnds) {
  BlendWriter writer;
  BlendNode object = writer.datablock("OB", "Object", "OBx");
  BlendNode modifier = object.data("MeshCacheModifierData").set("filepath", "//x.mdd");
  object.list("modifiers", {modifier});
  modifier.point("modifier.next", modifier);
  const Traced trace(writer);
  EXPECT_LE(trace.references.size(), 4U);
}

// Every item of a circle has a circle of its own: the trace gives up and says so.
TEST(TraceHostile, CirclesInCirclesAreRefused) {
  BlendWriter writer;
  BlendNode tree = writer.datablock("NT", "bNodeTree", "NTx").set("type", 3);
  std::vector<BlendNode> nodes, sockets;
  for (int i = 0; i < 3000; ++i) {
    nodes.push_back(tree.data("bNode"));
    sockets.push_back(tree.data("bNodeSocket"));
  }
  tree.list("nodes", nodes);
  nodes.back().point("next", nodes.front());
  sockets.back().point("next", sockets.front());
  for (std::size_t i = 0; i + 1 < sockets.size(); ++i) sockets[i].point("next", sockets[i + 1]);
  for (BlendNode& node : nodes) node.point("inputs.first", sockets.front());
  const Traced trace(writer);
  EXPECT_NE(trace.failure.find("circles"), std::string::npos);
}

TEST(TraceHostile, CountsThatLieAreCut) {
  BlendWriter writer;
  BlendNode scene = writer.datablock("SC", "Scene", "SCx");
  BlendNode editing = scene.data("Editing");
  BlendNode strip = scene.data("Sequence");
  BlendNode data = scene.data("Strip").set("dir", "//");
  BlendNode element = scene.data("StripElem").set("name", "a.png").set_count(INT32_MAX);
  scene.point("ed", editing);
  editing.list("seqbase", {strip});
  strip.point("strip", data);
  data.point("stripdata", element);
  EXPECT_EQ(Traced(writer).paths(), std::vector<std::string>{"//a.png"});
  element.set_count(-1);
  EXPECT_TRUE(Traced(writer).references.empty());
}

TEST(TraceHostile, SinkThatStopsIsAnError) {
  class Stops final : public TraceSink {
   public:
    bool datablock(const TracedDatablock&) override { return true; }
    bool uses(std::uint32_t, std::span<const std::uint32_t>) override { return true; }
    bool reference(const TracedReference&) override { return false; }
    bool output(const TracedOutput&) override { return true; }
    bool simulation(const TracedSimulation&) override { return true; }
    bool facts(std::string_view) override { return true; }
    bool warning(const TraceWarning&) override { return true; }
  } sink;
  BlendWriter writer;
  writer.datablock("IM", "Image", "IMx").set("name", "//x.png").set("source", 1);
  const Traced trace(writer);
  const Status status = BlendTracer().trace(*trace.analysis, sink);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace souschef::blend
