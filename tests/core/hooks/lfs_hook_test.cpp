// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include "tests/core/hooks/repository_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class LfsHookTest : public RepositoryFixture {
 protected:
  void SetUp() override {
    RepositoryFixture::SetUp();
    if (!have("git", "lfs")) GTEST_SKIP() << "git-lfs is not installed";
    init_git();
    configure("hooks.entries", R"(["shots/**/*.blend"])");
    git({"lfs", "install", "--local", "--skip-repo"});
    write(".gitattributes",
          "*.blend filter=lfs diff=lfs merge=lfs -text\n*.png filter=lfs diff=lfs merge=lfs -text\n");
    write_shot();
    // Old enough for git to believe their times: else it looks into them again, which makes LFS keep them.
    for (const char* name : {"shots/a.blend", "tex/a.png", "lib/set.blend", "lib/tex/wall.png"})
      fs::last_write_time(root() / name, fs::file_time_type::clock::now() - std::chrono::hours(1));
    first_ = commit("one");
    ASSERT_THAT(git({"cat-file", "blob", "HEAD:tex/a.png"}), HasSubstr("git-lfs.github.com"));
  }
  std::string first_;
};

TEST_F(LfsHookTest, ClaimIsProvenByTheObjectsOfLfs) {
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
  EXPECT_THAT(record_of("shots/a.blend", first_).modified, IsEmpty());
}

TEST_F(LfsHookTest, ShotSavedAgainIsBankedFromTheObjectsOfLfs) {
  const std::string committed = test::read_file(root() / "shots/a.blend");
  change_blend("a", "OBSavedAgain");
  write("tex/a.png", "painted over");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
  const SnapshotRecord record = record_of("shots/a.blend", first_);
  EXPECT_EQ(content(record.job, "shots/a.blend"), committed);
  EXPECT_EQ(content(record.job, "tex/a.png"), "picture a");
}

TEST_F(LfsHookTest, PrunedObjectIsListedAsModified) {
  const std::string pointer = git({"cat-file", "blob", "HEAD:tex/a.png"});
  const std::string oid = pointer.substr(pointer.find("sha256:") + 7, 64);
  fs::remove(root() / ".git/lfs/objects" / oid.substr(0, 2) / oid.substr(2, 2) / oid);
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "modified")));
  EXPECT_THAT(record_of("shots/a.blend", first_).modified, ElementsAre("tex/a.png"));
}

TEST_F(LfsHookTest, PointerThatWasNotFetchedIsRefused) {
  const std::string pointer = git({"cat-file", "blob", "HEAD:shots/a.blend"});
  write("shots/a.blend", pointer);
  fs::remove_all(root() / ".git/lfs/objects");
  const auto done = hook();
  ASSERT_TRUE(done) << done.error().line();
  ASSERT_THAT(done->shots, SizeIs(1));
  EXPECT_EQ(done->shots[0].state, HookShotState::failed);
  EXPECT_THAT(records(), IsEmpty());
  const auto person = bank("shots/a.blend");
  ASSERT_FALSE(person);
  EXPECT_EQ(person.error().next, "git lfs pull");
}

}  // namespace
}  // namespace souschef::core
