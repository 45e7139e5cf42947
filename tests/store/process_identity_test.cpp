// SPDX-License-Identifier: MIT
#include "store/process_identity.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace souschef::store {
namespace {

TEST(ProcessIdentity, ThisProcessRuns) {
  EXPECT_EQ(is_running(this_process()), Running::yes);
}

TEST(ProcessIdentity, AReusedNumberIsAnotherProcess) {
  ProcessIdentity other = this_process();
  other.start_time += 1;
  EXPECT_EQ(is_running(other), Running::no);
}

TEST(ProcessIdentity, NothingIsKnownAboutOtherMachines) {
  ProcessIdentity other = this_process();
  other.boot_id = "another";
  EXPECT_EQ(is_running(other), Running::cannot_tell);
}

TEST(ProcessIdentity, NothingIsKnownAboutOtherContainers) {
  ProcessIdentity other = this_process();
  other.pid_namespace += 1;
  EXPECT_EQ(is_running(other), Running::cannot_tell);
}

TEST(ProcessIdentity, AChildIsFoundUntilItEnds) {
  int gate[2];
  ASSERT_EQ(::pipe(gate), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(gate[1]);
    char c = 0;
    static_cast<void>(::read(gate[0], &c, 1));
    ::_exit(0);
  }
  ::close(gate[0]);
  const auto identity = identity_of(child);
  ASSERT_TRUE(identity);
  EXPECT_EQ(is_running(*identity), Running::yes);
  ::close(gate[1]);
  siginfo_t ended{};
  ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
  EXPECT_EQ(is_running(*identity), Running::no) << "a zombie holds nothing";
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(is_running(*identity), Running::no);
}

}  // namespace
}  // namespace souschef::store
