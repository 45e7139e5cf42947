// SPDX-License-Identifier: MIT
#include "core/base/process_identity.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "store/process_stat.hpp"

namespace souschef::core {
namespace {

TEST(ProcessIdentity, TextComesBack) {
  const ProcessIdentity own = own_identity();
  EXPECT_EQ(ProcessIdentity::from_text(own.text()), own);
}

TEST(ProcessIdentity, NonsenseIsNoIdentity) {
  for (const char* text : {"", "1", "1 2 3", "x 2 boot ns", "1 y boot ns", "-4 1 boot ns", "1 2 3 4 5"})
    EXPECT_FALSE(ProcessIdentity::from_text(text)) << text;
}

TEST(ProcessIdentity, OwnProcessRuns) {
  EXPECT_EQ(state_of(own_identity()), ProcessState::running);
}

// What a shell does for each program that it runs: vfork, and its child calls exec.
TEST(ProcessIdentity, ParentOfAStoppedVforkChildStandsStill) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "for a sanitizer vfork is fork";
#endif
  const pid_t shell = ::fork();
  if (shell == 0) {
    ::setsid();
    const pid_t program = ::vfork();
    if (program == 0) {
      ::kill(::getpid(), SIGSTOP);
      ::_exit(0);
    }
    ::_exit(program > 0 ? 0 : 1);
  }
  const auto members = [&] { return processes_of_session(shell); };
  const auto state = [](pid_t pid) {
    const auto stat = store::read_process_stat(pid);
    return stat ? stat->state : '?';
  };
  // A child that has not stopped itself yet would do so after it was told to go on.
  const auto waits_in_the_kernel = [&] {
    const auto both = members();
    return both.size() == 2 && state(shell) == 'D' && state(both[both[0] == shell ? 1 : 0]) == 'T';
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!waits_in_the_kernel() && std::chrono::steady_clock::now() < until) ::usleep(1000);
  for (const pid_t member : members()) ::kill(member, SIGSTOP);
  EXPECT_EQ(state(shell), 'D') << "it cannot be stopped there";
  EXPECT_TRUE(stands_still(shell));
  EXPECT_FALSE(stands_still(::getpid()));

  for (const pid_t member : members()) ::kill(member, SIGCONT);
  int status = -1;
  EXPECT_EQ(::waitpid(shell, &status, 0), shell);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(ProcessIdentity, SameNumberWithAnotherStartIsGone) {
  ProcessIdentity other = own_identity();
  other.start_ticks += 1;
  EXPECT_EQ(state_of(other), ProcessState::gone);
}

TEST(ProcessIdentity, AnotherBootIsNotForUsToJudge) {
  ProcessIdentity other = own_identity();
  other.boot_id = "0f0f";
  EXPECT_EQ(state_of(other), ProcessState::elsewhere);
}

TEST(ProcessIdentity, AnotherContainerIsNotForUsToJudge) {
  ProcessIdentity other = own_identity();
  other.pid_namespace = "pid:[1]";
  EXPECT_EQ(state_of(other), ProcessState::elsewhere);
}

TEST(ProcessIdentity, EndedChildIsGoneBeforeItIsWaitedFor) {
  auto child = Process::start({.command = {"sleep", "1000"}});
  ASSERT_TRUE(child);
  (*child)->send_signal(SIGKILL);
  (*child)->wait_for(std::chrono::seconds(20));
  EXPECT_EQ(state_of((*child)->identity()), ProcessState::gone);
}

TEST(EndLeftovers, EndsWhatCarriesTheMarkAndNothingElse) {
  auto marked = Process::start({.command = {"sleep", "1000"}, .mark = "test-mark-1"});
  auto other = Process::start({.command = {"sleep", "1000"}, .mark = "test-mark-11"});
  ASSERT_TRUE(marked && other);
  EXPECT_EQ(end_leftovers("test-mark-1"), 1);
  EXPECT_TRUE((*marked)->wait_for(std::chrono::seconds(20)));
  EXPECT_FALSE((*other)->poll());
}

TEST(EndLeftovers, FindsDescendantsInSessionsOfTheirOwn) {
  auto child = Process::start({.command = {"sh", "-c", "setsid sleep 1000 & echo $!; exec sleep 1000"},
                               .output = Stream::pipe,
                               .mark = "test-mark-2"});
  ASSERT_TRUE(child);
  while (processes_with_mark("test-mark-2").size() < 2 && !(*child)->poll()) ::usleep(1000);
  EXPECT_EQ(end_leftovers("test-mark-2"), 2);
}

}  // namespace
}  // namespace souschef::core
