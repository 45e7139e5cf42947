// SPDX-License-Identifier: MIT
// The runner against a renderer that crashes, hangs and lies: what becomes of the frames.
#include <algorithm>

#include "core/base/folder_hash.hpp"
#include "core/base/json_text.hpp"
#include "core/base/process.hpp"
#include "core/base/process_identity.hpp"
#include "core/plugin_host/plugin_template.hpp"
#include "core/production/find_programs.hpp"
#include "core/queue/order_trust.hpp"
#include "core/slots/device_lock.hpp"
#include "tests/core/rendering/null_fixture.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/plugin_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

TEST_F(NullRenderer, EveryFrameIsRenderedOnceAndLiesInItsPlace) {
  const Order order = scene("", "1-20");
  const RenderSummary summary = run();
  EXPECT_EQ(summary.orders_done, 1U) << listener_.text();
  EXPECT_EQ(summary.frames_done, 20U);
  EXPECT_EQ(files("render").size(), 20U) << "and nothing of the staging folder is left";
  EXPECT_EQ(listener_.count("frame_started"), 20U);
  EXPECT_EQ(view(order).ledger.state(), OrderState::done);
  EXPECT_TRUE(view(order).ledger.unsettled().empty());
}

// What `plugin new renderer --python` writes renders, as it stands, once its folder is trusted.
TEST_F(NullRenderer, NewRendererInPythonRendersAnOrder) {
  if (!test::have_python()) GTEST_SKIP() << "no python3 here";
  const fs::path folder = root() / ".souschef/plugins/paint";
  ASSERT_TRUE(make_plugin_folder(folder, PluginKind::renderer, "paint", PluginLanguage::python));
  const auto hash = hash_of_folder(folder);
  ASSERT_TRUE(hash && TrustStore::of_user().trust(TrustKind::plugin, *hash, folder.string()));
  const auto python = find_programs({"python3"});
  ASSERT_FALSE(python.empty());
  configure("[[target]]\nname = \"lts\"\npath = \"" + python.front().string() + "\"\nrenderer = \"paint\"\n");
  write("a.paint", "");
  Order order = new_order("a.paint", "1-3");
  order.renderer = "paint";
  submit(order);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(files("render").size(), 3U);
  EXPECT_TRUE(files("render").contains("paint_0002.png"));
  const std::string plugin = text_at(view(order).ledger.opened(), "plugin");
  EXPECT_TRUE(plugin.ends_with(" " + hash->hex())) << "who rendered it is on record: " << plugin;
}

// It lies in the queue of a folder that came from somebody else.
TEST_F(NullRenderer, OrderWithScriptsThatThisUserDidNotPlaceIsRefused) {
  Order order;
  order.settings.autoexec = true;
  order = scene("", "1-2", order);
  EXPECT_EQ(run().orders_failed, 1U);
  EXPECT_EQ(listener_.count("frame_started"), 0U);
  EXPECT_NE(view(order).ledger.why().find("wants scripts in its .blend to run"), std::string::npos)
      << listener_.text();
}

TEST_F(NullRenderer, OrderWithScriptsRendersOnceItIsTrusted) {
  Order order;
  order.settings.autoexec = true;
  order = scene("", "1-2", order);
  ASSERT_TRUE(trust_order(TrustStore::of_user(), order));
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
}

TEST_F(NullRenderer, CrashCostsOneFrameOneTry) {
  const Order order = scene("3.1 crash\n", "1-5");
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_retried"), 1U);
  EXPECT_EQ(frame(order, 3).attempt, 2U);
  EXPECT_EQ(frame(order, 2).attempt, 1U);
  EXPECT_EQ(attempt_of("render/n_0003.bmp"), 2);
  EXPECT_EQ(listener_.count("order_opened"), 2U) << "a new renderer after the crash, and no other";
}

TEST_F(NullRenderer, FrameThatAlwaysCrashesFailsAloneAfterItsAttempts) {
  const Order order = scene("3 crash\n", "1-5");
  const RenderSummary summary = run();
  EXPECT_EQ(summary.orders_failed, 1U);
  EXPECT_EQ(summary.frames_done, 4U) << listener_.text();
  EXPECT_EQ(summary.frames_failed, 1U);
  EXPECT_EQ(frame(order, 3).tries, 3U);
  EXPECT_NE(view(order).ledger.why().find("the first is 3"), std::string::npos) << view(order).ledger.why();
}

TEST_F(NullRenderer, FileThatIsNoWholePictureIsNotTaken) {
  for (const char* misfortune : {"empty", "cut", "wide", "lie"}) {
    const Order order = scene(std::string("2.1 ") + misfortune + "\n", "1-3");
    EXPECT_EQ(run().orders_done, 1U) << misfortune << "\n" << listener_.text();
    EXPECT_EQ(frame(order, 2).attempt, 2U) << misfortune;
    EXPECT_EQ(test::read_file(root() / "render/n_0002.bmp").size(), 78U) << misfortune;
  }
}

TEST_F(NullRenderer, FailureThatTheRendererReportsIsTriedAgainByTheSameProcess) {
  const Order order = scene("2.1 fail no luck\n", "1-3");
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_retried 2: no luck"), 1U) << listener_.text();
  EXPECT_EQ(listener_.count("order_opened"), 1U);
}

TEST_F(NullRenderer, HopelessLineStopsTheOrderAtOnce) {
  const Order order = scene("1 fail this is hopeless\n", "1-50");
  EXPECT_EQ(run().orders_failed, 1U);
  EXPECT_EQ(listener_.count("frame_started"), 1U) << listener_.text();
  EXPECT_NE(view(order).ledger.why().find("the scene is hopeless"), std::string::npos);
}

TEST_F(NullRenderer, WarningInTheLogIsRemarkedOnAGoodFrame) {
  const Order order = scene("2 print this looks odd\n", "1-2");
  EXPECT_EQ(run().orders_done, 1U);
  EXPECT_EQ(frame(order, 2).flags & kWarned, std::uint32_t{kWarned});
  EXPECT_EQ(frame(order, 1).flags & kWarned, 0U);
}

// A whole file, a renderer that says all is well, and a card that has failed in the middle: the picture is
// not whole. From CGRU: frames with black tiles counted as done.
TEST_F(NullRenderer, FrameWithACudaErrorInItsLogIsRenderedAgainByAFreshRenderer) {
  const Order order = scene("2.1 print CUDA error: Illegal address in cuCtxSynchronize()\n", "1-3");
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_retried 2: CUDA failed: CUDA error: Illegal address"), 1U)
      << listener_.text();
  EXPECT_EQ(attempt_of("render/n_0002.bmp"), 2);
  EXPECT_EQ(listener_.count("order_opened"), 2U) << "a lost context stays lost in its process";
}

TEST_F(NullRenderer, OrderWhoseEveryFrameHasACudaErrorIsNotDone) {
  const Order order = scene("* print CUDA error: Illegal address in cuCtxSynchronize()\n", "1-2");
  EXPECT_EQ(run().orders_failed, 1U) << listener_.text();
  EXPECT_TRUE(files("render").empty());
  EXPECT_NE(view(order).ledger.why().find("CUDA failed"), std::string::npos) << view(order).ledger.why();
}

// A control group is a folder here, and the kernel that counts a kill in it the program of the target.
TEST_F(NullRenderer, WorkerThatIsEndedForItsMemoryIsSaidToHaveMetItsCap) {
  write("groups/cgroup.subtree_control", "memory\n");
  write("groups/cgroup.procs", "");
  const fs::path program = write("kill", "#!/bin/sh\nfor g in " + (root() / "groups").string() +
                                             "/souschef-*; do echo 'oom_kill 1' >$g/memory.events; done\n"
                                             "exec /bin/sh \"$@\"\n");
  fs::permissions(program, fs::perms::owner_all);
  ::setenv("SOUSCHEF_CGROUP", (root() / "groups").c_str(), 1);
  configure("[[target]]\nname = \"lts\"\npath = \"" + program.string() +
            "\"\n[[slot]]\nname = \"small\"\nmemory = 1.5\n");
  const Order order = scene("1 crash\n", "1");
  run();
  ::unsetenv("SOUSCHEF_CGROUP");
  EXPECT_EQ(listener_.count("frame_retried 1: out of memory: the cap of 1.5 GiB"), 2U) << listener_.text();
  EXPECT_NE(frame(order, 1).why.find("out of memory: the cap of 1.5 GiB"), std::string::npos);
}

TEST_F(NullRenderer, MemoryThatIsRefusedToACappedRendererIsSaidToBeItsCap) {
  ::setenv("SOUSCHEF_CGROUP", "/nowhere", 1);
  configure_slots("[[slot]]\nname = \"small\"\nmemory = 2\n");
  const Order order = scene("1 fail out of memory\n", "1");
  run();
  ::unsetenv("SOUSCHEF_CGROUP");
  EXPECT_NE(frame(order, 1).why.find("out of memory: the cap of 2 GiB"), std::string::npos)
      << frame(order, 1).why;
}

// A slot on a card that nvidia-smi lists as long as a file is there.
class Card : public NullRenderer {
 protected:
  void SetUp() override {
    NullRenderer::SetUp();
    const fs::path tool = write("bin/nvidia-smi", "#!/bin/sh\n[ -e " + (root() / "plugged").string() +
                                                      " ] && echo 'GPU-1, a card'\n");
    fs::permissions(tool, fs::perms::owner_all);
    const char* path = std::getenv("PATH");
    path_ = path != nullptr ? path : "/usr/bin:/bin";
    ::setenv("PATH", (tool.parent_path().string() + ":" + path_).c_str(), 1);
    write("plugged", "");
    configure_slots("[[slot]]\nname = \"card\"\ndevice = \"GPU-1\"\n");
  }
  void TearDown() override {
    ::setenv("PATH", path_.c_str(), 1);
    NullRenderer::TearDown();
  }
  void unplug() const { fs::remove(root() / "plugged"); }

 private:
  std::string path_;
};

TEST_F(Card, OrderThatIsRefusedItsCardFailsWhileTheCardIsThere) {
  scene("", "1");
  scene("refuse gpu_absent no GPU is offered\n", "1");
  EXPECT_EQ(run().orders_failed, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("slot_lost"), 0U);
}

TEST_F(Card, CardThatIsGoneCostsItsSlotAndNoOrder) {
  scene("", "1");
  const Order order = scene("refuse gpu_absent no GPU is offered\n", "1");
  listener_.on_frame_started = [&](const AttemptNow&) { unplug(); };
  const RenderSummary summary = run();
  EXPECT_EQ(summary.end, RenderEnd::no_slot) << listener_.text();
  EXPECT_EQ(summary.orders_failed, 0U);
  EXPECT_EQ(listener_.count("slot_lost card: its device GPU-1"), 1U) << listener_.text();
  EXPECT_EQ(view(order).ledger.state(), OrderState::queued);
}

TEST_F(Card, CardThatIsGoneAfterManyFailuresIsNotTriedAnyMore) {
  const Order order = scene("2 fail no luck\n3 fail no luck\n4 fail no luck\n5 fail no luck\n", "1-5");
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.frame == 2) unplug();
  };
  EXPECT_EQ(run().end, RenderEnd::no_slot) << listener_.text();
  EXPECT_EQ(listener_.count("slot_lost card"), 1U);
  EXPECT_EQ(view(order).ledger.state(), OrderState::queued);
}

TEST_F(NullRenderer, UnexpectedFileIsTakenAlongAndRemarked) {
  const Order order = scene("1 extra\n", "1");
  EXPECT_EQ(run().orders_done, 1U);
  EXPECT_EQ(frame(order, 1).flags & kExtraFiles, std::uint32_t{kExtraFiles});
  EXPECT_EQ(files("render").size(), 2U);
}

TEST_F(NullRenderer, RefusalIsTheOrdersReason) {
  const Order order = scene("refuse no_scene there is no such scene\n", "1-3");
  EXPECT_EQ(run().orders_failed, 1U);
  EXPECT_NE(view(order).ledger.why().find("there is no such scene"), std::string::npos) << listener_.text();
  EXPECT_EQ(listener_.count("frame_started"), 0U);
}

TEST_F(NullRenderer, RendererThatNeverStartsFailsTheOrderAfterThreeTries) {
  const Order order = scene("start exit 0\n", "1-3");
  EXPECT_EQ(run().orders_failed, 1U);
  EXPECT_EQ(listener_.count("warning the renderer did not start"), 2U) << listener_.text();
  EXPECT_NE(view(order).ledger.why().find("exit code 0"), std::string::npos);
}

TEST_F(NullRenderer, HangIsEndedAfterTheStallTime) {
  configure_slots("[render]\nstall = 0.01\n");
  const Order order = scene("2.1 hang\n", "1-3");
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_retried 2: the renderer gave no sign of life"), 1U) << listener_.text();
}

TEST_F(NullRenderer, FrameBeyondItsLongestTimeIsGivenUp) {
  configure_slots("[render]\nlongest_frame = 0.01\n");
  scene("2.1 spin\n", "1-3");
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_retried 2: the frame took longer"), 1U) << listener_.text();
}

TEST_F(NullRenderer, ExitCodeOfARendererWhoseFramesAreGoodDoesNotMatter) {
  const Order order = scene("end exit 1\n", "1-3");
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(view(order).ledger.counts().done, 3U);
}

TEST_F(NullRenderer, RendererThatDoesNotEndAfterItsLastFrameIsEnded) {
  configure_slots("[render]\nexit_grace = 0.3\n");
  scene("end hang\n", "1-3");
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_TRUE(processes_with_mark(process_mark()).empty());
}

TEST_F(NullRenderer, FilesOfTheArtistBesideTheFramesStay) {
  write("render/notes.txt", "mine");
  write("render/.souschef-staging/mine.txt", "mine too");
  write("render/older/kept.bmp", "an older one");
  const Order order = scene("", "1-3");
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  ask(RequestKind::remove, order);
  run();
  const auto left = files("render");
  EXPECT_EQ(left.at("notes.txt"), "mine");
  EXPECT_EQ(left.at(".souschef-staging/mine.txt"), "mine too");
  EXPECT_EQ(left.at("older/kept.bmp"), "an older one");
  EXPECT_EQ(left.size(), 6U) << "the frames stay as well";
}

TEST_F(NullRenderer, ConfigThatIsEditedMeanwhileCountsFromTheNextRunOn) {
  scene("", "1-5");
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.frame == 2) write(".souschef/config.toml", "[[target]]\nname = \"lts\"\npa");
  };
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_FALSE(Production::open(root())) << "half a file is refused, with its line";
}

TEST_F(NullRenderer, OlderRenderIsMovedAside) {
  write("render/n_0001.bmp", "an older picture");
  const Order order = scene("", "1");
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(test::read_file(root() / "render/older" / order.name / "n_0001.bmp"), "an older picture");
}

TEST_F(NullRenderer, FramesThatExistAreKeptWhereTheOrderDoesNotOverwrite) {
  write("render/n_0002.bmp", "keep me");
  Order wish;
  wish.settings.overwrite = false;
  scene("", "1-3", wish);
  const RenderSummary summary = run();
  EXPECT_EQ(summary.frames_skipped, 1U);
  EXPECT_EQ(summary.orders_done, 1U) << listener_.text();
  EXPECT_EQ(test::read_file(root() / "render/n_0002.bmp"), "keep me");
}

TEST_F(NullRenderer, StopAfterFramesGoesOnLater) {
  scene("", "1-30");
  RenderOptions options;
  options.stop = [&] { return listener_.count("frame_done") >= 3 ? StopWish::after_frames : StopWish::none; };
  const RenderSummary first = run(options);
  EXPECT_EQ(first.end, RenderEnd::stopped);
  EXPECT_EQ(first.orders_left, 1U);
  EXPECT_LT(first.frames_done, 30U);
  const RenderSummary second = run();
  EXPECT_EQ(second.orders_done, 1U) << listener_.text();
  EXPECT_EQ(first.frames_done + second.frames_done, 30U) << "no frame twice";
}

TEST_F(NullRenderer, StopNowGivesTheFrameBackWithoutCost) {
  const Order order = scene("2.1 hang\n", "1-3");
  RenderOptions options;
  options.stop = [&] { return listener_.count("frame_started 2") > 0 ? StopWish::now : StopWish::none; };
  EXPECT_EQ(run(options).end, RenderEnd::stopped);
  EXPECT_EQ(frame(order, 2).tries, 0U);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
}

TEST_F(NullRenderer, OrderThatComesAfterAnotherWaitsForIt) {
  const Order first = new_order("late.null", "1");
  Order wish;
  wish.after = {first.id};
  wish.priority = 90;
  scene("", "1", wish);
  write("late.null", "");
  Order late = first;
  late.renderer = "null";
  submit(late);
  EXPECT_EQ(run().orders_done, 2U) << listener_.text();
  EXPECT_EQ(view(late).ledger.started_ms() <= view(late).ledger.changed_ms(), true);
  EXPECT_EQ(listener_.lines.front(), "order_started");
}

TEST_F(NullRenderer, ProofFramesComeFirstAndWaitForApproval) {
  Order wish;
  wish.proof = 3;
  const Order order = scene("", "1-9", wish);
  EXPECT_EQ(run().frames_done, 3U) << listener_.text();
  EXPECT_EQ(view(order).ledger.state(), OrderState::proof);
  EXPECT_EQ(run().frames_done, 0U) << "nobody has approved";
  ask(RequestKind::approve, order);
  EXPECT_EQ(run().frames_done, 6U);
  EXPECT_EQ(view(order).ledger.state(), OrderState::done);
}

TEST_F(NullRenderer, ProofIsPassedWhenNobodyObjectsForItsHours) {
  test::FakeClock clock;
  RenderOptions options;
  options.clock = &clock;
  options.lease_expiry = std::chrono::hours(1000);
  Order wish;
  wish.proof = 2;
  wish.proof_hours = 3;
  const Order order = scene("", "1-9", wish);
  EXPECT_EQ(run(options).frames_done, 2U) << listener_.text();
  clock.advance(std::chrono::hours(2));
  EXPECT_EQ(run(options).frames_done, 0U) << "not yet";
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(run(options).frames_done, 7U) << listener_.text();
  EXPECT_EQ(view(order).ledger.state(), OrderState::done);
}

TEST_F(NullRenderer, WatchingRunnerGoesOnByItselfAfterTheProofsHours) {
  test::FakeClock clock;
  Order wish;
  wish.proof = 1;
  wish.proof_hours = 3;
  scene("", "1-4", wish);
  RenderOptions options;
  options.clock = &clock;
  options.lease_expiry = std::chrono::hours(1000);
  options.watch = true;
  options.stop = [&, moved = false]() mutable {
    if (!moved && listener_.count("order_ended proof") > 0) {
      moved = true;
      clock.advance(std::chrono::hours(4));
    }
    return listener_.count("order_ended done") > 0 ? StopWish::after_frames : StopWish::none;
  };
  EXPECT_EQ(run(options).frames_done, 4U) << listener_.text();
}

TEST_F(NullRenderer, SimulationIsPlayedInOrderAlsoAfterAFrameFailed) {
  configure_slots(
      "[[slot]]\nname = \"a\"\ndevice = \"fake-1\"\n[[slot]]\nname = \"b\"\ndevice = \"fake-2\"\n");
  Order wish;
  wish.unbaked = Unbaked{1};
  wish.frame_order = FrameOrder::reverse;
  scene("3.1 fail out of memory\n4.1 cut\n", "1-6", wish);
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  std::int32_t before = 0;
  for (const std::string& line : listener_.lines) {
    if (line.starts_with("order_opened")) before = 0;  // another worker plays from the beginning
    if (!line.starts_with("frame_started ")) continue;
    const std::int32_t number = std::stoi(line.substr(14));
    EXPECT_GT(number, before) << listener_.text();
    before = number;
  }
  EXPECT_GT(listener_.count("order_opened"), 1U);
}

TEST_F(NullRenderer, SlotThatIsDisabledFinishesItsFrameAndTakesNoOther) {
  configure_slots("[[slot]]\nname = \"a\"\ndevice = \"cpu-1\"\n[[slot]]\nname = \"b\"\ndevice = \"cpu-2\"\n");
  scene("20 " + after_gate(), "1-20");
  std::size_t on_a = 0, later_on_a = 0;
  bool disabled = false;
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.slot != "a") return;
    if (disabled) ++later_on_a;
    if (++on_a > 1) return;
    EXPECT_TRUE(
        drop_request(queue(), make_request(RequestKind::slot, {}, {{"slot", "a"}, {"enabled", false}})));
  };
  listener_.on_request_applied = [&](const Request& request) {
    if (request.kind != RequestKind::slot) return;
    disabled = true;
    open_gate();
  };
  EXPECT_EQ(run().frames_done, 20U) << listener_.text();
  EXPECT_TRUE(disabled);
  EXPECT_EQ(later_on_a, 0U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_retried"), 0U);
}

TEST_F(NullRenderer, SlotThatIsEnabledAgainJoins) {
  configure_slots("[[slot]]\nname = \"a\"\ndevice = \"cpu-1\"\n[[slot]]\nname = \"b\"\ndevice = \"cpu-2\"\n");
  scene("30 " + after_gate(), "1-40");
  const auto ask_slot = [&](bool enabled) {
    EXPECT_TRUE(
        drop_request(queue(), make_request(RequestKind::slot, {}, {{"slot", "a"}, {"enabled", enabled}})));
  };
  std::size_t late_on_a = 0;
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.frame == 15) ask_slot(true);
    if (now.slot != "a") return;
    ++late_on_a;
    EXPECT_GT(now.frame, 15) << "it was not enabled yet";
    open_gate();
  };
  ask_slot(false);
  EXPECT_EQ(run().frames_done, 40U);
  EXPECT_GT(late_on_a, 0U) << listener_.text();
}

TEST_F(NullRenderer, SeveralSharesOfTheCpuAreSeveralSlots) {
  configure_slots("[[slot]]\nname = \"a\"\ndevice = \"cpu-1\"\n[[slot]]\nname = \"b\"\ndevice = \"cpu-2\"\n");
  scene("1 " + after_gate(), "1-10");
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.frame == 2) open_gate();  // by the other one: the first still has frame 1
  };
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("order_opened"), 2U);
}

TEST_F(NullRenderer, RedoneFrameMovesTheOldOneAside) {
  const Order order = scene("", "1-3");
  EXPECT_EQ(run().orders_done, 1U);
  ask(RequestKind::redo, order, {{"frames", "2"}});
  const RenderSummary again = run();
  EXPECT_EQ(again.frames_done, 1U) << listener_.text();
  EXPECT_EQ(attempt_of("render/n_0002.bmp"), 2);
  EXPECT_TRUE(fs::exists(root() / "render/older" / order.name / "n_0002.bmp"));
}

TEST_F(NullRenderer, CancelWhileAFrameHangsEndsItAtOnce) {
  const Order order = scene("2 hang\n", "1-3");
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.frame == 2) ask(RequestKind::cancel, order);
  };
  run();
  EXPECT_EQ(view(order).ledger.state(), OrderState::cancelled) << listener_.text();
  EXPECT_EQ(frame(order, 2).state, FrameState::todo);
}

TEST_F(NullRenderer, StopAfterFramesWaitsUntilTheyAreInTheirPlaces) {
  const Order order = scene("1 slow 1\n", "1-3");
  RenderOptions options;
  options.stop = [&] {
    return listener_.count("frame_started") > 0 ? StopWish::after_frames : StopWish::none;
  };
  const RenderSummary summary = run(options);
  EXPECT_EQ(summary.end, RenderEnd::stopped);
  EXPECT_EQ(summary.frames_done, 1U) << listener_.text();
  EXPECT_EQ(view(order).ledger.counts().done, 1U);
}

TEST_F(NullRenderer, PauseFinishesTheFrameAndResumeGoesOn) {
  const Order order = scene("2 " + after_gate(), "1-4");
  listener_.on_request_applied = [&](const Request& request) {
    if (request.kind == RequestKind::pause) open_gate();
  };
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.frame == 2 && now.attempt == 1) ask(RequestKind::pause, order);
  };
  const RenderSummary first = run();
  EXPECT_EQ(view(order).ledger.state(), OrderState::paused) << listener_.text();
  EXPECT_EQ(frame(order, 2).state, FrameState::done);
  ask(RequestKind::resume, order);
  EXPECT_EQ(run().frames_done, 4 - first.frames_done);
}

TEST_F(NullRenderer, DeletedWhileRenderingIsGone) {
  const Order order = scene("2 hang\n", "1-3");
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.frame == 2) ask(RequestKind::remove, order);
  };
  run();
  EXPECT_FALSE(fs::exists(queue().order_folder(order.id))) << listener_.text();
}

TEST_F(NullRenderer, SeveralSlotsShareOneOrderAndNoFrameIsRenderedTwice) {
  configure_slots(
      "[[slot]]\nname = \"a\"\ndevice = \"fake-1\"\n[[slot]]\nname = \"b\"\ndevice = \"fake-2\"\n"
      "[[slot]]\nname = \"c\"\ndevice = \"fake-3\"\n");
  scene("1 " + after_gate() + "2 " + after_gate(), "1-30");
  listener_.on_frame_started = [&](const AttemptNow& now) {
    if (now.frame == 3) open_gate();  // by the third one
  };
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_started"), 30U);
  EXPECT_EQ(listener_.count("order_opened"), 3U);
}

TEST_F(NullRenderer, FullDiskKeepsFramesFromBeginning) {
  configure_slots("[render]\nkeep_free = 1000000000\n");
  scene("", "1-3");
  RenderOptions options;
  options.stop = [&] {
    const bool told = listener_.text().find(" waits for space") != std::string::npos;
    return told ? StopWish::after_frames : StopWish::none;
  };
  EXPECT_EQ(run(options).orders_left, 1U) << listener_.text();
  EXPECT_EQ(listener_.count("frame_started"), 0U);
  configure_slots("");
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
}

TEST_F(NullRenderer, DeviceOfAnotherRunnerIsWaitedFor) {
  scene("", "1-3");
  auto other = std::make_optional(DeviceLock::take("cpu"));
  ASSERT_TRUE(other->has_value());
  RenderOptions options;
  options.stop = [&] {
    if (listener_.count("warning the slot cpu waits") > 0) other.reset();
    return StopWish::none;
  };
  EXPECT_EQ(run(options).orders_done, 1U) << listener_.text();
  EXPECT_NE(listener_.text().find("another runner on this machine uses the device cpu"), std::string::npos);
}

// ----------------------------------------------------------------------------------------- kill -9

// Runs the runner in a process of its own, which is killed as soon as `until` holds.
class KilledRunner : public NullRenderer {
 protected:
  template <class Condition>
  void run_and_kill(Condition until) {
    production_.reset();
    RunnerProcess runner(root());
    EXPECT_TRUE(runner.wait_until(until));
    EXPECT_TRUE(runner.kill()) << "it was over before it could be killed";
    reopen();
  }

  // Those in their places; attempts write elsewhere.
  std::size_t pictures() const {
    std::error_code none;
    const fs::directory_iterator list(root() / "render", none);
    return static_cast<std::size_t>(
        std::count_if(begin(list), end(list),
                      [](const fs::directory_entry& entry) { return entry.path().extension() == ".bmp"; }));
  }
};

TEST_F(KilledRunner, FinishedFramesAreNotRenderedAgain) {
  const Order order = scene("30 " + after_gate() + "* slow 0.05\n", "1-30");
  run_and_kill([&] { return fs::exists(root() / "render/n_0010.bmp"); });
  open_gate();
  const std::size_t before = pictures();
  const RenderSummary rest = run();
  EXPECT_EQ(rest.orders_done, 1U) << listener_.text();
  EXPECT_LE(rest.frames_done, 30 - 10 + 1U);
  EXPECT_GE(before, 10U);
  for (int number = 1; number <= 9; ++number) EXPECT_EQ(frame(order, number).attempt, 1U) << number;
  EXPECT_EQ(files("render").size(), 30U);
}

TEST_F(KilledRunner, WhatItHadStartedIsGoneToo) {
  scene("1 hang\n", "1");
  const fs::path note = queue().workers();
  std::string mark;
  run_and_kill([&] {
    if (!fs::exists(note)) return false;
    const Json json = Json::parse(test::read_file(note), nullptr, false);
    mark = json.is_object() ? json.value("mark", "") : "";
    return !mark.empty() && processes_with_mark(mark).size() >= 2;  // the shell and its sleep
  });
  RenderOptions stop;
  stop.stop = [] { return StopWish::now; };
  run(stop);
  EXPECT_TRUE(processes_with_mark(mark).empty());
}

TEST_F(KilledRunner, EveryFrameIsDoneOnceHoweverOftenItIsKilled) {
  const Order order = scene("3.1 crash\n5.1 cut\n7.1 lie\n35 " + after_gate() + "* slow 0.02\n", "1-40");
  for (const std::size_t frames : {3U, 9U, 17U, 28U}) run_and_kill([&] { return pictures() >= frames; });
  open_gate();
  EXPECT_EQ(run().orders_done, 1U) << listener_.text();
  const OrderView seen = view(order);
  EXPECT_EQ(seen.ledger.counts().done, 40U);
  EXPECT_EQ(files("render").size(), 40U);
  for (const FrameRecord& each : seen.ledger.frames()) {
    ASSERT_EQ(each.files.size(), 1U);
    const std::string picture = test::read_file(root() / "render" / each.files[0].path);
    EXPECT_EQ(picture.at(54), each.frame) << "the journal and the files agree";
    EXPECT_EQ(static_cast<unsigned>(picture.at(56)), each.attempt);
  }
}

}  // namespace
}  // namespace souschef::core
