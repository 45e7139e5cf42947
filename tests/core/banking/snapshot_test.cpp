// SPDX-License-Identifier: MIT
#include "core/banking/snapshot.hpp"

#include <sys/stat.h>

#include <gmock/gmock.h>

#include "core/jobs/restore.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "tests/core/banking/production_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SnapshotTest : public ProductionFixture {
 protected:
  // Waits until the clock of the file system has moved on from the last write, so that the racy rule does not
  // forbid remembering. Bounded by the clock's tick.
  void settle() const {
    const auto probe = [&] { return fs::last_write_time(write(".souschef/probe", "x")); };
    const auto start = probe();
    while (probe() - start < std::chrono::milliseconds(40)) {
    }
    fs::remove(root() / ".souschef/probe");
  }
  void shot() const {
    write("shots/a.blend", blend({"//../tex/a.png"}, {{"//../lib/set.blend", "OBSet"}}));
    write("lib/set.blend", blend({"//tex/wall.png"}, {}, "OBSet"));
    write("tex/a.png", "picture a");
    write("lib/tex/wall.png", "picture wall");
  }
  std::map<std::string, std::string> restored(JobId job) {
    std::map<std::string, std::string> files;
    const auto folder = restore(job);
    EXPECT_TRUE(folder) << folder.error().line();
    if (!folder) return files;
    for (const auto& entry : fs::recursive_directory_iterator(*folder))
      if (entry.is_regular_file()) files[fs::relative(entry.path(), *folder)] = test::read_file(entry.path());
    return files;
  }
};

TEST_F(SnapshotTest, ShotComesBackAfterEverythingIsGone) {
  shot();
  const auto files =
      std::map<std::string, std::string>{{"shots/a.blend", test::read_file(root() / "shots/a.blend")},
                                         {"lib/set.blend", test::read_file(root() / "lib/set.blend")},
                                         {"tex/a.png", "picture a"},
                                         {"lib/tex/wall.png", "picture wall"}};
  const auto banked = bank("shots/a.blend");
  ASSERT_TRUE(banked) << banked.error().line();
  EXPECT_EQ(banked->files, 4U);
  for (const char* name : {"shots", "lib", "tex"}) fs::remove_all(root() / name);
  EXPECT_EQ(restored(banked->job), files);
}

TEST_F(SnapshotTest, SameContentIsTheSameJobAndOneRecordAnHour) {
  shot();
  const auto first = bank("shots/a.blend");
  const auto second = bank("shots/a.blend");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->job, second->job);
  EXPECT_EQ(first->snapshot, second->snapshot);
  EXPECT_EQ(second->new_bytes, 0U);
  EXPECT_TRUE(second->unchanged);
  const auto tagged = bank("shots/a.blend", {.tags = {"review"}});
  EXPECT_EQ(tagged->job, first->job);
  EXPECT_NE(tagged->snapshot, first->snapshot);
  EXPECT_EQ(*JobStore(*production_).find("review"), first->job);
}

// Once: the row that says "nothing changed" knew the file here, and not the one outside that it was taken
// for.
TEST_F(SnapshotTest, ChangeOfATwinOutsideIsSeen) {
  const auto elsewhere = folder_.write("old/prod/tex/a.png", "same");
  write("tex/a.png", "same");
  write("a.blend", blend({elsewhere.string()}));
  settle();
  const auto first = bank("a.blend", {.allow_outside = true});
  ASSERT_TRUE(first) << first.error().line();
  folder_.write("old/prod/tex/a.png", "else");
  const auto second = bank("a.blend", {.allow_outside = true});
  ASSERT_TRUE(second) << second.error().line();
  EXPECT_NE(first->job, second->job);
}

TEST_F(SnapshotTest, UnchangedIsFoundWithoutReadingAndAnyChangeIsSeen) {
  shot();
  settle();
  ASSERT_TRUE(bank("shots/a.blend"));
  reopen();
  const auto again = bank("shots/a.blend");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->files_read, 0U);
  const std::vector<std::function<void()>> changes = {
      [&] { write("tex/a.png", "picture b"); },
      [&] {
        write("lib/set.blend", blend({"//tex/wall.png", "//tex/more.png"}, {}, "OBSet"));
        write("lib/tex/more.png", "more");
      },
      [&] { fs::permissions(root() / "tex/a.png", fs::perms::owner_exec, fs::perm_options::add); },
      [&] { fs::remove(root() / "lib/tex/more.png"); },
  };
  JobId last = again->job;
  for (const auto& change : changes) {
    change();
    const auto banked = bank("shots/a.blend", {.allow_missing = true});
    ASSERT_TRUE(banked) << banked.error().line();
    EXPECT_NE(banked->job, last);
    last = banked->job;
  }
}

TEST_F(SnapshotTest, TheRecordTellsWhichPluginsWereInUse) {
  write("a.blend", blend({}));
  ASSERT_TRUE(bank("a.blend"));
  const auto records = JobStore(*production_).snapshots();
  ASSERT_TRUE(records && records->size() == 1);
  const auto& plugins = records->front().plugins;
  EXPECT_EQ(plugins.at("blend"), (*(*production_->plugins())->find("blend"))->manifest.version);
  EXPECT_EQ(plugins.count("souschef"), 1U);
  EXPECT_EQ(plugins.count("blender"), 0U) << "a renderer, which has no part in banking";
}

TEST_F(SnapshotTest, MissingFileRefusesUntilAllowedThenOnlyNewOnesAreAsked) {
  write("a.blend", blend({"//gone.png"}));
  const auto refused = bank("a.blend");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::missing);
  EXPECT_THAT(refused.error().line(), HasSubstr("gone.png"));
  EXPECT_THAT(refused.error().next, HasSubstr("--allow-missing"));
  const auto allowed = bank("a.blend", {.allow_missing = true});
  ASSERT_TRUE(allowed);
  EXPECT_EQ(allowed->missing.size(), 1U);
  EXPECT_TRUE(bank("a.blend")) << "what was accepted is not asked again";
  write("a.blend", blend({"//gone.png", "//other.png"}));
  EXPECT_FALSE(bank("a.blend"));
}

TEST_F(SnapshotTest, FileFromOutsideNeedsAYes) {
  const auto texture = folder_.write("elsewhere/wood.png", "wood");
  write("a.blend", blend({texture.string()}));
  const auto refused = bank("a.blend");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::denied);
  EXPECT_THAT(refused.error().next, HasSubstr("--allow-outside"));
  const auto allowed = bank("a.blend", {.allow_outside = true});
  ASSERT_TRUE(allowed) << allowed.error().line();
  EXPECT_NE(manifest(allowed->job).find("_outside" + texture.string()), nullptr);

  SnapshotRequest request;
  request.path = root() / "a.blend";
  request.message = "asked";
  int asked = 0;
  SnapshotEvents events;
  events.ask_outside = [&](const OutsideFolder& folder) {
    ++asked;
    EXPECT_EQ(folder.bytes, 4U);
    return true;
  };
  write("a.blend", blend({texture.string(), "//x.png"}));
  write("x.png", "x");
  ASSERT_TRUE(take_snapshot(*production_, request, events));
  EXPECT_EQ(asked, 1);
  write("x.png", "y");
  ASSERT_TRUE(take_snapshot(*production_, request, events));
  EXPECT_EQ(asked, 1) << "the yes is remembered";
}

TEST_F(SnapshotTest, LinkToAPrivateKeyNeverLeaves) {
  folder_.write("home/.ssh/id_rsa", "secret");
  fs::create_directories(root() / "tex");
  fs::create_symlink(folder_ / "home/.ssh/id_rsa", root() / "tex/a.png");
  write("a.blend", blend({"//tex/a.png"}));
  const auto banked = bank("a.blend", {.allow_outside = true});
  ASSERT_FALSE(banked);
  EXPECT_EQ(banked.error().code, ErrorCode::denied);
  write("b.blend", blend({"/etc/passwd"}));
  EXPECT_EQ(bank("b.blend", {.allow_outside = true}).error().code, ErrorCode::denied);
}

TEST_F(SnapshotTest, FolderIsBankedWholeWithLinksAndWithoutWhatIsIgnored) {
  shot();
  write("notes/a.blend1", "backup");
  write(".git/config", "vcs");
  write("run.sh", "#!/bin/sh");
  fs::permissions(root() / "run.sh", fs::perms::owner_all);
  fs::create_symlink("tex", root() / "link");
  write(".souschefignore", "*.blend1\n");
  const auto banked = bank("");
  ASSERT_TRUE(banked) << banked.error().line();
  const Manifest files = manifest(banked->job);
  std::vector<std::string> names;
  for (const ManifestFile& file : files.files) names.push_back(file.path);
  EXPECT_THAT(names, ElementsAre(".souschefignore", "lib/set.blend", "lib/tex/wall.png", "link", "run.sh",
                                 "shots/a.blend", "tex/a.png"));
  EXPECT_EQ(files.find("link")->mode, FileMode::symlink);
  EXPECT_EQ(files.find("run.sh")->mode, FileMode::executable);
  EXPECT_THAT(files.excluded, ElementsAre("*.blend1"));
  EXPECT_EQ(files.entry, "");
}

TEST_F(SnapshotTest, BytesInNamesSurvive) {
  write("tex/caf\xe9.png", "latin1");
  write("a.blend", blend({"//tex/caf\xe9.png"}));
  const auto banked = bank("a.blend");
  ASSERT_TRUE(banked) << banked.error().line();
  EXPECT_EQ(restored(banked->job).at("tex/caf\xe9.png"), "latin1");
}

TEST_F(SnapshotTest, ManyFilesKeepTheirTableAsContent) {
  for (int i = 0; i < 1200; ++i) write("many/f" + std::to_string(i), "file " + std::to_string(i));
  const auto banked = bank("many");
  ASSERT_TRUE(banked) << banked.error().line();
  EXPECT_EQ(manifest(banked->job).files.size(), 1200U);
  EXPECT_LT(fs::file_size(JobStore(*production_).path_of(banked->job)), 1000U);
}

TEST_F(SnapshotTest, LfsPointerIsRefusedAlsoTheSecondTime) {
  write("a.blend", blend({"//a.png"}));
  write("a.png", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n");
  settle();
  for (int i = 0; i < 2; ++i) {
    const auto banked = bank("a.blend");
    ASSERT_FALSE(banked);
    EXPECT_EQ(banked.error().next, "git lfs pull");
  }
}

TEST_F(SnapshotTest, DryRunStoresNothing) {
  shot();
  const auto dry = bank("shots/a.blend", {.dry_run = true});
  ASSERT_TRUE(dry);
  EXPECT_EQ(dry->files, 4U);
  EXPECT_GT(dry->new_bytes, 0U);
  EXPECT_THAT(*JobStore(*production_).list(), IsEmpty());
}

TEST_F(SnapshotTest, DamagedManifestIsNeverBelieved) {
  shot();
  const auto banked = bank("shots/a.blend");
  ASSERT_TRUE(banked);
  const fs::path file = JobStore(*production_).path_of(banked->job);
  std::string text = test::read_file(file);
  const std::size_t at = text.find("\"size\":") + 7;
  text[at] = text[at] == '1' ? '2' : '1';
  fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
  folder_.write(fs::relative(file, folder_.path()), text);
  const auto loaded = JobStore(*production_).load(banked->job);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::corrupt);
}

TEST_F(SnapshotTest, RestoreNeverWritesOverAnything) {
  shot();
  const auto banked = bank("shots/a.blend");
  folder_.write("there/file", "mine");
  const auto result = restore_job(
      *production_,
      {.job = banked->job, .folder = folder_ / "there", .only = {}, .progress = {}, .cancelled = {}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::exists);
  EXPECT_EQ(test::read_file(folder_ / "there/file"), "mine");
}

// A copy that broke off: what is there is banked, and the person is told.
TEST_F(SnapshotTest, FileThatEndsTooEarlyIsAWarning) {
  const std::string whole = blend({});
  write("whole.blend", whole);
  const auto good = bank("whole.blend");
  ASSERT_TRUE(good) << good.error().line();
  EXPECT_THAT(good->warnings, testing::IsEmpty());
  for (const std::size_t missing : {1U, 16U, 20U, 24U}) {
    write("cut.blend", whole.substr(0, whole.size() - missing));
    const auto cut = bank("cut.blend", {.allow_missing = true});
    ASSERT_TRUE(cut) << cut.error().line();
    EXPECT_THAT(cut->warnings, testing::ElementsAre(testing::HasSubstr("cut.blend: the file ends too early")))
        << missing;
    EXPECT_EQ(bank("cut.blend", {.allow_missing = true})->warnings, cut->warnings)
        << "also where nothing changed";
  }
}

}  // namespace
}  // namespace souschef::core
