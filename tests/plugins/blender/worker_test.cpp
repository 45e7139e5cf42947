// SPDX-License-Identifier: MIT
// worker.py inside the real Blender, driven by the plugin's pure functions as the program drives it.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/line_buffer.hpp"
#include "core/base/process.hpp"
#include "core/base/run_program.hpp"
#include "plugins/blender/frame_path.hpp"
#include "plugins/blender/launch.hpp"
#include "plugins/blender/messages.hpp"
#include "plugins/blender/outputs.hpp"
#include "tests/support/blender.hpp"
#include "tests/support/temp_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::blender {
namespace {

using namespace std::chrono_literals;

// One Blender with one scene, opened as an order would open it.
class Session {
 public:
  explicit Session(const std::string& scene, Json launch_more = Json::object())
      : entry_(test::blender_scenes() / scene), staging_(folder_ / "staging") {
    fs::create_directories(staging_);
    Json request = {{"target", {{"path", test::blender_program()}, {"factory_startup", true}}},
                    {"entry", entry_.string()},
                    {"run_folder", folder_.path().string()}};
    request.merge_patch(launch_more);
    const Json plan = *launch(request);
    for (const Json& file : plan["files"])
      folder_.write(file["name"].get<std::string>(), file["content"].get<std::string>());
    log_.reset(::open((folder_ / "log").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    core::ProcessOptions options;
    options.command = plan["command"].get<std::vector<std::string>>();
    for (const auto& [name, value] : plan["environment"].items())
      options.environment.emplace_back(name, value);
    options.output = core::Stream::pipe;
    options.errors = core::Stream::output;
    options.pipes = {{plan["pipes"]["commands"], core::Channel::to_child},
                     {plan["pipes"]["answers"], core::Channel::from_child}};
    auto started = core::Process::start(options);
    if (started) process_ = std::move(*started);
  }

  Json next() {
    for (;;) {
      if (auto line = lines_.take()) return decode({{"channel", "answers"}, {"lines", {*line}}})["events"][0];
      std::array<pollfd, 2> wait = {pollfd{process_->pipes[1].get(), POLLIN, 0},
                                    pollfd{process_->output.get(), POLLIN, 0}};
      if (::poll(wait.data(), wait.size(), 60000) <= 0) return {{"event", "silence"}};
      std::array<char, 4096> buffer{};
      const ssize_t printed = ::read(process_->output.get(), buffer.data(), buffer.size());
      if (printed > 0) printed_.append(buffer.data(), static_cast<std::size_t>(printed));
      if (printed == 0) process_->output.reset();
      const ssize_t got = ::read(process_->pipes[1].get(), buffer.data(), buffer.size());
      if (got > 0) lines_.add({buffer.data(), static_cast<std::size_t>(got)});
      if (got == 0) return {{"event", "closed"}, {"printed", printed_}};
    }
  }

  void send(const Json& request) {
    const std::string line = (*command(request))["line"].get<std::string>() + "\n";
    if (::write(process_->pipes[0].get(), line.data(), line.size()) < 0) printed_ += "cannot send";
  }

  Json open(Json more = Json::object()) {
    const Json hello = next();
    if (hello["event"] != "hello") return hello;
    Json request = {{"do", "open"},
                    {"entry", entry_.string()},
                    {"allowed", {entry_.parent_path().string()}},
                    {"device", {{"kind", "cpu"}}}};
    request.merge_patch(more);
    send(request);
    const Json event = next();
    if (event["event"] == "opened") facts_ = event["facts"];
    return event;
  }

  // What `renderer.outputs` says, with the .blend at /prod.
  Json places(int frame, const Json& more = Json::object()) {
    Json request = {{"entry", "/prod/" + entry_.filename().string()},
                    {"production", "/prod"},
                    {"blender", {3, 4, 1}},
                    {"size", facts_["size"]},
                    {"views", facts_["views"]},
                    {"outputs", facts_["outputs"]},
                    {"frames", {frame}}};
    request.merge_patch(more);
    return *outputs(request);
  }

  Json render(int frame, const Json& more = Json::object()) {
    send({{"do", "frame"},
          {"frame", frame},
          {"attempt", 1},
          {"staging", staging_.string()},
          {"outputs", places(frame, more)["outputs"]}});
    return next();
  }

  [[nodiscard]] std::set<std::string> staged() const { return files_below(staging_); }
  static std::set<std::string> files_below(const fs::path& folder) {
    std::set<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) found.insert(fs::relative(entry.path(), folder).generic_string());
    return found;
  }
  static std::set<std::string> expected_of(const Json& places) {
    std::set<std::string> paths;
    for (const Json& file : places["frames"][0]["files"]) paths.insert(file["path"].get<std::string>());
    return paths;
  }

  core::Process& process() { return *process_; }
  [[nodiscard]] const Json& facts() const { return facts_; }
  [[nodiscard]] const fs::path& staging() const { return staging_; }

 private:
  test::TempFolder folder_;
  fs::path entry_, staging_;
  core::FileDescriptor log_;
  std::unique_ptr<core::Process> process_;
  core::LineBuffer lines_{1 << 20};
  std::string printed_;
  Json facts_;
};

std::string pixels_of(const fs::path& image) {
  const auto result =
      core::run_program({.command = {"ffmpeg", "-v", "error", "-i", image.string(), "-f", "md5", "-"}});
  return result ? result->output : result.error().line();
}

bool has_ffmpeg() {
  return bool(core::run_program({.command = {"ffmpeg", "-version"}}));
}

TEST(BlenderWorker, WritesExactlyTheExpectedFiles) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("nodes.blend");
  ASSERT_EQ(session.open()["event"], "opened");
  ASSERT_EQ(session.render(7)["event"], "rendered");
  EXPECT_EQ(session.staged(), Session::expected_of(session.places(7)));
  EXPECT_EQ(session.staged(), (std::set<std::string>{"render/p_0007.png", "render/comp/beauty_0007.png",
                                                     "render/comp/sub/depth_07.png", "render/multi_0007.exr",
                                                     "kept/k_0007.png"}));
}

TEST(BlenderWorker, OverrideMovesEveryOutputButTheIgnoredOne) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("nodes.blend");
  ASSERT_EQ(session.open()["event"], "opened");
  const Json more = {{"override", "/out/"}};
  ASSERT_EQ(session.render(1, more)["event"], "rendered");
  EXPECT_EQ(session.staged(), Session::expected_of(session.places(1, more)));
  EXPECT_TRUE(session.staged().contains("out/comp/beauty_0001.png"));
  EXPECT_TRUE(session.staged().contains("prod/kept/k_0001.png"));
}

TEST(BlenderWorker, FramesInAnyOrderAreThoseOfAFreshBlender) {
  SOUSCHEF_NEEDS_BLENDER();
  if (!has_ffmpeg()) GTEST_SKIP() << "there is no ffmpeg to compare pixels with";
  Session session("plain.blend");
  ASSERT_EQ(session.open()["event"], "opened");
  for (const int frame : {9, 2}) ASSERT_EQ(session.render(frame)["event"], "rendered");
  const test::TempFolder fresh;
  for (const int frame : {9, 2}) {
    const auto result =
        core::run_program({.command = {test::blender_program(), "-b", "--factory-startup",
                                       (test::blender_scenes() / "plain.blend").string(), "-o",
                                       (fresh / "p_").string(), "-f", std::to_string(frame)}});
    ASSERT_TRUE(result);
    const std::string name = "p_000" + std::to_string(frame) + ".png";
    EXPECT_EQ(pixels_of(session.staging() / name), pixels_of(fresh / name));
  }
}

TEST(BlenderWorker, OddFrameNumbers) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("plain.blend");
  ASSERT_EQ(session.open()["event"], "opened");
  for (const int frame : {0, -5, 12345}) ASSERT_EQ(session.render(frame)["event"], "rendered") << frame;
  EXPECT_EQ(session.staged(), (std::set<std::string>{"p_0000.png", "p_-0005.png", "p_12345.png"}));
}

TEST(BlenderWorker, ChoicesAreMadeInTheOpenedFile) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("choices.blend");
  const Json settings = {{"settings",
                          {{"scene", "Scene"},
                           {"camera", "second"},
                           {"view_layers", {"other"}},
                           {"resolution", {{"width", 40}, {"height", 20}}},
                           {"samples", 2}}}};
  ASSERT_EQ(session.open(settings)["event"], "opened");
  EXPECT_EQ(session.facts()["camera"], "second");
  EXPECT_EQ(session.facts()["size"], (Json{40, 20}));
  EXPECT_EQ(session.render(1)["event"], "rendered");
}

TEST(BlenderWorker, AnotherSceneHasItsOwnOutput) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("choices.blend");
  ASSERT_EQ(session.open({{"settings", {{"scene", "other scene"}}}})["event"], "opened");
  EXPECT_EQ(session.facts()["outputs"][0]["path"], "//other/o_");
}

TEST(BlenderWorker, UnknownChoicesAreRefusedWithWhatThereIs) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("choices.blend");
  const Json event = session.open({{"settings", {{"camera", "third"}}}});
  EXPECT_EQ(event["code"], "no_camera");
  EXPECT_EQ(event["next"], "there are: camera, second");
}

TEST(BlenderWorker, MissingFileIsNeverTheStartupCube) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("no such file.blend");
  const std::string event = session.open()["event"];
  EXPECT_TRUE(event == "refused" || event == "closed") << event;
  EXPECT_TRUE(session.staged().empty());
}

TEST(BlenderWorker, FilesOutsideTheCheckoutAreRefused) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("outside.blend");
  const Json event = session.open();
  EXPECT_EQ(event["code"], "outside") << event;
  ASSERT_GE(event["why"].size(), 2U);
  EXPECT_TRUE(event["why"][1].get<std::string>().ends_with("library.blend"));
}

TEST(BlenderWorker, FilesInAllowedFoldersAreTaken) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("outside.blend");
  EXPECT_EQ(session.open({{"allowed", {test::blender_scenes().parent_path().string()}}})["event"], "opened");
}

TEST(BlenderWorker, BlockedScriptIsRefused) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("driver.blend");
  EXPECT_EQ(session.open()["code"], "scripts_blocked");
}

TEST(BlenderWorker, AllowedScriptRuns) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("driver.blend", {{"autoexec", true}});
  EXPECT_EQ(session.open()["event"], "opened");
}

TEST(BlenderWorker, GpuThatIsNotThereIsRefused) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("plain.blend");
  const Json event = session.open({{"device", {{"kind", "gpu"}, {"backends", {"OPTIX", "CUDA", "HIP"}}}}});
  EXPECT_EQ(event["code"], "gpu_absent");
}

TEST(BlenderWorker, MovieIsRenderedAsImages) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("movie.blend");
  ASSERT_EQ(session.open()["event"], "opened");
  EXPECT_EQ(session.facts()["movie"]["codec"].is_string(), true);
  ASSERT_EQ(session.render(3)["event"], "rendered");
  EXPECT_EQ(session.staged(), std::set<std::string>{"0003.png"});
}

TEST(BlenderWorker, MissingCameraFailsTheFrameWithItsReason) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("no_camera.blend");
  ASSERT_EQ(session.open()["event"], "opened");
  const Json event = session.render(1);
  EXPECT_EQ(event["event"], "failed");
  EXPECT_NE(event["message"].get<std::string>().find("camera"), std::string::npos) << event;
}

TEST(BlenderWorker, MissingDenoiserFailsTheFrameWithItsReason) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("denoised.blend");
  ASSERT_EQ(session.open()["event"], "opened");
  const Json event = session.render(1);
  if (event["event"] == "rendered") GTEST_SKIP() << "this Blender has the denoiser";
  EXPECT_NE(event["message"].get<std::string>().find("OpenImageDenoise"), std::string::npos) << event;
  EXPECT_TRUE(session.staged().empty());
}

TEST(BlenderWorker, QuitEndsIt) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("plain.blend");
  ASSERT_EQ(session.open()["event"], "opened");
  session.send({{"do", "quit"}});
  const auto& end = session.process().wait_for(60s);
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->success());
}

TEST(BlenderWorker, EndsWithoutItsProgram) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("plain.blend");
  ASSERT_EQ(session.open()["event"], "opened");
  session.process().pipes[0].reset();
  const auto& end = session.process().wait_for(60s);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 42);
}

TEST(BlenderWorker, UnknownCommandIsABugAndFails) {
  SOUSCHEF_NEEDS_BLENDER();
  Session session("plain.blend");
  ASSERT_EQ(session.open()["event"], "opened");
  const std::string line = "{\"do\": \"dance\"}\n";
  ASSERT_EQ(::write(session.process().pipes[0].get(), line.data(), line.size()),
            static_cast<ssize_t>(line.size()));
  EXPECT_EQ(session.next()["event"], "bug");
  EXPECT_EQ(session.process().wait_for(60s)->exit_code, 41);
}

// The tables of frame_path_test.cpp are Blender's own answers.
TEST(BlenderFramePath, IsWhatBlenderSays) {
  SOUSCHEF_NEEDS_BLENDER();
  const std::vector<std::string> templates = {
      "/out/",      "/out/img",        "/out/a_##", "/out/a_##_b",     "/out/a_##_##", "/out/a.png",
      "/out/a.jpg", "/out/a_####.png", "/#/x",      "/out/a.####.exr", "/abs/x.001"};
  std::string script = "import bpy\ns = bpy.context.scene\nprint('begin')\n";
  std::string expected = "begin\n";
  for (const std::string& path : templates)
    for (const int frame : {7, -7, 1234567}) {
      script += "s.render.filepath = '" + path +
                "'; print(s.render.frame_path(frame=" + std::to_string(frame) + "))\n";
      expected += with_extension(with_frame(path, frame), "PNG") + "\n";
    }
  const auto result = core::run_program(
      {.command = {test::blender_program(), "-b", "--factory-startup", "--python-expr", script}});
  ASSERT_TRUE(result);
  const std::size_t begin = result->output.find("begin\n");
  ASSERT_NE(begin, std::string::npos) << result->output;
  EXPECT_EQ(result->output.substr(begin, expected.size()), expected);
}

}  // namespace
}  // namespace souschef::blender
