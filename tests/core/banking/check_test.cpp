// SPDX-License-Identifier: MIT
#include "core/jobs/check_production.hpp"

#include "core/jobs/production_statistics.hpp"
#include "store/dump.hpp"
#include "tests/core/banking/production_fixture.hpp"
#include "tests/support/random_bytes.hpp"

namespace souschef::core {
namespace {

namespace fs = std::filesystem;

class CheckProductionTest : public ProductionFixture {
 protected:
  ProductionCheck check(double percent = 100) {
    reopen();
    CheckJobsRequest request;
    request.data_percent = percent;
    auto report = check_production(*production_, request);
    EXPECT_TRUE(report) << report.error().line();
    return report ? std::move(*report) : ProductionCheck();
  }
  [[nodiscard]] std::vector<fs::path> packs() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(root() / ".souschef/store/packs"))
      if (entry.is_regular_file()) found.push_back(entry.path());
    return found;
  }
  void damage(const fs::path& pack, std::uint64_t at, std::uint64_t bytes) const {
    write(".souschef/store/TEST-STORE", "");
    ASSERT_TRUE(store::corrupt_test_store(pack, at, bytes));
  }
};

TEST_F(CheckProductionTest, AGoodProductionIsClean) {
  write("a.png", test::random_words(300'000, 1));
  ASSERT_TRUE(bank(""));
  const ProductionCheck report = check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.jobs, 1U);
  EXPECT_TRUE(damaged_jobs(*production_)->empty());
}

TEST_F(CheckProductionTest, DamageIsNamedByJobAndFile) {
  write("a/first.bin", test::random_words(300'000, 1));
  const auto first = bank("a");
  const auto pack = packs().at(0);
  write("b/second.bin", test::random_words(300'000, 2));
  ASSERT_TRUE(bank("b"));
  damage(pack, 5000, 1);
  const ProductionCheck report = check();
  ASSERT_EQ(report.damaged_jobs.size(), 1U);
  EXPECT_EQ(report.damaged_jobs[0].job, first->job);
  EXPECT_EQ(report.damaged_jobs[0].files, std::vector<std::string>{"a/first.bin"});
  EXPECT_EQ(report.damaged_jobs[0].snapshots, std::vector<std::string>{first->snapshot});
}

TEST_F(CheckProductionTest, DamageIsRememberedUntilAllDataWasReadAgain) {
  write("a/first.bin", test::random_words(300'000, 1));
  const auto first = bank("a");
  damage(packs().at(0), 5000, 1);
  check();
  EXPECT_EQ(*damaged_jobs(*production_), std::vector<JobId>{first->job});
  damage(packs().at(0), 5000, 1);  // a second flip undoes the first
  check(0);
  EXPECT_EQ(damaged_jobs(*production_)->size(), 1U);
  check(100);
  EXPECT_TRUE(damaged_jobs(*production_)->empty());
}

TEST_F(CheckProductionTest, AJobThatNothingRefersToIsNoDamageWhenItIsNotWhole) {
  write("a/first.bin", test::random_words(300'000, 1));
  ASSERT_TRUE(bank("a"));
  const fs::path store = root() / ".souschef/store";
  for (const auto& record : fs::directory_iterator(store / "snapshots")) fs::remove_all(record);
  fs::remove(packs().at(0));
  fs::remove_all(root() / ".souschef/index");
  reopen();
  const ProductionCheck report = check();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.store.remarks.size(), 1U);
  EXPECT_TRUE(damaged_jobs(*production_)->empty());
}

TEST_F(CheckProductionTest, AManifestThatIsNotWhatItsNameSaysIsDamage) {
  write("a/first.bin", "content");
  const auto first = bank("a");
  const fs::path manifest = JobStore(*production_).path_of(first->job);
  fs::remove(manifest);
  folder_.write(manifest, "{}");
  const ProductionCheck report = check();
  ASSERT_EQ(report.damaged_jobs.size(), 1U);
  EXPECT_TRUE(report.damaged_jobs[0].files.empty());
}

TEST_F(CheckProductionTest, ARecordWithoutItsManifestIsDamage) {
  write("a/first.bin", "content");
  const auto first = bank("a");
  fs::remove(JobStore(*production_).path_of(first->job));
  EXPECT_EQ(check().damaged_jobs.size(), 1U);
}

class ProductionStatisticsTest : public CheckProductionTest {
 protected:
  void expect_rows_add_up(StatisticsBy by) {
    const auto statistics = production_statistics(*production_, by);
    ASSERT_TRUE(statistics) << statistics.error().line();
    std::uint64_t stored = statistics->shared.stored + statistics->unneeded.stored + statistics->tables;
    std::uint64_t logical = 0;
    for (const StatisticsRow& row : statistics->rows) {
      stored += row.alone.stored;
      logical += row.logical;
    }
    EXPECT_EQ(stored, statistics->packs);
    EXPECT_EQ(logical, statistics->logical);
    std::uint64_t on_disk = 0;
    for (const fs::path& pack : packs()) on_disk += fs::file_size(pack);
    EXPECT_EQ(statistics->packs, on_disk);
  }
};

TEST_F(ProductionStatisticsTest, RowsAddUpByEveryGrouping) {
  const std::string common = test::random_words(2'000'000, 1);
  write("a/x.bin", common + test::random_words(500'000, 2));
  write("b/y.bin", common);
  ASSERT_TRUE(bank("a"));
  ASSERT_TRUE(bank("b"));
  ASSERT_TRUE(bank(""));
  for (const StatisticsBy by : {StatisticsBy::entry, StatisticsBy::job, StatisticsBy::file})
    expect_rows_add_up(by);
}

TEST_F(ProductionStatisticsTest, AllVersionsOfAFileAreOneRow) {
  write("a/x.bin", test::random_words(200'000, 1));
  ASSERT_TRUE(bank("a"));
  write("a/x.bin", test::random_words(200'000, 2));
  ASSERT_TRUE(bank("a"));
  const auto statistics = *production_statistics(*production_, StatisticsBy::file);
  ASSERT_EQ(statistics.rows.size(), 1U);
  EXPECT_EQ(statistics.rows[0].jobs, 2U);
  EXPECT_GT(statistics.rows[0].alone.raw, 400'000U);
}

}  // namespace
}  // namespace souschef::core
