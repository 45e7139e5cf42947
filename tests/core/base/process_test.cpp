// SPDX-License-Identifier: MIT
#include "core/base/process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "core/base/run_program.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

using namespace std::chrono_literals;

std::string printed_by(ProcessOptions options) {
  auto result = run_program(std::move(options));
  return result ? result->output : "error: " + result.error().line();
}

// Blocks until the other side has closed; what came before that.
std::string read_to_end(const FileDescriptor& fd) {
  std::string text;
  std::array<char, 256> buffer{};
  for (;;) {
    pollfd wait = {fd.get(), POLLIN, 0};
    ::poll(&wait, 1, -1);
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

TEST(Process, MissingProgramIsNotFound) {
  const auto child = Process::start({.command = {"no-such-program-here"}});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, ErrorCode::not_found);
}

TEST(Process, FileThatIsNoProgramIsDenied) {
  const test::TempFolder folder;
  const auto child = Process::start({.command = {folder.write("data.txt", "hello").string()}});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, ErrorCode::denied);
}

TEST(Process, MissingFolderIsNotFound) {
  const auto child = Process::start({.command = {"true"}, .folder = "/no/such/folder"});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, ErrorCode::not_found);
}

TEST(Process, ExitCodeIsKept) {
  const auto child = Process::start({.command = {"sh", "-c", "exit 7"}});
  ASSERT_TRUE(child);
  const auto& end = (*child)->wait_for(20s);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 7);
  EXPECT_EQ(end->text(), "exit code 7");
}

TEST(Process, SignalIsKept) {
  const auto child = Process::start({.command = {"sh", "-c", "kill -11 $$"}});
  ASSERT_TRUE(child);
  const auto& end = (*child)->wait_for(20s);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->signal, SIGSEGV);
  EXPECT_FALSE(end->success());
}

TEST(Process, EnvironmentIsLaidOverOurs) {
  ::setenv("SOUSCHEF_TEST_KEPT", "kept", 1);
  ::setenv("SOUSCHEF_TEST_GONE", "gone", 1);
  EXPECT_EQ(
      printed_by({.command = {"sh", "-c", "echo $SOUSCHEF_TEST_KEPT,$SOUSCHEF_TEST_GONE,$SOUSCHEF_TEST_NEW"},
                  .environment = {{"SOUSCHEF_TEST_NEW", "a b"}},
                  .unset = {"SOUSCHEF_TEST_GONE"}}),
      "kept,,a b\n");
}

TEST(Process, WorkingFolderIsTheOneAskedFor) {
  const test::TempFolder folder;
  EXPECT_EQ(printed_by({.command = {"pwd"}, .folder = folder.path()}), folder.path().string() + "\n");
}

TEST(Process, ErrorsGoWithTheOutputInOneOrder) {
  EXPECT_EQ(printed_by({.command = {"sh", "-c", "echo a; echo b >&2; echo c"}, .errors = Stream::output}),
            "a\nb\nc\n");
}

TEST(Process, ExtraPipesCarryTalkBothWays) {
  const auto child = Process::start({.command = {"sh", "-c", "read line <&3; echo \"got $line\" >&4"},
                                     .pipes = {{3, Channel::to_child}, {4, Channel::from_child}}});
  ASSERT_TRUE(child);
  ASSERT_EQ(::write((*child)->pipes[0].get(), "hello\n", 6), 6);
  EXPECT_EQ(read_to_end((*child)->pipes[1]), "got hello\n");
}

TEST(Process, InheritsNoDescriptorThatWasNotNamed) {
  const FileDescriptor leak(
      ::dup(STDERR_FILENO));  // without close-on-exec, as a careless library opens files
  const std::string script =
      "import os\n"
      "def is_open(fd):\n"
      "  try: os.fstat(fd)\n"
      "  except OSError: return False\n"
      "  return True\n"
      "print([fd for fd in range(256) if is_open(fd)])";
  EXPECT_EQ(printed_by({.command = {"python3", "-c", script}}), "[0, 1, 2]\n");
}

TEST(Process, SignalsAreAtTheirDefaults) {
  ::signal(SIGUSR1, SIG_IGN);
  const auto child = Process::start({.command = {"sh", "-c", "kill -USR1 $$; exit 0"}});
  ::signal(SIGUSR1, SIG_DFL);
  ASSERT_TRUE(child);
  EXPECT_EQ((*child)->wait_for(20s)->signal, SIGUSR1);
}

TEST(Process, LeadsASessionOfItsOwn) {
  const auto child = Process::start({.command = {"sleep", "1000"}});
  ASSERT_TRUE(child);
  EXPECT_EQ(::getsid((*child)->pid()), (*child)->pid());
}

TEST(Process, KillEndsGrandchildrenToo) {
  for (int i = 0; i < 20; ++i) {  // whatever they are just doing
    const auto child = Process::start(
        {.command = {"sh", "-c", "sleep 1000 & setsid sleep 1000 & wait"}, .output = Stream::pipe});
    ASSERT_TRUE(child);
    (*child)->kill();
    EXPECT_EQ(read_to_end((*child)->output), "");  // nobody holds the pipe any more
  }
}

TEST(Process, WhatTheChildLeavesBehindEndsWithIt) {
  const auto child = Process::start({.command = {"sh", "-c", "sleep 1000 & exit 0"}, .output = Stream::pipe});
  ASSERT_TRUE(child);
  EXPECT_TRUE((*child)->wait_for(20s)->success());
  EXPECT_EQ(read_to_end((*child)->output), "");
}

TEST(Process, DestructionEndsTheChild) {
  ProcessIdentity identity;
  {
    const auto child = Process::start({.command = {"sleep", "1000"}});
    ASSERT_TRUE(child);
    identity = (*child)->identity();
  }
  EXPECT_EQ(state_of(identity), ProcessState::gone);
}

TEST(Process, SuspendStopsAndResumeContinues) {
  const auto child = Process::start(
      {.command = {"sh", "-c", "read line; echo $line"}, .input = Stream::pipe, .output = Stream::pipe});
  ASSERT_TRUE(child);
  (*child)->suspend();
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>((*child)->pid()), &info, WSTOPPED | WNOWAIT), 0);
  EXPECT_EQ(info.si_code, CLD_STOPPED);
  (*child)->resume();
  ASSERT_EQ(::write((*child)->input.get(), "on\n", 3), 3);
  EXPECT_EQ(read_to_end((*child)->output), "on\n");
}

TEST(Process, SuspendedChildCanBeKilled) {
  const auto child = Process::start({.command = {"sleep", "1000"}});
  ASSERT_TRUE(child);
  (*child)->suspend();
  ASSERT_TRUE((*child)->kill());
  EXPECT_EQ((*child)->poll()->signal, SIGKILL);
}

// A runner that is killed with -9 leaves no child: the grandchild here must end when its parent is killed.
TEST(Process, ChildDiesWithItsParent) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const auto child = Process::start({.command = {"sleep", "1000"}});
    const pid_t pid = child ? (*child)->pid() : -1;
    if (::write(ends[1], &pid, sizeof pid) < 0) ::_exit(1);
    ::pause();
  }
  pid_t grandchild = 0;
  ASSERT_EQ(::read(ends[0], &grandchild, sizeof grandchild), static_cast<ssize_t>(sizeof grandchild));
  ASSERT_GT(grandchild, 0);
  const FileDescriptor watch(static_cast<int>(::syscall(SYS_pidfd_open, grandchild, 0)));
  ASSERT_TRUE(watch);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  pollfd wait = {watch.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&wait, 1, 20000), 1);
}

TEST(Process, PeakMemoryIsSeenAndCanBeReset) {
  const auto child = Process::start(
      {.command = {"python3", "-c", "b=bytearray(64<<20); del b; print(1,flush=True); input()"},
       .input = Stream::pipe,
       .output = Stream::pipe});
  ASSERT_TRUE(child);
  pollfd wait = {(*child)->output.get(), POLLIN, 0};
  ::poll(&wait, 1, -1);
  EXPECT_GT((*child)->peak_memory(), 64U << 20);
  (*child)->reset_peak_memory();
  EXPECT_LT((*child)->peak_memory(), 64U << 20);
}

TEST(Process, DataLimitIsEnforced) {
  const auto child =
      Process::start({.command = {"python3", "-c", "bytearray(256 << 20)"}, .data_limit = 128U << 20});
  ASSERT_TRUE(child);
  EXPECT_EQ((*child)->wait_for(60s)->exit_code, 1);
}

TEST(Process, NiceIsAdded) {
  const auto child = Process::start({.command = {"nice"}, .output = Stream::pipe, .nice = 5});
  ASSERT_TRUE(child);
  EXPECT_EQ(read_to_end((*child)->output),
            std::to_string(std::min(::getpriority(PRIO_PROCESS, 0) + 5, 19)) + "\n");
}

TEST(ProcessMark, IsTheSameForTheWholeLife) {
  EXPECT_EQ(process_mark(), process_mark());
  EXPECT_EQ(process_mark().size(), 32U);
}

}  // namespace
}  // namespace souschef::core
