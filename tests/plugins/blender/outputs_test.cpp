// SPDX-License-Identifier: MIT
#include "plugins/blender/outputs.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace souschef::blender {
namespace {

// A shot like those of the test production: a PNG render and one multilayer node below it.
Json shot() {
  return Json::parse(R"({
    "entry": "/prod/shots/sh010.blend", "production": "/prod", "blender": [3, 4, 1], "size": [192, 108], "views": [],
    "outputs": [
      {"id": 0, "kind": "render", "path": "//render/sh010_", "format": "PNG", "extension": true, "movie": false},
      {"id": 1, "kind": "node", "node": "File Output", "label": "", "base": "//render/comp/",
       "format": "OPEN_EXR_MULTILAYER", "extension": true, "slots": [{"path": "Image", "linked": true}]}],
    "frames": [7]})");
}

Json single_node(const std::string& base, std::vector<std::string> slots) {
  Json node = {{"id", 1},      {"kind", "node"},  {"node", "Group/Out"}, {"label", ""},
               {"base", base}, {"format", "PNG"}, {"extension", true},   {"slots", Json::array()}};
  for (const std::string& slot : slots)
    node["slots"].push_back({{"path", slot}, {"linked", true}, {"format", nullptr}});
  return node;
}

Json made(const Json& request) {
  auto reply = outputs(request);
  EXPECT_TRUE(reply) << (reply ? "" : reply.error().line());
  return reply ? *reply : Json();
}

std::vector<std::string> column(const Json& rows, const char* name) {
  std::vector<std::string> values;
  for (const Json& row : rows) values.push_back(row[name]);
  return values;
}

std::vector<std::string> destinations(const Json& reply) {
  return column(reply["outputs"], "destination");
}
std::vector<std::string> staged(const Json& reply) {
  return column(reply["outputs"], "path");
}
std::vector<std::string> expected(const Json& reply) {
  return column(reply["frames"][0]["files"], "path");
}

using Names = std::vector<std::string>;

TEST(Outputs, RelativePathsStartAtTheBlendInTheProduction) {
  const Json reply = made(shot());
  EXPECT_EQ(reply["root"], "/prod/shots/render");
  EXPECT_EQ(destinations(reply), (Names{"/prod/shots/render/sh010_", "/prod/shots/render/comp/"}));
  EXPECT_EQ(staged(reply), (Names{"sh010_", "comp/"}));
  EXPECT_EQ(expected(reply), (Names{"sh010_0007.png", "comp/0007.exr"}));
}

TEST(Outputs, ExpectedFilesCarryFormatAndSize) {
  const Json files = made(shot())["frames"][0]["files"];
  EXPECT_EQ(files[0]["format"], "PNG");
  EXPECT_EQ(files[0]["size"], (Json{192, 108}));
  EXPECT_TRUE(files[0]["required"]);
  EXPECT_TRUE(files[1]["size"].is_null());
}

TEST(Outputs, OverrideKeepsTheStructure) {
  Json request = shot();
  request["override"] = "/elsewhere/out";
  const Json reply = made(request);
  EXPECT_EQ(reply["root"], "/elsewhere/out");
  EXPECT_EQ(destinations(reply), (Names{"/elsewhere/out/sh010_", "/elsewhere/out/comp/"}));
}

TEST(Outputs, OverrideWithoutNodesIsTheFileItself) {
  Json request = shot();
  request["outputs"].erase(1);
  request["override"] = "/out/final_###";
  const Json reply = made(request);
  EXPECT_EQ(destinations(reply), Names{"/out/final_###"});
  EXPECT_EQ(expected(reply), Names{"final_007.png"});
}

TEST(Outputs, OverrideThatIsAFolderTakesTheName) {
  Json request = shot();
  request["outputs"].erase(1);
  request["override"] = "/out";
  request["override_is_folder"] = true;
  EXPECT_EQ(destinations(made(request)), Names{"/out/sh010_"});
}

TEST(Outputs, OverrideWithHashesNamesTheRenderBesideItsNodes) {
  Json request = shot();
  request["override"] = "/out/beauty.####.png";
  EXPECT_EQ(destinations(made(request)), (Names{"/out/beauty.####.png", "/out/comp/"}));
}

TEST(Outputs, NodesOutsideTheProductionMoveWithTheirWholePath) {
  Json request = shot();
  request["outputs"][1]["base"] = "/mnt/fast/comp/";
  request["override"] = "/out/";
  EXPECT_EQ(destinations(made(request)), (Names{"/out/sh010_", "/out/_elsewhere/mnt/fast/comp/"}));
}

TEST(Outputs, RenderOutsideTheProductionNeverGoesElsewhere) {
  Json request = shot();
  request["outputs"][0]["path"] = "/tmp/";
  request["override"] = "/out/";
  EXPECT_EQ(destinations(made(request))[0], "/out/");
}

TEST(Outputs, IgnoredNodesStayWhereTheyAre) {
  Json request = shot();
  request["outputs"][1]["label"] = "Please Ignore me";
  request["override"] = "/out/";
  const Json reply = made(request);
  EXPECT_EQ(destinations(reply), (Names{"/out/sh010_", "/prod/shots/render/comp/"}));
  EXPECT_EQ(reply["root"], "/");
  EXPECT_EQ(staged(reply), (Names{"out/sh010_", "prod/shots/render/comp/"}));
}

TEST(Outputs, SlotsOfANode) {
  Json request = shot();
  request["outputs"][1] =
      single_node("//render/comp", {"beauty_", "depth_###", "sub/dir_", "x.png", "../up_"});
  EXPECT_EQ(expected(made(request)), (Names{"sh010_0007.png", "comp/beauty_0007.png", "comp/depth_007.png",
                                            "comp/sub/dir_0007.png", "comp/x.png0007.png", "up_0007.png"}));
}

TEST(Outputs, SlotThatClimbsOutIsStagedBelowTheFolder) {
  Json request = shot();
  request["outputs"][1] = single_node("//render/comp", {"../../up_"});
  const Json reply = made(request);
  EXPECT_EQ(reply["root"], "/prod/shots");
  EXPECT_EQ(staged(reply), (Names{"render/sh010_", "render/comp"}));
  EXPECT_EQ(expected(reply), (Names{"render/sh010_0007.png", "up_0007.png"}));
}

TEST(Outputs, EmptySlotMayStandBesideTheFolder) {
  Json request = shot();
  request["outputs"][1] = single_node("//comp/", {""});
  const Json reply = made(request);
  EXPECT_EQ(reply["root"], "/prod/shots");
  EXPECT_EQ(expected(reply)[1], "comp*0007.png");
  EXPECT_TRUE(reply["frames"][0]["files"][1]["pattern"]);
}

TEST(Outputs, UnlinkedSlotsWriteNothing) {
  Json request = shot();
  request["outputs"][1]["slots"][0]["linked"] = false;
  EXPECT_EQ(expected(made(request)), Names{"sh010_0007.png"});
}

TEST(Outputs, SlotOfItsOwnFormat) {
  Json request = shot();
  request["outputs"][1] = single_node("//c", {"a_"});
  request["outputs"][1]["slots"][0]["format"] = "OPEN_EXR";
  EXPECT_EQ(expected(made(request))[1], "c/a_0007.exr");
}

TEST(Outputs, WithoutExtensions) {
  Json request = shot();
  for (Json& output : request["outputs"]) output["extension"] = false;
  EXPECT_EQ(expected(made(request)), (Names{"sh010_0007", "comp/0007"}));
}

TEST(Outputs, EveryViewHasItsFile) {
  Json request = shot();
  request["views"] = {"_L", "_R"};
  EXPECT_EQ(expected(made(request)),
            (Names{"sh010_0007_L.png", "sh010_0007_R.png", "comp/0007_L.exr", "comp/0007_R.exr"}));
}

TEST(Outputs, ViewsInOneFile) {
  Json request = shot();
  request["views"] = {"_L", "_R"};
  for (Json& output : request["outputs"]) output["views_format"] = "STEREO_3D";
  EXPECT_EQ(expected(made(request)), (Names{"sh010_0007.png", "comp/0007.exr"}));
}

TEST(Outputs, MovieBecomesFramesInAFolder) {
  Json request = shot();
  request["outputs"].erase(1);
  request["outputs"][0]["path"] = "//out/cut_##";
  request["outputs"][0]["movie"] = true;
  const Json reply = made(request);
  EXPECT_EQ(destinations(reply), Names{"/prod/shots/out/cut_.frames/"});
  EXPECT_EQ(reply["outputs"][0]["movie"], "/prod/shots/out/cut_##");
  EXPECT_EQ(expected(reply), Names{"0007.png"});
}

TEST(Outputs, MovieAsOneFileOnRequest) {
  Json request = shot();
  request["outputs"].erase(1);
  request["outputs"][0].update({{"path", "//out/cut"}, {"movie", true}, {"format", "FFMPEG"}});
  request["as_movie"] = true;
  request["last"] = 250;
  EXPECT_EQ(expected(made(request)), Names{"cut0007-0250*"});
}

TEST(Outputs, VariablesOfBlender5AreExpectedByPattern) {
  Json request = shot();
  request["blender"] = {5, 0, 0};
  request["outputs"][0]["path"] = "//render/{blend_name}_{resolution_x}_";
  const Json reply = made(request);
  EXPECT_EQ(destinations(reply)[0], "/prod/shots/render/sh010_{resolution_x}_");
  EXPECT_EQ(expected(reply)[0], "sh010_*_0007.png");
}

TEST(Outputs, NodeOfBlender5) {
  Json request = shot();
  request["blender"] = {5, 0, 0};
  request["outputs"][1] = single_node("//render/comp", {"Depth"});
  request["outputs"][1]["file_name"] = "sh";
  const Json reply = made(request);
  EXPECT_EQ(expected(reply)[1], "comp/sh*Depth*0007.png");
  EXPECT_FALSE(reply["frames"][0]["files"][1]["required"]);
}

TEST(Outputs, WindowsPaths) {
  Json request = shot();
  request["outputs"].erase(1);
  request["outputs"][0]["path"] = "//render\\x5csh_";
  EXPECT_EQ(destinations(made(request)), Names{"/prod/shots/render/sh_"});
}

TEST(Outputs, NamesThatAreNotUtf8ComeThrough) {
  Json request = shot();
  request["entry"] = "/prod/caf\\xe9/s.blend";
  const Json reply = made(request);
  EXPECT_EQ(reply["root"], "/prod/caf\\xe9/render");
}

TEST(Outputs, RequestWithoutEntryIsBadInput) {
  Json request = shot();
  request.erase("entry");
  const auto reply = outputs(request);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::bad_input);
}

}  // namespace
}  // namespace souschef::blender
