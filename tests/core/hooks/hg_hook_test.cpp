// SPDX-License-Identifier: MIT
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "core/hooks/hook_gate.hpp"
#include "tests/core/hooks/repository_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class HgHookTest : public RepositoryFixture {
 protected:
  void SetUp() override {
    RepositoryFixture::SetUp();
    if (!have("hg", "--version")) GTEST_SKIP() << "Mercurial is not installed";
    hg({"init"});
    write(".hgignore", "subinclude:.souschef/.hgignore-rules\n");
    configure("hooks.entries", R"(["shots/**/*.blend"])");
  }
  std::string hg(std::vector<std::string> words) const {
    words.insert(words.begin(), "hg");
    return run(words);
  }
  std::string hg_commit(const std::string& message) const {
    hg({"commit", "--quiet", "--addremove", "--message", message});
    return head();
  }
  std::string head() const { return hg({"log", "--rev", ".", "--template", "{node}"}); }
};

TEST_F(HgHookTest, CommitBanksItsShotWithRevisionBranchAndAuthor) {
  write_shot();
  const std::string id = hg_commit("one");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
  const SnapshotRecord record = record_of("shots/a.blend", id);
  EXPECT_THAT(record.modified, IsEmpty());
  EXPECT_THAT(record.revision, UnorderedElementsAre(Pair("system", "hg"), Pair("id", id),
                                                    Pair("branch", "default"), Pair("author", "Ada"),
                                                    Pair("root", root().string()), Pair("state", "clean")));
}

TEST_F(HgHookTest, StoreIsIgnoredByTheRulesOfInit) {
  write_shot();
  hg_commit("one");
  states();
  EXPECT_THAT(hg({"status"}), IsEmpty());
}

TEST_F(HgHookTest, ShotSavedAgainIsBankedAsCommitted) {
  write_shot();
  const std::string id = hg_commit("one");
  const std::string committed = test::read_file(root() / "shots/a.blend");
  change_blend("a", "OBSavedAgain");
  fs::remove(root() / "tex/a.png");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
  EXPECT_EQ(content(record_of("shots/a.blend", id).job, "shots/a.blend"), committed);
}

TEST_F(HgHookTest, ChangedLibraryBanksItsDependents) {
  write_shot();
  hg_commit("one");
  write("lib/tex/wall.png", "another wall");
  hg_commit("two");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
}

TEST_F(HgHookTest, HookOfTheHgrcBanksCommitsUpdatesAndTags) {
  souschef({"hook", "install", "hg"});
  write_shot();
  const std::string one = hg_commit("one");
  wait_for_runs(1);
  EXPECT_THAT(record_of("shots/a.blend", one).modified, IsEmpty());
  change_blend("a", "OBTwo");
  hg_commit("two");
  wait_for_runs(2);
  hg({"update", "--quiet", one});
  wait_for_runs(3);
  EXPECT_EQ(records().size(), 2U);  // it was banked already
  hg({"tag", "--local", "v1"});
  for (int turn = 0; turn < 3000 && records().size() < 3; ++turn) ::usleep(10000);
  EXPECT_THAT(records().back().tags, ElementsAre("v1"));
}

TEST_F(HgHookTest, OnlyTheLastStateOfARebaseIsBanked) {
  souschef({"hook", "install", "hg"});
  write_shot();
  const std::string one = hg_commit("one");
  change_blend("a", "OBSide1");
  const std::string side1 = hg_commit("side 1");
  change_blend("a", "OBSide2");
  const std::string side2 = hg_commit("side 2");
  hg({"update", "--quiet", one});
  write("notes.txt", "x");
  const std::string two = hg_commit("two");
  wait_for_runs(5);
  hg({"rebase", "--quiet", "--source", side1, "--dest", two});
  hg({"update", "--quiet", "tip"});
  // Two new revisions, of which the first is passed over.
  for (int turn = 0; turn < 3000 && runs().size() < 7; ++turn) ::usleep(10000);
  for (const SnapshotRecord& record : records())
    EXPECT_THAT((std::vector<std::string>{one, side1, side2, two, head()}),
                testing::Contains(record.revision.at("id")));
}

TEST_F(HgHookTest, HgrcIsRestoredByteForByte) {
  write(".hg/hgrc", "[hooks]\ncommit = echo foreign > ran\n[ui]\npassword = 1");
  ::chmod((root() / ".hg/hgrc").c_str(), 0600);
  const auto before = listing(root() / ".hg");
  souschef({"hook", "install", "hg"});
  write_shot();
  hg_commit("one");
  wait_for_runs(1);
  EXPECT_TRUE(fs::exists(root() / "ran"));
  souschef({"hook", "remove", "hg"});
  EXPECT_EQ(listing(root() / ".hg").at("hgrc"), before.at("hgrc"));
  fs::remove(root() / ".hg/hgrc");
  souschef({"hook", "install", "hg"});
  souschef({"hook", "remove", "hg"});
  EXPECT_FALSE(fs::exists(root() / ".hg/hgrc"));
}

TEST_F(HgHookTest, GateRefusesWithTheList) {
  souschef({"hook", "install", "hg"});
  configure("hooks.gate", "true");
  write_shot();
  fs::remove(root() / "tex/a.png");
  hg({"addremove", "--quiet"});
  std::string said;
  EXPECT_FALSE(try_run({"hg", "commit", "--message", "one"}, {}, &said));
  EXPECT_THAT(said, HasSubstr("//../tex/a.png is missing"));
  write("tex/a.png", "picture a");
  hg({"addremove", "--quiet"});
  EXPECT_TRUE(try_run({"hg", "commit", "--message", "one"}, {}, &said)) << said;
  wait_for_runs(1);
}

}  // namespace
}  // namespace souschef::core
