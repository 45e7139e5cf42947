// SPDX-License-Identifier: MIT
#include "core/jobs/diff_jobs.hpp"

#include "core/jobs/repair_production.hpp"
#include "tests/core/banking/production_fixture.hpp"
#include "tests/support/random_bytes.hpp"

namespace souschef::core {
namespace {

namespace fs = std::filesystem;

class DiffJobsTest : public ProductionFixture {
 protected:
  JobId version() {
    const auto banked = bank("a");
    EXPECT_TRUE(banked) << banked.error().line();
    return banked->job;
  }
  JobDiff diff(JobId before, std::optional<JobId> after = {}) {
    auto found = diff_jobs(*production_, {before, after, true});
    EXPECT_TRUE(found) << found.error().line();
    return found ? std::move(*found) : JobDiff();
  }
};

TEST_F(DiffJobsTest, AddedRemovedAndChangedFilesAreTold) {
  write("a/same", "1");
  write("a/gone", "2");
  write("a/edited", "3");
  const JobId before = version();
  fs::remove(root() / "a/gone");
  write("a/edited", "33");
  write("a/new", "4");
  const JobDiff found = diff(before, version());
  ASSERT_EQ(found.files.size(), 3U);
  EXPECT_EQ(found.same, 1U);
  EXPECT_EQ(found.files[0].path, "a/edited");
  EXPECT_EQ(found.files[0].change, ChangeKind::changed);
  EXPECT_EQ(found.files[0].after, 2U);
  EXPECT_EQ(found.files[1].change, ChangeKind::removed);
  EXPECT_EQ(found.files[2].change, ChangeKind::added);
}

TEST_F(DiffJobsTest, WorkingFilesAreCompared) {
  write("a/same", "1");
  write("a/gone", "2");
  write("a/edited", "3");
  const JobId before = version();
  EXPECT_TRUE(diff(before).files.empty());
  fs::remove(root() / "a/gone");
  write("a/edited", "4");
  const JobDiff found = diff(before);
  ASSERT_EQ(found.files.size(), 2U);
  EXPECT_EQ(found.files[0].path, "a/edited");
  EXPECT_EQ(found.files[1].change, ChangeKind::removed);
}

TEST_F(DiffJobsTest, DatablocksOfABlendAreTold) {
  write("a/shot.blend", blend({}, {}, "OBBefore"));
  const JobId before = version();
  write("a/shot.blend", blend({}, {}, "OBAfter"));
  const JobDiff found = diff(before, version());
  ASSERT_EQ(found.files.size(), 1U);
  ASSERT_EQ(found.files[0].parts.size(), 2U) << found.files[0].note;
  EXPECT_EQ(found.files[0].parts[0].change, ChangeKind::removed);
  EXPECT_EQ(found.files[0].parts[0].kind, "object");
  EXPECT_EQ(found.files[0].parts[0].name, "Before");
  EXPECT_EQ(found.files[0].parts[1].name, "After");
}

TEST_F(DiffJobsTest, AFileThatIsNoBlendAnyMoreHasChangedAllTheSame) {
  write("a/shot.blend", blend({}));
  const JobId before = version();
  write("a/shot.blend", "not a .blend");
  const JobDiff found = diff(before);
  ASSERT_EQ(found.files.size(), 1U);
  EXPECT_TRUE(found.files[0].parts.empty());
}

class RepairProductionTest : public DiffJobsTest {
 protected:
  void lose_all_packs() {
    production_.reset();
    for (const auto& pack : fs::recursive_directory_iterator(root() / ".souschef/store/packs"))
      if (pack.is_regular_file()) fs::remove(pack.path());
    reopen();
  }
};

TEST_F(RepairProductionTest, FilesThatAreStillWhatWasBankedGiveBackWhatIsMissing) {
  write("a/file", test::random_words(300'000, 1));
  const JobId job = version();
  lose_all_packs();
  const auto repair = repair_production(*production_, {});
  ASSERT_TRUE(repair) << repair.error().line();
  EXPECT_EQ(repair->store.files_banked, 1U);
  EXPECT_TRUE(repair->after.clean());
  EXPECT_TRUE(restore(job));
}

TEST_F(RepairProductionTest, AnotherProductionGivesBackManifestsAndContent) {
  write("a/file", test::random_words(300'000, 1));
  const JobId job = version();
  fs::copy(root(), folder_ / "backup", fs::copy_options::recursive);
  fs::remove(root() / "a/file");
  fs::remove(JobStore(*production_).path_of(job));
  lose_all_packs();
  EXPECT_FALSE(repair_production(*production_, {})->after.clean());
  const auto repair = repair_production(*production_, {{folder_ / "backup"}, {}, {}});
  ASSERT_TRUE(repair) << repair.error().line();
  EXPECT_EQ(repair->manifests_fetched, std::vector{job});
  EXPECT_TRUE(repair->after.clean());
  EXPECT_TRUE(restore(job));
}

TEST_F(RepairProductionTest, AFolderWithoutAStoreIsRefused) {
  EXPECT_EQ(repair_production(*production_, {{folder_ / "nothing"}, {}, {}}).error().code,
            ErrorCode::not_found);
}

}  // namespace
}  // namespace souschef::core
