// SPDX-License-Identifier: MIT
// The test files of the Blender Asset Tracer (by Sybren A. Stüvel and others), where they are at hand: files
// of Blender 2.79 to 3.2 with every kind of reference, and what their authors expect of them. They are looked
// for in the folder that SOUSCHEF_BAT_FILES names, else in ../shared/bat-blendfiles beside the source.
#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "plugins/blend/json.hpp"
#include "tests/plugins/blend/closure.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::blend {
namespace {

namespace fs = std::filesystem;

fs::path bat_folder() {
  if (const char* named = std::getenv("SOUSCHEF_BAT_FILES")) return named;
  return fs::path(SOUSCHEF_SOURCE_FOLDER) / "../shared/bat-blendfiles";
}

struct Expectation {
  const char* file;
  std::vector<std::string> paths;
};

void PrintTo(const Expectation& expectation, std::ostream* out) {
  *out << expectation.file;
}

const std::string kElsewhere = "/home/sybren/workspace/bam/blender-asset-tracer/tests/blendfiles/";
const std::string kCloud = "//../../../../cloud/pillar/testfiles/";

const std::vector<Expectation> kExpectations = {
    {"basic_file.blend", {}},
    {"basic_file_compressed.blend", {}},
    {"basic_file_compressed_zstd.blend", {}},
    {"basic_file_zstandard.blend", {}},
    {"basic_file_\xc3\xb1\xc3\xb8n\xc3\xa6\xc5\xa1\xc4\x8dii.blend", {}},
    {"absolute_path.blend",
     {"//textures/Bricks/brick_dotted_04-color.jpg",
      kElsewhere + "textures/Textures/Buildings/buildings_roof_04-color.png"}},
    {"missing_textures.blend",
     {"//textures/HDRI/Myanmar/Golden Palace 2, Old Bagan-1k.exr",
      "//textures/Textures/Marble/marble_decoration-color.png"}},
    {"image_sequencer.blend",
     {"//imgseq/000210.png", "//imgseq/000211.png", "//imgseq/000212.png", "//imgseq/000213.png",
      "//imgseq/000214.png", kCloud + "video-tiny.mkv", kCloud + "video-tiny.mkv",
      kCloud + "video-tiny.mkv"}},
    {"subdir/image_sequence_dir_up.blend",
     {"//../imgseq/000210.png", "//../imgseq/000211.png", "//../imgseq/000212.png", "//../imgseq/000213.png",
      "//../imgseq/000214.png"}},
    {"udim/v01_UDIM_BAT_debugging.blend", {"//cube_UDIM.color.<UDIM>.png"}},
    {"alembic-user.blend", {"//clothsim.abc"}},
    {"alembic-sequence-user.blend", {"//clothsim.030.abc"}},
    {"meshcache-user.blend", {"//meshcache.mdd"}},
    {"ocean_modifier.blend", {"//cache_ocean"}},
    {"movieclip.blend", {kCloud + "video.mov"}},
    {"with_font.blend", {"/usr/share/fonts/truetype/hack/Hack-Bold.ttf"}},
    {"with_sequencer.blend", {}},
    {"linked_cube.blend", {"//basic_file.blend"}},
    {"linked_cube_compressed.blend", {kElsewhere + "basic_file.blend"}},
    {"doubly_linked.blend", {"//linked_cube.blend", "//material_textures.blend"}},
    {"subdir/doubly_linked_up.blend", {"//../linked_cube.blend", "//../material_textures.blend"}},
    {"geometry-nodes/file_to_pack.blend", {"//object_lib.blend"}},
    {"geometry-nodes/node_lib.blend", {}},
};

class BatFiles : public testing::TestWithParam<Expectation> {
 protected:
  void SetUp() override {
    if (!fs::exists(bat_folder() / GetParam().file)) GTEST_SKIP() << "the files of BAT are not here";
  }
};

TEST_P(BatFiles, ReferToWhatTheirAuthorsExpect) {
  const Traced trace(test::read_file(bat_folder() / GetParam().file));
  ASSERT_EQ(trace.failure, "");
  std::vector<std::string> found = trace.paths();
  std::vector<std::string> expected = GetParam().paths;
  std::sort(found.begin(), found.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(found, expected);
  EXPECT_EQ(Json::parse(trace.facts_json)["active_scene"], "Scene");
}

INSTANTIATE_TEST_SUITE_P(Each, BatFiles, testing::ValuesIn(kExpectations),
                         [](const auto& one) { return std::to_string(one.index); });

class BatFile : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(bat_folder())) GTEST_SKIP() << "the files of BAT are not here";
  }
};

TEST_F(BatFile, OnlyMagicIsAnError) {
  EXPECT_NE(Traced(test::read_file(bat_folder() / "corrupt_only_magic.blend")).failure, "");
}

TEST_F(BatFile, SequencesAndTilesAreTold) {
  EXPECT_EQ(
      Traced(test::read_file(bat_folder() / "udim/v01_UDIM_BAT_debugging.blend")).references.at(0).expansion,
      Expansion::udim);
  EXPECT_EQ(Traced(test::read_file(bat_folder() / "alembic-sequence-user.blend")).references.at(0).expansion,
            Expansion::trailing_digits);
  EXPECT_EQ(Traced(test::read_file(bat_folder() / "alembic-user.blend")).references.at(0).expansion,
            Expansion::file);
  EXPECT_EQ(Traced(test::read_file(bat_folder() / "ocean_modifier.blend")).references.at(0).expansion,
            Expansion::folder);
}

TEST_F(BatFile, LibrariesAreFollowed) {
  const std::string root = fs::canonical(bat_folder()).string();
  const Closure geometry(root + "/geometry-nodes/file_to_pack.blend");
  EXPECT_EQ(geometry.paths, (std::set<std::string>{root + "/geometry-nodes/object_lib.blend",
                                                   root + "/geometry-nodes/node_lib.blend"}));
  const Closure doubly(root + "/subdir/doubly_linked_up.blend");
  for (const char* path : {"/linked_cube.blend", "/material_textures.blend", "/basic_file.blend"})
    EXPECT_TRUE(doubly.paths.contains(root + path)) << path;
}

TEST_F(BatFile, FactsOfTheScene) {
  const auto scene = [](const char* name) {
    return Json::parse(Traced(test::read_file(bat_folder() / name)).facts_json)["scenes"][0];
  };
  const Json basic = scene("basic_file.blend");
  EXPECT_EQ(basic["frame_start"], 1);
  EXPECT_EQ(basic["frame_end"], 250);
  EXPECT_EQ(basic["engine"], "CYCLES");
  EXPECT_EQ(basic["resolution"], Json({1920, 1080}));
  EXPECT_EQ(basic["percentage"], 50);
  EXPECT_EQ(basic["output"]["path"], "/tmp/");
  EXPECT_EQ(basic["output"]["format"], "FFMPEG");
  EXPECT_EQ(scene("subdir/image_sequence_dir_up.blend")["frame_end"], 5);
  EXPECT_EQ(scene("ocean_modifier.blend")["frame_end"], 50);
  EXPECT_EQ(scene("udim/v01_UDIM_BAT_debugging.blend")["engine"], "BLENDER_EEVEE");
  EXPECT_EQ(scene("geometry-nodes/file_to_pack.blend")["resolution"], Json({2048, 858}));
}

}  // namespace
}  // namespace souschef::blend
