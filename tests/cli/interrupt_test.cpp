// SPDX-License-Identifier: MIT
// Ctrl-C while frames are rendered: once lets the frame in hand finish, twice gives it up. Whichever it was,
// the next render goes on, and no frame is lost or rendered twice.
#include <gmock/gmock.h>

#include <csignal>
#include <functional>

#include "core/base/process.hpp"
#include "core/base/process_identity.hpp"
#include "core/base/ulid.hpp"
#include "core/queue/order_names.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/queue/request.hpp"
#include "tests/cli/program.hpp"

namespace fs = std::filesystem;

namespace souschef::test {
namespace {

using core::FrameState;
using testing::HasSubstr;

class CtrlC : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    init();
    ASSERT_EQ(run({"targets", "add", "flat", "/bin/sh"}).exit_code, 0);
    ASSERT_EQ(run({"config", "set", "target[flat].renderer", "null"}).exit_code, 0);
    trust();
  }
  [[nodiscard]] core::QueueFolder queue() const { return {.path = root() / ".souschef/queue"}; }
  [[nodiscard]] fs::path gate() const { return folder_ / "gate"; }
  [[nodiscard]] std::string said() const { return read_file(folder_ / "said"); }

  // Four frames of a scene that is this script, for the null renderer.
  void order(const std::string& script) {
    write("shot.null", script);
    ASSERT_TRUE(core::make_queue_folder(queue()));
    order_.id = core::new_ulid();
    order_.name = *core::claim_order_name(queue(), order_.id);
    order_.entry = "shot.null";
    order_.target = "flat";
    order_.renderer = "null";
    order_.frames = *FrameRange::parse("1-4");
    ASSERT_TRUE(core::drop_request(queue(), core::make_order_request(order_)));
  }
  core::FrameRecord frame(std::int32_t number) const {
    const auto view = core::read_order(queue(), order_.id);
    return view ? *view->ledger.frame(number) : core::FrameRecord();
  }
  // souschef render, whose frame 2 is being rendered when this returns.
  std::unique_ptr<core::Process> render_to_frame_2() const {
    auto process = core::Process::start(process_options(
        {"/bin/sh", "-c", "exec \"$0\" render 2>\"$1\"", SOUSCHEF_PROGRAM, (folder_ / "said").string()}));
    EXPECT_TRUE(process);
    if (!process) return nullptr;
    EXPECT_TRUE(wait_until(**process, [&] { return frame(2).state == FrameState::running; })) << said();
    return std::move(*process);
  }
  // Looks again and again; false where it took more than a minute, or the program ended before.
  static bool wait_until(core::Process& process, const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      if (process.wait_for(std::chrono::milliseconds(2))) return condition();
    }
    return true;
  }
  bool stopping_is_said(core::Process& process) const {
    return wait_until(process, [&] { return said().find("Stopping after the frames") != std::string::npos; });
  }
  // Renders what is left, and says which attempt made each frame.
  std::vector<unsigned> attempts_after_the_next_render() const {
    const Ran rendered = run({"render"});
    EXPECT_EQ(rendered.exit_code, 0) << rendered.err;
    std::vector<unsigned> attempts;
    for (const std::int32_t number : {1, 2, 3, 4}) {
      EXPECT_EQ(frame(number).state, FrameState::done) << number;
      const std::string name = "prod/render/n_000" + std::to_string(number) + ".bmp";
      const std::string picture = read_file(folder_ / name);
      EXPECT_EQ(picture.size() > 56 ? picture[54] : 0, number) << name;
      attempts.push_back(picture.size() > 56 ? static_cast<unsigned>(picture[56]) : 0);
    }
    EXPECT_FALSE(fs::exists(root() / "render/older")) << "a frame was rendered twice";
    return attempts;
  }

  core::Order order_;
};

TEST_F(CtrlC, OnceFinishesTheFrameInHand) {
  order("2 after " + gate().string() + "\n");
  const auto process = render_to_frame_2();
  ASSERT_NE(process, nullptr);
  process->send_signal(SIGINT);
  ASSERT_TRUE(stopping_is_said(*process)) << said();
  EXPECT_FALSE(process->poll()) << "frame 2 is still being rendered";
  folder_.write("gate", "");
  const auto& end = process->wait_for(std::chrono::minutes(1));
  ASSERT_TRUE(end) << said();
  EXPECT_EQ(end->exit_code, 130) << said();
  EXPECT_EQ(frame(2).state, FrameState::done);
  EXPECT_EQ(frame(3).state, FrameState::todo);
  EXPECT_THAT(said(), HasSubstr("Stopped after 2 frames"));
  EXPECT_EQ(attempts_after_the_next_render(), (std::vector<unsigned>{1, 1, 1, 1}));
}

TEST_F(CtrlC, TwiceStopsAtOnceAndTheFrameIsRenderedAnew) {
  order("2.1 hang\n");
  const auto process = render_to_frame_2();
  ASSERT_NE(process, nullptr);
  process->send_signal(SIGINT);
  ASSERT_TRUE(stopping_is_said(*process)) << said();
  process->send_signal(SIGINT);
  const auto& end = process->wait_for(std::chrono::minutes(1));
  ASSERT_TRUE(end) << "it waits for a frame that hangs: " << said();
  EXPECT_EQ(end->exit_code, 130) << said();
  EXPECT_EQ(frame(1).state, FrameState::done);
  EXPECT_EQ(frame(2).state, FrameState::todo);
  EXPECT_THAT(said(), HasSubstr("Stopped after 1 frame."));
  EXPECT_EQ(attempts_after_the_next_render(), (std::vector<unsigned>{1, 2, 1, 1}));
}

TEST_F(CtrlC, TwiceLeavesNoRendererBehind) {
  order("2.1 hang\n");
  const auto process = render_to_frame_2();
  ASSERT_NE(process, nullptr);
  const auto workers = core::parse_json(read_file(queue().workers()));
  ASSERT_TRUE(workers);
  const std::string mark = workers->value("mark", "");
  EXPECT_FALSE(core::processes_with_mark(mark).empty());
  process->send_signal(SIGINT);
  ASSERT_TRUE(stopping_is_said(*process)) << said();
  process->send_signal(SIGINT);
  ASSERT_TRUE(process->wait_for(std::chrono::minutes(1)));
  EXPECT_TRUE(core::processes_with_mark(mark).empty());
}

}  // namespace
}  // namespace souschef::test
