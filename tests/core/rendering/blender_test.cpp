// SPDX-License-Identifier: MIT
// The main job with the real Blender: bank, delete, render; the pixels are those of a Blender that nobody
// drives.
#include <cstdlib>

#include "tests/core/rendering/rendering_fixture.hpp"
#include "tests/support/blender.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

class RealBlender : public RenderingFixture {
 protected:
  void SetUp() override {
    SOUSCHEF_NEEDS_BLENDER();
    scenes_ = test::blender_scenes();
    RenderingFixture::SetUp();
    configure("[[target]]\nname = \"lts\"\npath = \"" + test::blender_program() + "\"\n");
  }
  void bring(const std::string& scene) {
    fs::create_directories(root() / "shots");
    fs::copy_file(scenes_ / scene, root() / "shots" / scene);
  }
  Order banked(const std::string& scene, const std::string& frames) {
    Order order = new_order("shots/" + scene, frames);
    const auto snapshot = bank("shots/" + scene);
    EXPECT_TRUE(snapshot) << (snapshot ? "" : snapshot.error().line());
    if (snapshot) order.job = snapshot->job;
    return order;
  }
  fs::path scenes_;
};

TEST_F(RealBlender, BankedShotRendersAfterItsSourceIsGone) {
  bring("plain.blend");
  const fs::path plain = folder_ / "plain";
  fs::create_directories(plain);
  fs::copy_file(scenes_ / "plain.blend", plain / "plain.blend");
  const std::string command = "'" + test::blender_program() + "' -b '" + (plain / "plain.blend").string() +
                              "' -s 1 -e 3 -a >/dev/null 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0);

  const Order order = banked("plain.blend", "1-3");
  submit(order);
  fs::remove(root() / "shots/plain.blend");
  const RenderSummary summary = run();

  EXPECT_EQ(summary.orders_done, 1U) << listener_.text();
  EXPECT_EQ(summary.frames_done, 3U);
  for (const char* name : {"p_0001.png", "p_0002.png", "p_0003.png"}) {
    const std::string expected = test::pixels_of(plain / "render" / name);
    EXPECT_NE(expected, "") << name;
    EXPECT_TRUE(test::pixels_of(root() / "shots/render" / name) == expected) << name;
  }
  EXPECT_EQ(files("shots").size(), 3U);
  EXPECT_EQ(listener_.count("order_opened"), 1U) << "one Blender for all frames";
}

TEST_F(RealBlender, NodesAndRenderGoBelowTheOrderedFolder) {
  bring("nodes.blend");
  Order order = banked("nodes.blend", "2");
  order.output = "out/here/";
  submit(order);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_GT(files("out/here").size(), 1U);
  EXPECT_TRUE(files("shots/render").empty());
}

TEST_F(RealBlender, SceneWithoutACameraFailsAndSaysSo) {
  bring("no_camera.blend");
  const Order order = banked("no_camera.blend", "1-3");
  submit(order);
  const RenderSummary summary = run();
  EXPECT_EQ(summary.orders_failed, 1U);
  EXPECT_NE(view(order).ledger.why().find("camera"), std::string::npos) << listener_.text();
}

TEST_F(RealBlender, BlockedDriverStopsTheOrderBeforeItsFirstFrame) {
  bring("driver.blend");
  const Order order = banked("driver.blend", "1-2");
  submit(order);
  EXPECT_EQ(run().orders_failed, 1U);
  EXPECT_EQ(listener_.count("frame_started"), 0U);
  EXPECT_NE(view(order).ledger.why().find("was not allowed to run"), std::string::npos) << listener_.text();
}

TEST_F(RealBlender, ALiveOrderTellsOfSourcesThatChange) {
  bring("plain.blend");
  const Order order = new_order("shots/plain.blend", "1-2");
  submit(order);
  listener_.on_frame_started = [&](const AttemptNow& attempt) {
    if (attempt.frame == 1)
      fs::last_write_time(root() / "shots/plain.blend", fs::file_time_type::clock::now());
  };
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("warning shots/plain.blend has changed"), 1U) << listener_.text();
}

TEST_F(RealBlender, LiveOrderRendersTheWorkingCopy) {
  bring("plain.blend");
  const Order order = new_order("shots/plain.blend", "1");
  submit(order);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_TRUE(fs::exists(root() / "shots/render/p_0001.png"));
}

}  // namespace
}  // namespace souschef::core
