// SPDX-License-Identifier: MIT
// The main job with the real Blender: bank, delete, render; the pixels are those of a Blender that nobody
// drives.
#include <cstdlib>
#include <set>

#include "core/rendering/place_order.hpp"
#include "core/rendering/stage_alone.hpp"
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

// ffprobe's words about a movie: pictures that decode, rate, and the seconds of its sound.
std::string probed(const fs::path& movie, const std::string& stream, const std::string& entry) {
  const std::string command = "ffprobe -v error -count_frames -select_streams " + stream +
                              " -show_entries stream=" + entry + " -of csv=p=0 '" + movie.string() + "' 2>&1";
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
    if (c != '\n') text += static_cast<char>(c);
  ::pclose(pipe);
  return text;
}

// The sound of the scene, mixed by Blender, under the frames that it belongs to.
TEST_F(RealBlender, EncodedOrderPlaysItsFramesAtTheirRateWithTheScenesSound) {
  if (std::system("ffprobe -version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no ffmpeg here";
  bring("sound.blend");
  bring("tone.wav");
  Order order = banked("sound.blend", "7-18");
  order.stages = {"render", "preview"};
  submit(order);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  const fs::path movie = root() / ("shots/render/" + order.name + ".mp4");
  EXPECT_EQ(probed(movie, "v", "nb_read_frames"), "12") << listener_.text();
  EXPECT_EQ(probed(movie, "v", "r_frame_rate"), "24/1");
  EXPECT_NEAR(std::atof(probed(movie, "a", "duration").c_str()), 0.5, 0.06);

  // A frame that is gone afterwards: nothing is made of the rest, unless one asks for it.
  fs::remove(movie);
  fs::remove(root() / "shots/render/p_0009.png");
  const auto alone = [&](std::vector<std::string> overrides) {
    return run_stage_alone(*production_, {order.id, "preview", std::move(overrides)}, {}, {});
  };
  const auto refused = alone({});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().line().find("9"), std::string::npos) << refused.error().line();
  EXPECT_FALSE(fs::exists(movie));
  const auto held = alone({"gaps=hold"});
  ASSERT_TRUE(held) << held.error().line();
  EXPECT_EQ(probed(movie, "v", "nb_read_frames"), "12");
  EXPECT_NEAR(std::atof(probed(movie, "a", "duration").c_str()), 0.5, 0.06);
  EXPECT_FALSE(held->outcome.warnings.empty());
}

TEST_F(RealBlender, SceneWithoutACameraFailsAndSaysSo) {
  bring("no_camera.blend");
  const Order order = banked("no_camera.blend", "1-3");
  submit(order);
  const RenderSummary summary = run();
  EXPECT_EQ(summary.orders_failed, 1U);
  EXPECT_NE(view(order).ledger.why().find("camera"), std::string::npos) << listener_.text();
}

// The original's script raised on a newer Blender, which then rendered on its own: the file's frames, to the
// file's own output. Something that the script uses is taken away here, before it begins and before a frame.
TEST_F(RealBlender, ScriptThatRaisesFailsTheOrderAndNothingIsRenderedAnywhere) {
  bring("plain.blend");
  write("shots/render/p_0001.png", "the artist's own");
  const auto before = files("shots");
  for (const auto& [gone, said] :
       {std::pair("import threading; threading.Thread = None", "exit code 41"),  // it cannot answer yet
        std::pair("import time; time.monotonic = None", "TypeError")}) {
    configure("[[target]]\nname = \"lts\"\npath = \"" + test::blender_program() +
              "\"\narguments = [\"--python-expr\", \"" + gone + "\"]\n");
    Order order = banked("plain.blend", "1-2");
    order.output = "out/";
    submit(order);
    const RenderSummary summary = run();
    EXPECT_EQ(summary.orders_failed, 1U) << gone << "\n" << listener_.text();
    EXPECT_EQ(summary.frames_done, 0U) << gone;
    EXPECT_NE(view(order).ledger.why().find(said), std::string::npos) << view(order).ledger.why();
    EXPECT_TRUE(files("out").empty()) << gone;
    EXPECT_EQ(files("shots"), before) << gone;
  }
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

TEST_F(RealBlender, TwoSlotsShareOneOrdersFramesAndThePixelsAreTheSame) {
  configure("[[target]]\nname = \"lts\"\npath = \"" + test::blender_program() +
            "\"\n[[slot]]\nname = \"a\"\ndevice = \"cpu-1\"\n[[slot]]\nname = \"b\"\ndevice = \"cpu-2\"\n");
  bring("slow.blend");
  Order order = banked("slow.blend", "1-6");
  order.settings.samples = 300;
  submit(order);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("order_opened"), 2U);
  EXPECT_EQ(listener_.count("frame_started"), 6U) << "no frame twice";
  const auto both = files("shots/render");
  EXPECT_EQ(both.size(), 6U) << "and no placeholder";

  configure("[[target]]\nname = \"lts\"\npath = \"" + test::blender_program() + "\"\n");
  Order alone = new_order("shots/slow.blend", "1-6");
  alone.job = order.job;
  alone.settings.samples = 300;
  alone.output = "alone/";
  submit(alone);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  for (const auto& [name, bytes] : both)
    EXPECT_TRUE(test::pixels_of(root() / "shots/render" / name) == test::pixels_of(root() / "alone" / name))
        << name;
}

TEST_F(RealBlender, FrameThatStoodStillHasTheSamePixels) {
  bring("slow.blend");
  const Order order = banked("slow.blend", "1");
  submit(order);
  listener_.on_frame_started = [&](const AttemptNow&) { ask(RequestKind::pause, order, {{"now", true}}); };
  RenderOptions options;
  options.stop = [&, asked = false]() mutable {
    if (listener_.count("frame_suspended") > 0 && !std::exchange(asked, true))
      ask(RequestKind::resume, order);
    return StopWish::none;
  };
  EXPECT_EQ(run(options).orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_resumed"), 1U) << listener_.text();
  EXPECT_EQ(view(order).ledger.frame(1)->attempt, 1U);

  Order undisturbed = new_order("shots/slow.blend", "1");
  undisturbed.job = order.job;
  undisturbed.output = "alone/";
  listener_.on_frame_started = nullptr;
  submit(undisturbed);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_TRUE(test::pixels_of(root() / "shots/render/p_0001.png") ==
              test::pixels_of(root() / "alone/p_0001.png"));
}

TEST_F(RealBlender, MovieInOnePieceIsOneAttempt) {
  bring("movie.blend");
  Order order = banked("movie.blend", "1-4");
  order.settings.as_movie = true;
  submit(order);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_started"), 1U);
  EXPECT_EQ(view(order).ledger.counts().done, 4U);
  const auto made = files("shots/render");
  ASSERT_EQ(made.size(), 1U);
  EXPECT_GT(made.begin()->second.size(), 500U);
  ask(RequestKind::redo, order, {{"frames", "3"}});
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_started 1"), 2U)
      << "all of it again: a movie has no third frame of its own";
  EXPECT_EQ(view(order).ledger.counts().done, 4U);
}

TEST_F(RealBlender, SimulationThatWasInterruptedStartsOverAndGivesTheSamePixels) {
  bring("falling.blend");
  const auto simulate = [&](const std::string& output) {
    Order order = banked("falling.blend", "1-12");
    order.unbaked = Unbaked{1};
    order.output = output;
    submit(order);
  };
  simulate("whole/");
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  simulate("cut/");
  const std::size_t before = listener_.count("frame_done");
  RenderOptions options;
  options.stop = [&] { return listener_.count("frame_done") >= before + 5 ? StopWish::now : StopWish::none; };
  EXPECT_EQ(run(options).end, RenderEnd::stopped);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  std::set<std::string> pictures;
  for (const auto& [name, bytes] : files("whole")) {
    EXPECT_TRUE(test::pixels_of(root() / "whole" / name) == test::pixels_of(root() / "cut" / name)) << name;
    pictures.insert(test::pixels_of(root() / "whole" / name));
  }
  EXPECT_GT(pictures.size(), 6U) << "it moves";
}

// It would write its cache into the production, beside the artist's file.
TEST_F(RealBlender, SimulationThatIsNotBakedIsNotRenderedLive) {
  bring("falling.blend");
  const auto placed = place_order(
      *production_, {.blend = root() / "shots/falling.blend", .live = true, .allow_unbaked = true}, {});
  ASSERT_FALSE(placed);
  EXPECT_EQ(placed.error().code, ErrorCode::usage);
  EXPECT_NE(placed.error().next.find("--live"), std::string::npos) << placed.error().next;
}

TEST_F(RealBlender, SlotWhoseGpuIsNotThereFailsAndRendersNothingOnTheCpu) {
  configure("[[target]]\nname = \"lts\"\npath = \"" + test::blender_program() +
            "\"\n[[slot]]\nname = \"card\"\ndevice = \"GPU-00000000-dead-beef-0000-000000000000\"\n");
  bring("plain.blend");
  const Order order = banked("plain.blend", "1-3");
  submit(order);
  EXPECT_EQ(run().orders_failed, 1U);
  EXPECT_EQ(listener_.count("frame_started"), 0U) << listener_.text();
  EXPECT_NE(view(order).ledger.why().find("GPU"), std::string::npos) << view(order).ledger.why();
}

TEST_F(RealBlender, EditThatIsOrderedBeforeItsShotIsRenderedShowsTheShotsFrames) {
  bring("plain.blend");
  bring("edit.blend");
  for (const auto& [shot, priority] : {std::pair("plain.blend", 10), std::pair("edit.blend", 90)}) {
    const auto placed = place_order(
        *production_, {.blend = root() / "shots" / shot, .frames = "1-3", .priority = priority}, {});
    ASSERT_TRUE(placed) << placed.error().line();
  }
  EXPECT_EQ(run().orders_done, 2U) << listener_.text();
  for (int frame = 1; frame <= 3; ++frame) {
    const std::string number = "000" + std::to_string(frame) + ".png";
    const std::string shown = test::pixels_of(root() / "shots/cut" / ("e_" + number));
    EXPECT_NE(shown, "") << number;
    EXPECT_TRUE(shown == test::pixels_of(root() / "shots/render" / ("p_" + number))) << number;
  }
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
