// SPDX-License-Identifier: MIT
#include "core/base/memory_cap.hpp"

#include <signal.h>

#include <gtest/gtest.h>

#include "core/base/run_program.hpp"
#include "tests/support/temp_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// Ordinary folders that look like control groups.
class Groups : public testing::Test {
 protected:
  void group(const std::string& path, const std::string& controllers) const {
    (void)folder_.write("fs/" + path + "cgroup.subtree_control", controllers + "\n");
    (void)folder_.write("fs/" + path + "cgroup.procs", "");
  }
  [[nodiscard]] ControlGroups found(const std::string& own) const {
    return control_groups_in(folder_ / "fs", own);
  }
  test::TempFolder folder_;
};

TEST_F(Groups, TheNearestOneAboveWithMemoryForItsChildrenIsTaken) {
  group("", "cpu memory pids");
  group("user.slice/app.slice/", "memory pids");
  group("user.slice/app.slice/shell.scope/", "");
  EXPECT_EQ(found("0::/user.slice/app.slice/shell.scope\n").folder, folder_ / "fs/user.slice/app.slice");
}

TEST_F(Groups, LinesOfTheFirstVersionAreNotMeant) {
  group("mine/", "memory");
  EXPECT_EQ(found("4:memory:/elsewhere\n0::/mine/shell\n").folder, folder_ / "fs/mine");
  EXPECT_TRUE(found("4:memory:/mine\n").folder.empty());
}

TEST_F(Groups, WithoutAMemoryControllerThereIsNone) {
  group("", "cpu pids");
  const ControlGroups groups = found("0::/\n");
  EXPECT_TRUE(groups.folder.empty());
  EXPECT_NE(groups.why, "");
}

TEST_F(Groups, NothingAboveTheMountIsLookedAt) {
  (void)folder_.write("cgroup.subtree_control", "memory\n");
  (void)folder_.write("cgroup.procs", "");
  EXPECT_TRUE(found("0::/../../\n").folder.empty());
}

TEST_F(Groups, CapIsWrittenAndTheChildBeginsInside) {
  group("", "memory");
  const MemoryCap cap = MemoryCap::make(3ULL << 30, found("0::/\n"));
  ASSERT_FALSE(cap.group().empty());
  EXPECT_EQ(cap.data_limit(), 0U);
  EXPECT_EQ(test::read_file(cap.group() / "memory.max"), "3221225472");
  ProcessOptions child;
  child.command = {"true"};
  child.control_group = cap.group();
  const auto ran = run_program(child, {});
  ASSERT_TRUE(ran) << ran.error().line();
  EXPECT_EQ(test::read_file(cap.group() / "cgroup.procs"), "0\n");
}

TEST_F(Groups, TwoCapsHaveTwoGroups) {
  group("", "memory");
  const MemoryCap one = MemoryCap::make(1 << 20, found("0::/\n"));
  const MemoryCap other = MemoryCap::make(1 << 20, found("0::/\n"));
  EXPECT_NE(one.group(), other.group());
}

TEST_F(Groups, OnlyAKillOfTheKernelIsAHit) {
  group("", "memory");
  const MemoryCap cap = MemoryCap::make(1 << 20, found("0::/\n"));
  EXPECT_FALSE(cap.was_hit());
  for (const auto& [events, hit] : {std::pair("low 0\nmax 7\noom 1\noom_kill 0\n", false),
                                    std::pair("low 0\nmax 7\noom 1\noom_kill 2\n", true)}) {
    (void)folder_.write("fs/" + cap.group().filename().string() + "/memory.events", events);
    EXPECT_EQ(cap.was_hit(), hit) << events;
  }
}

TEST_F(Groups, GroupThatCannotBeMadeLeavesTheLimitOfEachProcess) {
  const MemoryCap cap = MemoryCap::make(1ULL << 30, {folder_ / "not/there", {}});
  EXPECT_TRUE(cap.group().empty());
  EXPECT_EQ(cap.data_limit(), 1ULL << 30);
  EXPECT_NE(cap.text().find("1 GiB for each process, by RLIMIT_DATA: "), std::string::npos) << cap.text();
}

TEST_F(Groups, ChildThatCannotEnterItsGroupDoesNotRunOutsideOfIt) {
  ProcessOptions child;
  child.command = {"true"};
  child.control_group = folder_ / "not/there";
  EXPECT_FALSE(run_program(child, {}));
}

TEST(MemoryCapTest, NoCapIsNone) {
  const MemoryCap cap = MemoryCap::make(0, {"/", {}});
  EXPECT_TRUE(cap.group().empty());
  EXPECT_EQ(cap.data_limit(), 0U);
}

// The kernel's own groups, where this machine lends us some.
TEST(MemoryCapTest, KernelEndsWhatNeedsMore) {
  const ControlGroups groups = find_control_groups();
  if (groups.folder.empty()) GTEST_SKIP() << groups.why;
  const MemoryCap cap = MemoryCap::make(64ULL << 20, groups);
  if (cap.group().empty()) GTEST_SKIP() << cap.text();
  ProcessOptions child;
  child.command = {"python3", "-c", "b = bytearray(b'x' * (256 << 20))"};
  child.control_group = cap.group();
  const auto ran = run_program(child, {});
  ASSERT_TRUE(ran) << ran.error().line();
  EXPECT_EQ(ran->end.signal, SIGKILL);
  EXPECT_TRUE(cap.was_hit());
}

TEST(MemoryText, IsInTheUnitOfTheConfig) {
  EXPECT_EQ(memory_text(16ULL << 30), "16 GiB");
  EXPECT_EQ(memory_text(3ULL << 29), "1.5 GiB");
  EXPECT_EQ(memory_text(300ULL << 20), "300 MiB");
}

}  // namespace
}  // namespace souschef::core
