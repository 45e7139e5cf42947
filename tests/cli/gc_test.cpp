// SPDX-License-Identifier: MIT
// Garbage collection as people ask for it. What it keeps and why is tested in tests/core/banking and
// tests/store.
#include <gmock/gmock.h>

#include <sys/mount.h>

#include <set>

#include "tests/cli/program.hpp"
#include "tests/support/random_bytes.hpp"

namespace fs = std::filesystem;

namespace souschef::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Gc : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    init();
  }
  // A version of the shot; its job.
  std::string version(std::uint64_t seed, std::vector<std::string> words = {}) const {
    write("tex.png", random_words(300'000, seed));
    write("a.blend", shot("//tex.png"));
    words.insert(words.begin(), {"snapshot", "a.blend", "--json"});
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return ran.records().at(0)["job"];
  }
  core::Json collected(std::vector<std::string> words) const {
    words.insert(words.begin(), "gc");
    words.emplace_back("--json");
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return ran.records().back();
  }
  bool restores(const std::string& job) const {
    const std::string to = (folder_ / ("restored-" + job.substr(0, 8))).string();
    fs::remove_all(to);
    return run({"restore", job, to}).exit_code == 0;
  }
};

TEST_F(Gc, DryRunNamesSnapshotsJobsAndPacksWithTheirReasonsAndChangesNothing) {
  const std::string old = version(1), latest = version(2);
  const Ran ran = run({"gc", "-n", "--keep-last", "1"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, AllOf(HasSubstr("drop"), HasSubstr("older than the keep rules ask for"),
                             HasSubstr("among the last 1 of its entry"), HasSubstr("only it needs"),
                             HasSubstr("would drop 1 snapshot and 1 job")));
  const auto records = run({"gc", "-n", "--keep-last", "1", "--json"}).records();
  std::set<std::string> types;
  for (const core::Json& record : records) types.insert(record["type"]);
  EXPECT_EQ(types, (std::set<std::string>{"snapshot", "job", "pack", "gc"}));
  EXPECT_EQ(records.back()["dry_run"], true);
  EXPECT_TRUE(restores(old) && restores(latest));
}

TEST_F(Gc, UndoBringsBackWhatTheLastOneRemoved) {
  const std::string old = version(1);
  version(2);
  EXPECT_EQ(collected({"--keep-last", "1"})["jobs_dropped"], 1);
  EXPECT_EQ(run({"restore", old, (folder_ / "gone").string()}).exit_code, 4);
  const Ran undone = run({"undo"});
  EXPECT_EQ(undone.exit_code, 0) << undone.err;
  EXPECT_THAT(undone.out, HasSubstr("back from the trash"));
  EXPECT_TRUE(restores(old));
}

TEST_F(Gc, NowLeavesNothingToUndo) {
  const std::string old = version(1);
  version(2);
  const core::Json summary = collected({"--keep-last", "1", "--now"});
  EXPECT_EQ(summary["trash_left"], 0);
  EXPECT_GT(summary["trash_deleted"], 0);
  EXPECT_NE(run({"undo"}).exit_code, 0);
  EXPECT_FALSE(restores(old));
}

TEST_F(Gc, PinKeepsUntilUnpin) {
  const std::string old = version(1);
  version(2);
  ASSERT_EQ(run({"pin", old}).exit_code, 0);
  EXPECT_EQ(collected({"--keep-last", "1"})["jobs_dropped"], 0);
  ASSERT_EQ(run({"unpin", old}).exit_code, 0);
  EXPECT_EQ(collected({"--keep-last", "1"})["jobs_dropped"], 1);
}

TEST_F(Gc, TagKeepsAndIsANameForTheJob) {
  const std::string old = version(1);
  version(2);
  ASSERT_EQ(run({"tag", "approved", old}).exit_code, 0);
  EXPECT_EQ(collected({"--keep-last", "1"})["jobs_dropped"], 0);
  EXPECT_TRUE(restores("approved"));
}

TEST_F(Gc, KeepTagLetsWhatHasNoneGo) {
  const std::string tagged = version(1, {"--tag", "final"}), plain = version(2);
  EXPECT_EQ(collected({"--keep-tag", "final"})["snapshots_dropped"], 1);
  EXPECT_TRUE(restores(tagged));
  EXPECT_FALSE(restores(plain));
}

TEST_F(Gc, WhyTellsTheChainFromARoot) {
  const std::string job = version(1);
  ASSERT_EQ(run({"tag", "approved", job}).exit_code, 0);
  EXPECT_THAT(run({"why", "tex.png"}).out, AllOf(HasSubstr("approved"), HasSubstr(job.substr(0, 8))));
  EXPECT_THAT(run({"why", job}).out, HasSubstr("approved"));
}

TEST_F(Gc, WordsThatMakeNoSenseAreRefused) {
  EXPECT_EQ(run({"gc", "--keep-last", "0"}).exit_code, 2);
  EXPECT_EQ(run({"gc", "--max-size", "much"}).exit_code, 2);
}

// A disk of its own, which can be full.
class FullDisk : public Gc {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (::mount("souschef-test", root().c_str(), "tmpfs", 0, "size=64m") != 0)
      GTEST_SKIP() << "this user may not mount a disk";
    mounted_ = true;
    init();
  }
  void TearDown() override {
    if (mounted_) ::umount2(root().c_str(), MNT_DETACH);
  }
  // Leaves so many bytes free.
  void fill(std::uintmax_t left) const {
    const auto space = fs::space(root());
    ASSERT_GT(space.available, left);
    write("filler", std::string(space.available - left, 'x'));
  }
  bool mounted_ = false;
};

TEST_F(FullDisk, SnapshotTakesTheRoomOfTheTrash) {
  write("folder/big", random_bytes(12'000'000, 1));
  ASSERT_EQ(run({"snapshot", "folder"}).exit_code, 0);
  write("folder/big", "small now");
  ASSERT_EQ(run({"snapshot", "folder"}).exit_code, 0);
  ASSERT_EQ(collected({"--keep-last", "1"})["jobs_dropped"], 1);
  write("folder/big", random_bytes(10'000'000, 2));
  fill(3'000'000);
  const Ran banked = run({"snapshot", "folder", "--json"});
  EXPECT_EQ(banked.exit_code, 0) << banked.err;
  EXPECT_NE(run({"undo"}).exit_code, 0) << "the trash has been given up";
}

}  // namespace
}  // namespace souschef::test
