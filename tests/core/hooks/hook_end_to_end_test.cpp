// SPDX-License-Identifier: MIT
// The installed scripts, the program that they start, and git itself.
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "tests/core/hooks/repository_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class HookEndToEndTest : public RepositoryFixture {
 protected:
  void SetUp() override {
    RepositoryFixture::SetUp();
    init_git();
    configure("hooks.entries", R"(["shots/**/*.blend"])");
    souschef({"hook", "install", "git"});
  }
  std::vector<std::string> revisions_banked() {
    std::vector<std::string> ids;
    for (const SnapshotRecord& record : records()) ids.push_back(record.revision.at("id"));
    return ids;
  }
  std::string head(const fs::path& folder = {}) const {
    std::string id = git({"rev-parse", "HEAD"}, folder);
    id.pop_back();
    return id;
  }
};

TEST_F(HookEndToEndTest, CommitIsBanked) {
  write_shot();
  const std::string id = commit("one");
  wait_for_runs(1);
  EXPECT_THAT(record_of("shots/a.blend", id).modified, IsEmpty());
  EXPECT_THAT(souschef({"hook", "log"}), HasSubstr("shots/a.blend"));
}

TEST_F(HookEndToEndTest, AmendBanksTheNewRevision) {
  write_shot();
  const std::string one = commit("one");
  wait_for_runs(1);
  change_blend("a", "OBAmended");
  git({"commit", "--quiet", "--all", "--amend", "--message", "better"});
  wait_for_runs(2);
  EXPECT_NE(head(), one);
  EXPECT_EQ(record_of("shots/a.blend", head()).message, "better");
}

TEST_F(HookEndToEndTest, OnlyTheLastStateOfARebaseIsBanked) {
  write_shot();
  const std::string one = commit("one");
  git({"checkout", "--quiet", "-b", "side"});
  change_blend("a", "OBSide1");
  const std::string side1 = commit("side 1");
  change_blend("a", "OBSide2");
  const std::string side2 = commit("side 2");
  git({"checkout", "--quiet", "main"});
  write("notes.txt", "x");
  const std::string two = commit("two");
  git({"checkout", "--quiet", "side"});
  wait_for_runs(6);
  git({"rebase", "--quiet", "main"});
  wait_for_runs(7);
  const std::vector<std::string> known = {one, side1, side2, two, head()};
  for (const std::string& id : revisions_banked()) EXPECT_THAT(known, testing::Contains(id));
  EXPECT_THAT(record_of("shots/a.blend", head()).modified, IsEmpty());
}

TEST_F(HookEndToEndTest, MergeIsBanked) {
  write_shot("a");
  commit("one");
  git({"checkout", "--quiet", "-b", "side"});
  write_shot("b");
  commit("side");
  git({"checkout", "--quiet", "main"});
  write("notes.txt", "x");
  commit("two");
  wait_for_runs(4);
  git({"merge", "--quiet", "--no-edit", "side"});
  wait_for_runs(5);
  EXPECT_THAT(record_of("shots/b.blend", head()).modified, IsEmpty());
}

TEST_F(HookEndToEndTest, CheckoutBanksWhatDiffers) {
  write_shot();
  git({"config", "core.hooksPath", "/nowhere"});
  const std::string one = commit("one");
  change_blend("a", "OBTwo");
  commit("two");
  git({"config", "--unset", "core.hooksPath"});
  git({"checkout", "--quiet", one});
  wait_for_runs(1);
  EXPECT_THAT(record_of("shots/a.blend", one).modified, IsEmpty());
  git({"checkout", "--quiet", "-b", "here"});  // nothing changes
  git({"checkout", "--quiet", "--", "shots/a.blend"});
  EXPECT_THAT(runs(), SizeIs(1));
}

TEST_F(HookEndToEndTest, LinkedWorkingCopyBanksIntoTheProductionOfTheMainOne) {
  write_shot();
  commit("one");
  wait_for_runs(1);
  const fs::path tree = folder_ / "tree";
  git({"worktree", "add", "--quiet", "-b", "other", tree.string()});
  folder_.write("tree/shots/a.blend", blend({"//../tex/a.png"}, {}, "OBTree"));
  const std::string id = commit("in the tree", tree);
  wait_for_runs(2);
  const SnapshotRecord record = record_of("shots/a.blend", id);
  EXPECT_EQ(record.revision.at("branch"), "other");
  EXPECT_EQ(record.revision.at("root"), tree.string());
  EXPECT_EQ(content(record.job, "shots/a.blend"), test::read_file(tree / "shots/a.blend"));
}

TEST_F(HookEndToEndTest, ForeignHooksRunAndTheirFailureCounts) {
  souschef({"hook", "remove", "git"});
  const fs::path hooks = root() / ".git/hooks";
  write(".git/hooks/post-commit", "#!/bin/sh\necho \"$0\" > \"$(dirname \"$0\")/ran\"\n");
  write(".git/hooks/pre-commit", "#!/bin/sh\n[ ! -e stop ]\n");
  write(".git/hooks/reference-transaction", "#!/bin/sh\ncat >> \"$(dirname \"$0\")/refs\"\n");
  for (const char* name : {"post-commit", "pre-commit", "reference-transaction"})
    ::chmod((hooks / name).c_str(), 0755);
  souschef({"hook", "install", "git"});
  write_shot();
  const std::string id = commit("one");
  wait_for_runs(1);
  EXPECT_TRUE(fs::exists(hooks / "ran"));
  EXPECT_THAT(test::read_file(hooks / "refs"), HasSubstr(id + " refs/heads/main\n"));
  write("stop", "");
  EXPECT_FALSE(try_run({"git", "commit", "--allow-empty", "--message", "two"}));
}

TEST_F(HookEndToEndTest, CommitSucceedsWithoutTheProgramOrTheProduction) {
  write_shot();
  for (const char* name : {"post-commit", "pre-commit", "reference-transaction"}) {
    const fs::path file = root() / ".git/hooks" / name;
    std::string text = test::read_file(file);
    for (std::size_t at; (at = text.find(SOUSCHEF_PROGRAM)) != std::string::npos;)
      text.replace(at, std::string_view(SOUSCHEF_PROGRAM).size(), "/gone/souschef");
    write(".git/hooks/" + std::string(name), text);
    ::chmod(file.c_str(), 0755);
  }
  commit("one");
  EXPECT_THAT(runs(), IsEmpty());
}

TEST_F(HookEndToEndTest, GateRefusesWithTheListAndOnlyIfItIsOn) {
  write("shots/a.blend", blend({"//gone.png"}));
  commit("the gate is open");
  configure("hooks.gate", "true");
  write("shots/a.blend", blend({"//gone too.png"}));
  git({"add", "--all"});
  std::string said;
  EXPECT_FALSE(try_run({"git", "commit", "--message", "two"}, {}, &said));
  EXPECT_THAT(said, HasSubstr("//gone too.png is missing"));
  EXPECT_TRUE(try_run({"git", "commit", "--no-verify", "--message", "two"}));
  wait_for_runs(2);
}

TEST_F(HookEndToEndTest, TagOfGitNamesTheShots) {
  write_shot();
  commit("one");
  wait_for_runs(1);
  git({"tag", "v1"});
  for (int turn = 0; turn < 3000 && records().size() < 2; ++turn) ::usleep(10000);
  EXPECT_THAT(records().back().tags, testing::ElementsAre("v1"));
}

TEST_F(HookEndToEndTest, OrderOfARevisionTakesTheJobOfThatRevision) {
  write_shot();
  const std::string one = commit("one");
  wait_for_runs(1);
  const JobId first = record_of("shots/a.blend", one).job;
  git({"tag", "old"});
  change_blend("a", "OBTwo");
  const std::string two = commit("two");
  wait_for_runs(2);
  const JobId second = record_of("shots/a.blend", two).job;
  ASSERT_NE(first, second);
  write("notes.txt", "x");
  commit("the shot is the same");
  change_blend("a", "OBNotYetCommitted");
  const auto ordered = [&](const std::string& subject) {
    std::string said;
    try_run({SOUSCHEF_PROGRAM, "order", "--json", "--frames", "1", "--dry-run", subject, "renders/####"}, {},
            &said);
    return said;
  };
  souschef({"targets", "add", "none", "/bin/true"});
  for (const std::string& revision : {one, one.substr(0, 9), std::string("old"), std::string("HEAD~2")})
    EXPECT_THAT(ordered(revision + ":shots/a.blend"), HasSubstr(first.hex())) << revision;
  for (const std::string& revision : {two, std::string("HEAD"), std::string("main")})
    EXPECT_THAT(ordered(revision + ":shots/a.blend"), HasSubstr(second.hex())) << revision;
  EXPECT_THAT(ordered("HEAD:shots/none.blend"), HasSubstr("has no shots/none.blend"));
  EXPECT_THAT(ordered("nowhere:shots/a.blend"), HasSubstr("there is no revision nowhere"));
}

TEST_F(HookEndToEndTest, RevisionThatWasNotBankedCanBeBankedByHand) {
  git({"config", "core.hooksPath", "/nowhere"});
  write_shot();
  const std::string one = commit("one");
  change_blend("a", "OBTwo");
  commit("two");
  std::string said;
  EXPECT_FALSE(try_run({SOUSCHEF_PROGRAM, "order", "-n", one + ":shots/a.blend"}, {}, &said));
  EXPECT_THAT(said, HasSubstr("souschef hook run git shots/a.blend --rev " + one.substr(0, 12)));
  souschef({"hook", "run", "git", "shots/a.blend", "--rev", one.substr(0, 12)});
  EXPECT_THAT(record_of("shots/a.blend", one).modified, IsEmpty());
}

}  // namespace
}  // namespace souschef::core
