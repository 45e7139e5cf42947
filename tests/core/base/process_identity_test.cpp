// SPDX-License-Identifier: MIT
#include "core/base/process_identity.hpp"

#include <unistd.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "core/base/process.hpp"

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
