// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include "tests/core/hooks/repository_fixture.hpp"

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HookTagsTest : public RepositoryFixture {
 protected:
  void SetUp() override {
    RepositoryFixture::SetUp();
    init_git();
    configure("hooks.entries", R"(["shots/**/*.blend"])");
    write_shot();
    first_ = commit("one");
    states();
  }
  std::vector<std::string> follow() {
    const auto repository = Repository::find(root());
    auto tags = follow_tags(*production_, **repository);
    EXPECT_TRUE(tags) << tags.error().line();
    return tags ? *tags : std::vector<std::string>();
  }
  std::string first_;
};

TEST_F(HookTagsTest, TagOfABankedRevisionNamesItsJobs) {
  git({"tag", "review"});
  EXPECT_THAT(follow(), ElementsAre("review: shots/a.blend"));
  EXPECT_EQ(*JobStore(*production_).find("review"), records().front().job);
}

TEST_F(HookTagsTest, AnnotatedTagIsFollowedToItsRevision) {
  git({"tag", "--annotate", "--message", "done", "v1"});
  EXPECT_THAT(follow(), ElementsAre("v1: shots/a.blend"));
}

TEST_F(HookTagsTest, FollowedOnce) {
  git({"tag", "review"});
  follow();
  EXPECT_THAT(follow(), IsEmpty());
}

TEST_F(HookTagsTest, TagThatMovesNamesTheNewJob) {
  git({"tag", "latest-ok"});
  follow();
  change_blend("a", "OBOther");
  commit("two");
  git({"tag", "--force", "latest-ok"});
  states();  // a run follows tags too
  const auto all = records();
  EXPECT_EQ(*JobStore(*production_).find("latest-ok"), all.back().job);
  EXPECT_NE(all.front().job, all.back().job);
}

TEST_F(HookTagsTest, RevisionThatWasNotBankedGetsNoTag) {
  write("notes.txt", "x");
  commit("two");
  git({"tag", "notes"});
  EXPECT_THAT(follow(), IsEmpty());
}

}  // namespace
}  // namespace souschef::core
