// SPDX-License-Identifier: MIT
// What an order chooses by its flags, against what Blender itself makes of the same choice: names and decoded
// pixels.
#include "tests/core/rendering/rendering_fixture.hpp"
#include "tests/support/blender.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

class Selection : public RenderingFixture {
 protected:
  void SetUp() override {
    SOUSCHEF_NEEDS_BLENDER();
    if (std::system("ffmpeg -version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no ffmpeg here";
    RenderingFixture::SetUp();
    configure("[[target]]\nname = \"lts\"\npath = \"" + test::blender_program() + "\"\n");
    fs::create_directories(root() / "shots");
    fs::copy_file(test::blender_scenes() / "selection.blend", root() / "shots/selection.blend");
    const std::string command = "'" + test::blender_program() + "' -b '" +
                                (root() / "shots/selection.blend").string() +
                                "' --python-exit-code 3 --python '" SOUSCHEF_SOURCE_FOLDER
                                "/tests/data/blender/render_selection.py' -- '" +
                                (folder_ / "blender").string() + "' >/dev/null 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  // An order with these choices, into a folder of its own; several are rendered by one run.
  void place(const std::string& folder, const std::string& frames, RenderSettings settings) {
    Order order = new_order("shots/selection.blend", frames);
    order.settings = std::move(settings);
    order.output = "out/" + folder + "/";
    submit(order);
  }
  // The same names, and behind each the same picture.
  void expect_as_blender(const std::string& ours, const std::string& theirs,
                         const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const fs::path image = root() / "out" / ours / name;
      ASSERT_TRUE(fs::exists(image)) << image << "\n" << listener_.text();
      const std::string expected = test::pixels_of(folder_ / "blender" / theirs / ("p_" + name.substr(2)));
      EXPECT_NE(expected, "") << theirs << "/" << name;
      EXPECT_TRUE(test::pixels_of(image) == expected) << ours << "/" << name;
    }
    EXPECT_EQ(files("out/" + ours).size(), names.size());
  }
};

TEST_F(Selection, FramesAreNamedAndLookAsBlenderMakesThem) {
  place("plain", "-3,0,3,6,10001", {});
  place("stepped", "0-6x3", {});
  EXPECT_EQ(run().orders_done, 2U) << listener_.text();
  // Frame 6 lies behind the marker that switches to the second camera.
  expect_as_blender("plain", "plain",
                    {"p_-0003.png", "p_0000.png", "p_0003.png", "p_0006.png", "p_10001.png"});
  expect_as_blender("stepped", "plain", {"p_0000.png", "p_0003.png", "p_0006.png"});
  EXPECT_FALSE(test::pixels_of(root() / "out/plain/p_0003.png") ==
               test::pixels_of(root() / "out/plain/p_0006.png"))
      << "or the cameras are no test";
}

TEST_F(Selection, CameraLayerAndSceneAreThoseThatWereAskedFor) {
  place("camera", "3", {.camera = "second"});
  place("layer", "3", {.view_layers = {"other"}});
  place("scene", "3", {.scene = "other scene"});
  EXPECT_EQ(run().orders_done, 3U) << listener_.text();
  expect_as_blender("camera", "camera", {"p_0003.png"});
  expect_as_blender("layer", "layer", {"p_0003.png"});
  expect_as_blender("scene", "other_scene", {"o_0003.png"});
  const std::string plain = test::pixels_of(folder_ / "blender/plain/p_0003.png");
  for (const char* choice : {"camera/p_0003.png", "layer/p_0003.png", "scene/o_0003.png"})
    EXPECT_FALSE(test::pixels_of(root() / "out" / choice) == plain) << choice << " is no choice";
}

}  // namespace
}  // namespace souschef::core
