// SPDX-License-Identifier: MIT
#include "core/hooks/hook_run.hpp"

#include <gmock/gmock.h>

#include "core/hooks/revision_files.hpp"
#include "tests/core/hooks/repository_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class HookRunTest : public RepositoryFixture {
 protected:
  void SetUp() override {
    RepositoryFixture::SetUp();
    init_git();
    configure("hooks.entries", R"(["shots/**/*.blend"])");
  }
};

TEST_F(HookRunTest, CommitBanksItsShotWithRevisionBranchAuthorAndRoot) {
  write_shot();
  const std::string id = commit("first light");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
  const SnapshotRecord record = record_of("shots/a.blend", id);
  EXPECT_EQ(record.origin, Origin::hook);
  EXPECT_EQ(record.message, "first light");
  EXPECT_EQ(record.files, 4U);
  EXPECT_THAT(record.modified, IsEmpty());
  EXPECT_THAT(record.revision, UnorderedElementsAre(Pair("system", "git"), Pair("id", id),
                                                    Pair("branch", "main"), Pair("author", "Ada"),
                                                    Pair("root", root().string()), Pair("state", "clean")));
}

TEST_F(HookRunTest, SecondRunOfARevisionBanksNothing) {
  write_shot();
  commit("one");
  states();
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "already")));
  EXPECT_THAT(records(), SizeIs(1));
}

TEST_F(HookRunTest, OnlyTouchedShotsAreBanked) {
  write_shot("a");
  write_shot("b");
  commit("one");
  change_blend("b", "OBOther");
  commit("two");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/b.blend", "banked")));
}

TEST_F(HookRunTest, ChangedLibraryTextureBanksItsDependents) {
  write_shot("a");
  write_shot("b");
  write("shots/alone.blend", blend({}));
  commit("one");
  write("lib/tex/wall.png", "another wall");
  commit("two");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked"), Pair("shots/b.blend", "banked")));
}

TEST_F(HookRunTest, OnChangedLeavesDependentsOut) {
  configure("hooks.on", "\"changed\"");
  write_shot();
  commit("one");
  write("lib/tex/wall.png", "another wall");
  commit("two");
  EXPECT_THAT(states(), IsEmpty());
}

TEST_F(HookRunTest, OnAllBanksEveryEntry) {
  configure("hooks.on", "\"all\"");
  write_shot("a");
  write_shot("b");
  commit("one");
  write("notes.txt", "x");
  commit("two");
  EXPECT_THAT(states(), SizeIs(2));
}

TEST_F(HookRunTest, EntriesAreGlobs) {
  configure("hooks.entries", R"(["shots/*/final.blend"])");
  write("shots/x/final.blend", blend({}));
  write("shots/x/draft.blend", blend({}));
  commit("one");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/x/final.blend", "banked")));
}

// Invariant 33: what lies in the working copy by the time the hook comes round does not count.
TEST_F(HookRunTest, ShotSavedAgainAfterTheCommitIsBankedAsCommitted) {
  write_shot();
  const std::string id = commit("one");
  const std::string committed = test::read_file(root() / "shots/a.blend");
  change_blend("a", "OBSavedAgain");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
  const SnapshotRecord record = record_of("shots/a.blend", id);
  EXPECT_THAT(record.modified, IsEmpty());
  EXPECT_EQ(content(record.job, "shots/a.blend"), committed);
}

TEST_F(HookRunTest, LibrarySavedAgainIsBankedAsCommitted) {
  write_shot();
  const std::string id = commit("one");
  write("lib/tex/wall.png", "painted over");
  states();
  EXPECT_EQ(content(record_of("shots/a.blend", id).job, "lib/tex/wall.png"), "picture wall");
}

TEST_F(HookRunTest, WorkingCopyIsNotTouched) {
  write_shot();
  commit("one");
  change_blend("a", "OBSavedAgain");
  const auto before = listing(root() / "shots");
  const std::string status = git({"status", "--porcelain"});
  states();
  EXPECT_EQ(listing(root() / "shots"), before);
  EXPECT_EQ(git({"status", "--porcelain"}), status);
  EXPECT_FALSE(fs::exists(root() / ".git/index.lock"));
}

TEST_F(HookRunTest, OlderRevisionIsBankedThoughItsFilesAreGone) {
  write_shot();
  const std::string one = commit("one");
  const std::string committed = test::read_file(root() / "shots/a.blend");
  fs::remove_all(root() / "shots");
  fs::remove_all(root() / "tex");
  fs::remove_all(root() / "lib");
  commit("everything goes");
  EXPECT_THAT(states(one), ElementsAre(Pair("shots/a.blend", "banked")));
  const SnapshotRecord record = record_of("shots/a.blend", one);
  EXPECT_THAT(record.modified, IsEmpty());
  EXPECT_EQ(record.files, 4U);
  EXPECT_EQ(content(record.job, "shots/a.blend"), committed);
}

TEST_F(HookRunTest, SequenceHoldsTheFramesOfTheRevision) {
  test::BlendWriter writer;
  writer.datablock("SC", "Scene", "SCScene");
  auto object = writer.datablock("OB", "Object", "OBThing").set("type", 1);
  const auto image =
      writer.datablock("IM", "Image", "IMfilm").set("name", "//../film/f.0001.png").set("source", 2);
  object.point("mat", object.pointers({image}));
  write("shots/a.blend", writer.bytes());
  write("film/f.0001.png", "frame 1");
  write("film/f.0002.png", "frame 2");
  const std::string one = commit("one");
  write("film/f.0003.png", "frame 3");
  fs::remove(root() / "film/f.0002.png");
  commit("two");
  EXPECT_THAT(states(one), ElementsAre(Pair("shots/a.blend", "banked")));
  std::vector<std::string> files;
  for (const ManifestFile& file : manifest(record_of("shots/a.blend", one).job).files)
    files.push_back(file.path);
  EXPECT_THAT(files, ElementsAre("film/f.0001.png", "film/f.0002.png", "shots/a.blend"));
}

TEST_F(HookRunTest, BytesThatTheRepositoryCannotGiveAreListedAsModified) {
  write_shot();
  const std::string id = commit("one");
  std::string object = git({"rev-parse", "HEAD:tex/a.png"});
  object.pop_back();
  // The object is lost, as in a partial clone without its server: nobody can say that the bytes are right.
  fs::remove(root() / ".git/objects" / object.substr(0, 2) / object.substr(2));
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "modified")));
  const SnapshotRecord record = record_of("shots/a.blend", id);
  EXPECT_THAT(record.modified, ElementsAre("tex/a.png"));
  EXPECT_EQ(record.revision.at("state"), "modified");
}

TEST_F(HookRunTest, ClaimComparesTheJobNotTheWorkingCopy) {
  write_shot();
  const std::string id = commit("one");
  write("tex/a.png", "painted while the shot was banked");
  const auto banked = bank("shots/a.blend");
  ASSERT_TRUE(banked) << banked.error().line();
  write("tex/a.png", "picture a");  // and put back before anybody looked
  const auto repository = Repository::find(root());
  const auto files = RevisionFiles::load(*production_, **repository, *(*repository)->revision(id));
  ASSERT_TRUE(files) << files.error().line();
  const auto claim = (*files)->compare(manifest(banked->job));
  ASSERT_TRUE(claim) << claim.error().line();
  EXPECT_THAT(claim->modified, ElementsAre("tex/a.png"));
}

TEST_F(HookRunTest, UntrackedFilesAreCounted) {
  write(".gitignore", "tex/\n");
  write_shot();
  const std::string id = commit("one");
  states();
  const SnapshotRecord record = record_of("shots/a.blend", id);
  EXPECT_EQ(record.revision.at("untracked"), "2");  // tex/a.png and lib/tex/wall.png
}

TEST_F(HookRunTest, LineEndsAreAsCheckedOut) {
  write(".gitattributes", "*.png text eol=crlf\n");
  write_shot();
  write("tex/a.png", "one\r\ntwo\r\n");
  const std::string id = commit("one");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
  EXPECT_EQ(content(record_of("shots/a.blend", id).job, "tex/a.png"), "one\r\ntwo\r\n");
}

TEST_F(HookRunTest, TrackedLinksAreFollowed) {
  write_shot();
  fs::rename(root() / "tex", root() / "pictures");
  fs::create_directory_symlink("pictures", root() / "tex");
  const std::string id = commit("one");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
  EXPECT_FALSE(record_of("shots/a.blend", id).revision.contains("untracked"));
  write("pictures/a.png", "changed behind the link");
  commit("two");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
}

TEST_F(HookRunTest, FilesOfASubmoduleAreComparedWithItsRevision) {
  const fs::path source = folder_ / "assets";
  fs::create_directories(source);
  git({"init", "--quiet"}, source);
  folder_.write("assets/set.blend", blend({}, {}, "OBSet"));
  commit("assets", source);
  git({"submodule", "--quiet", "add", source.string(), "lib"});
  write("shots/a.blend", blend({}, {{"//../lib/set.blend", "OBSet"}}));
  const std::string one = commit("one");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
  EXPECT_FALSE(record_of("shots/a.blend", one).revision.contains("untracked"));

  folder_.write("prod/lib/set.blend", blend({}, {{"//none.blend", "OBx"}}, "OBSet"));
  write("lib/none.blend", blend({}, {}, "OBx"));
  git({"add", "--all"}, root() / "lib");
  git({"-c", "user.name=x", "commit", "--quiet", "--message", "more"}, root() / "lib");
  commit("two");
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
}

TEST_F(HookRunTest, MissingFileIsBankedAndTold) {
  write_shot();
  fs::remove(root() / "tex/a.png");
  commit("one");
  const auto done = hook();
  ASSERT_TRUE(done) << done.error().line();
  ASSERT_THAT(done->shots, SizeIs(1));
  EXPECT_THAT(done->shots[0].missing, SizeIs(1));
  // ... but nobody has said yes to it: a person is asked.
  const auto person = bank("shots/a.blend");
  ASSERT_FALSE(person);
  EXPECT_EQ(person.error().code, ErrorCode::missing);
}

TEST_F(HookRunTest, UnreadableShotFailsAloneAndIsInTheLog) {
  write_shot();
  write("shots/broken.blend", "this is no blend");
  commit("one");
  const auto done = hook();
  ASSERT_TRUE(done) << done.error().line();
  EXPECT_EQ(done->count(HookShotState::failed), 1U);
  EXPECT_EQ(done->count(HookShotState::banked), 1U);
  ASSERT_THAT(runs(), SizeIs(2));
  EXPECT_THAT(runs()[0].dump(), HasSubstr("broken.blend"));
}

TEST_F(HookRunTest, ProductionBelowTheTopOfTheRepository) {
  git({"init", "--quiet"}, folder_.path());
  fs::remove_all(root() / ".git");
  write_shot();
  const std::string id = commit("one", folder_.path());
  EXPECT_THAT(states(), ElementsAre(Pair("shots/a.blend", "banked")));
  EXPECT_THAT(record_of("shots/a.blend", id).modified, IsEmpty());
}

TEST_F(HookRunTest, UnknownWordForOnIsRefused) {
  configure("hooks.on", "\"sometimes\"");
  write_shot();
  commit("one");
  const auto done = hook();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::bad_input);
}

}  // namespace
}  // namespace souschef::core
