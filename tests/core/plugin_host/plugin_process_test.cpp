// SPDX-License-Identifier: MIT
// Plugins that break every rule: what each call says, and that nothing of them is left.
#include "core/plugin_host/plugin_process.hpp"

#include <atomic>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "core/base/json_text.hpp"
#include "tests/support/plugin_folder.hpp"

namespace souschef::core {
namespace {

using std::chrono::milliseconds;

class Watched final : public CallContext {
 public:
  [[nodiscard]] bool cancelled() const override {
    return cancel_at_once || (cancel_on_progress && progressed);
  }
  void progress(double fraction, std::string_view message) override {
    progressed = true;
    said += std::to_string(static_cast<int>(fraction * 100)) + "% " + std::string(message) + "\n";
  }
  void log(LogLevel level, std::string_view message) override {
    said += std::to_string(static_cast<int>(level)) + " " + std::string(message) + "\n";
  }
  bool cancel_at_once = false, cancel_on_progress = false;
  std::atomic<bool> progressed = false;
  std::string said;
};

// A dead process that nobody has waited for yet is dead.
bool is_alive(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  return std::getline(in, line) && line.substr(line.rfind(')') + 2, 1) != "Z";
}

class PluginProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::have_python()) GTEST_SKIP() << "no python3 here";
  }
  // Long enough for a slow machine, short where the test waits for it.
  static PluginProcessLimits limits() {
    PluginProcessLimits limits;
    limits.hello = std::chrono::seconds(60);
    limits.quick = limits.call = limits.silence = limits.cancel = std::chrono::seconds(60);
    return limits;
  }
  Result<std::unique_ptr<PluginProcess>> start(test::PluginFolder plugin, PluginProcessLimits limits) {
    const auto folder = test::make_plugin(folder_, plugin);
    return PluginProcess::start(
        starter_, {plugin.id, "1.0.0", {"python3", "plugin.py"}, folder, {{"a", 1}}, limits}, {});
  }
  // What a call to a plugin that does `on_request` comes back with.
  Result<Json> call(const std::string& on_request, PluginProcessLimits limits,
                    std::string_view params = "{}") {
    auto process = start({.on_request = on_request}, limits);
    EXPECT_TRUE(process.has_value()) << process.error().line();
    if (!process) return process.error();
    pid_ = (*process)->process().pid();
    auto answer = (*process)->call(context_, "stage.run", params);
    usable_ = (*process)->usable();
    return answer;
  }
  // The words of an error that is expected.
  std::string refusal(const std::string& on_request, PluginProcessLimits limits) {
    const auto answer = call(on_request, limits);
    EXPECT_FALSE(answer.has_value());
    if (answer) return "";
    EXPECT_EQ(answer.error().what, "the plugin \"slate\" failed");
    EXPECT_FALSE(usable_);
    EXPECT_FALSE(is_alive(pid_));
    return answer.error().why.at(0);
  }

  test::TempFolder folder_;
  ProcessStarter starter_;
  Watched context_;
  pid_t pid_ = 0;
  bool usable_ = true;
};

TEST_F(PluginProcessTest, AnswersComeBack) {
  auto process = start({}, limits());
  ASSERT_TRUE(process.has_value()) << process.error().line();
  for (int round = 0; round < 3; ++round) {
    const auto answer = (*process)->call(context_, "stage.run", R"({"x": "ä"})");
    ASSERT_TRUE(answer.has_value()) << answer.error().line();
    EXPECT_EQ(*answer, Json({{"x", "ä"}}));
  }
  EXPECT_TRUE((*process)->usable());
}

TEST_F(PluginProcessTest, HelloSaysWhoAndWhere) {
  const auto answer = call("answer(hello['params'])", limits());
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->at("id"), "slate");
  EXPECT_EQ(answer->at("settings"), Json({{"a", 1}}));
  EXPECT_EQ(answer->at("folder"), (folder_ / "slate").string());
}

TEST_F(PluginProcessTest, LargeRequestAndAnswerPassThroughSmallPipes) {
  const std::string text(3'000'000, 'x');
  const auto answer = call("answer(request['params'])", limits(), json_text({{"text", text}}));
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_EQ(answer->at("text"), text);
}

TEST_F(PluginProcessTest, ProgressAndLogReachTheCaller) {
  const auto answer = call(
      "say({'method': 'progress', 'params': {'fraction': 0.5, 'message': 'half'}})\n"
      "say({'method': 'log', 'params': {'level': 'warning', 'message': 'careful'}})\n"
      "answer({})",
      limits());
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_EQ(context_.said, "50% half\n2 careful\n");
}

TEST_F(PluginProcessTest, ItsOwnErrorIsPassedOnAndItLives) {
  const auto answer = call("fail('no_space', 'the disk is full', why=['a', 'b'], next='tidy up')", limits());
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::no_space);
  EXPECT_EQ(answer.error().line(), "the disk is full: a: b");
  EXPECT_EQ(answer.error().next, "tidy up");
  EXPECT_TRUE(usable_);
}

TEST_F(PluginProcessTest, CrashIsNamedWithLastWords) {
  const auto answer = call(
      "sys.stderr.write('line one\\nout of luck\\n'); sys.stderr.flush()\n"
      "os.kill(os.getpid(), signal.SIGSEGV)",
      limits());
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::plugin);
  EXPECT_EQ(
      answer.error().line(),
      "the plugin \"slate\" failed: it ended before it answered: killed by signal 11 (Segmentation fault): "
      "its last words: line one\nout of luck");
}

TEST_F(PluginProcessTest, PythonErrorShowsItsTrace) {
  const auto answer = call("raise ValueError('no such codec')", limits());
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().line().find("ValueError: no such codec"), std::string::npos)
      << answer.error().line();
}

TEST_F(PluginProcessTest, EarlyExitIsNamed) {
  EXPECT_EQ(refusal("sys.exit(0)", limits()), "it ended before it answered: exit code 0");
}

TEST_F(PluginProcessTest, AnswerRightBeforeItsEndCounts) {
  const auto answer = call("answer({'ok': True}); sys.exit(3)", limits());
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_EQ(answer->at("ok"), true);
}

TEST_F(PluginProcessTest, ClosedOutputIsNamed) {
  PluginProcessLimits short_limits = limits();
  EXPECT_EQ(refusal("os.close(1); time.sleep(600)", short_limits), "it closed its output before it answered");
}

TEST_F(PluginProcessTest, HangIsEndedAfterItsTime) {
  PluginProcessLimits short_limits = limits();
  short_limits.call = milliseconds(100);
  EXPECT_EQ(refusal("time.sleep(600)", short_limits), "it did not answer within 100 ms");
}

TEST_F(PluginProcessTest, SilenceIsEnded) {
  PluginProcessLimits short_limits = limits();
  short_limits.silence = milliseconds(200);
  EXPECT_EQ(refusal("say({'method': 'progress', 'params': {}}); time.sleep(600)", short_limits),
            "there was no sign of life for 200 ms");
}

TEST_F(PluginProcessTest, WhatItStartedEndsWithIt) {
  PluginProcessLimits short_limits = limits();
  short_limits.call = milliseconds(300);
  EXPECT_EQ(refusal("import subprocess\n"
                    "child = subprocess.Popen(['sleep', '600'])\n"
                    "open('child', 'w').write(str(child.pid))\n"
                    "time.sleep(600)",
                    short_limits),
            "it did not answer within 300 ms");
  EXPECT_FALSE(is_alive(static_cast<pid_t>(std::stoi(test::read_file(folder_ / "slate/child")))));
}

TEST_F(PluginProcessTest, GarbageIsShown) {
  EXPECT_EQ(refusal("raw('Traceback? No, just printing.\\n')", limits()),
            "it wrote what is not a message: \"Traceback? No, just printing.\"");
  EXPECT_EQ(refusal("sys.stdout.buffer.write(bytes(range(256)) + b'\\n'); sys.stdout.flush()", limits())
                .rfind("it wrote what is not a message", 0),
            0U);
}

TEST_F(PluginProcessTest, AnswerToAnotherRequestIsRefused) {
  EXPECT_EQ(refusal("say({'id': 99, 'result': {}})", limits()),
            "it answered request 99, which was not asked");
}

TEST_F(PluginProcessTest, FloodOfNotesIsEnded) {
  PluginProcessLimits small = limits();
  small.output = 1U << 20;
  EXPECT_EQ(refusal("while True: say({'method': 'log', 'params': {'level': 'info', 'message': 'x' * 1000}})",
                    small),
            "it wrote more than 1 MiB of progress, log lines and errors in one call");
}

TEST_F(PluginProcessTest, FloodOfErrorsIsEnded) {
  PluginProcessLimits small = limits();
  small.output = 1U << 20;
  EXPECT_EQ(refusal("while True: sys.stderr.write('x' * 1000)", small),
            "it wrote more than 1 MiB of progress, log lines and errors in one call");
}

TEST_F(PluginProcessTest, LineWithoutEndIsEnded) {
  EXPECT_EQ(refusal("while True: raw('x' * 1000000)", limits()), "it wrote a line of more than 64 MiB");
}

TEST_F(PluginProcessTest, TooMuchMemoryIsEnded) {
  PluginProcessLimits small = limits();
  small.memory = std::uint64_t{200} << 20;
  const std::string said = refusal("hog = bytearray(300 << 20)\ntime.sleep(600)", small);
  EXPECT_EQ(said.rfind("it used ", 0), 0U) << said;
  EXPECT_NE(said.find("its limit is 200 MiB"), std::string::npos) << said;
}

TEST_F(PluginProcessTest, BurstOfMemoryMeetsAWall) {
  PluginProcessLimits small = limits();
  small.memory = std::uint64_t{200} << 20;
  const auto answer = call("hog = bytearray(2000 << 20); answer({})", small);
  ASSERT_FALSE(answer.has_value());
  EXPECT_NE(answer.error().line().find("MemoryError"), std::string::npos) << answer.error().line();
}

TEST_F(PluginProcessTest, CancelIsHeard) {
  context_.cancel_on_progress = true;
  const auto answer = call(
      "say({'method': 'progress', 'params': {'fraction': 0.1}})\n"
      "stop = read()\n"
      "assert stop == {'method': 'cancel', 'params': {'id': request['id']}}, stop\n"
      "fail('cancelled', 'stopped as asked')",
      limits());
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::cancelled);
  EXPECT_EQ(answer.error().what, "stopped as asked");
  EXPECT_TRUE(usable_);
}

TEST_F(PluginProcessTest, CancelThatIsNotHeardEndsIt) {
  PluginProcessLimits short_limits = limits();
  short_limits.cancel = milliseconds(100);
  context_.cancel_at_once = true;
  const auto answer = call("time.sleep(600)", short_limits);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::cancelled);
  EXPECT_EQ(answer.error().why.at(0), "it did not stop when asked and was ended after 100 ms");
}

TEST_F(PluginProcessTest, NothingCanBeAskedOfAFailedProcess) {
  auto process = start({.on_request = "sys.exit(1)"}, limits());
  ASSERT_TRUE(process.has_value());
  EXPECT_FALSE((*process)->call(context_, "stage.run", "{}").has_value());
  const auto again = (*process)->call(context_, "stage.run", "{}");
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().what, "the process of the plugin \"slate\" is gone");
}

TEST_F(PluginProcessTest, MissingProgramIsNamed) {
  const auto process = PluginProcess::start(
      starter_, {"slate", "1.0.0", {"no-such-program-here"}, folder_.path(), {}, limits()}, {});
  ASSERT_FALSE(process.has_value());
  EXPECT_EQ(process.error().what, "the plugin \"slate\" cannot be started");
  EXPECT_EQ(process.error().code, ErrorCode::not_found);
}

TEST_F(PluginProcessTest, CrashBeforeHelloIsNamed) {
  const auto process = start({.at_start = "raise ImportError('numpy')"}, limits());
  ASSERT_FALSE(process.has_value());
  EXPECT_EQ(process.error().what, "the plugin \"slate\" did not start");
  EXPECT_NE(process.error().line().find("ImportError: numpy"), std::string::npos) << process.error().line();
}

TEST_F(PluginProcessTest, HangBeforeHelloIsEnded) {
  PluginProcessLimits short_limits = limits();
  short_limits.hello = milliseconds(200);
  const auto process = start({.at_start = "time.sleep(600)"}, short_limits);
  ASSERT_FALSE(process.has_value());
  EXPECT_EQ(process.error().code, ErrorCode::timed_out);
}

TEST_F(PluginProcessTest, AnotherVersionThanItsManifestIsRefused) {
  const auto process = start({.at_start = "VERSION = '2.0'"}, limits());
  ASSERT_FALSE(process.has_value());
  EXPECT_EQ(process.error().line(),
            "the plugin \"slate\" failed: it says that its version is \"2.0\", plugin.json says \"1.0.0\"");
}

TEST_F(PluginProcessTest, PythonLeavesNoCacheInTheFolder) {
  folder_.write("slate/helper.py", "");
  ASSERT_TRUE(call("import helper\nanswer({})", limits()).has_value());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "slate/__pycache__"));
}

}  // namespace
}  // namespace souschef::core
