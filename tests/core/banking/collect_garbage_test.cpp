// SPDX-License-Identifier: MIT
#include "core/jobs/collect_garbage.hpp"

#include "core/jobs/check_production.hpp"
#include "core/jobs/marks.hpp"
#include "core/jobs/roots.hpp"
#include "core/jobs/why.hpp"
#include "core/queue/order.hpp"
#include "core/queue/request.hpp"
#include "store/dump.hpp"
#include "store/lease.hpp"
#include "tests/core/banking/production_fixture.hpp"
#include "tests/support/busy_disk.hpp"
#include "tests/support/random_bytes.hpp"

namespace souschef::core {
namespace {

namespace fs = std::filesystem;
using test::random_words;

class CollectGarbageTest : public ProductionFixture {
 protected:
  // A version of the folder a; its job.
  JobId version(std::uint64_t seed, const std::string& folder = "a") {
    write(folder + "/file", random_words(200'000, seed));
    const auto banked = bank(folder);
    EXPECT_TRUE(banked) << banked.error().line();
    return banked->job;
  }
  GcReport gc(GcRequest request = {}) {
    auto report = collect_garbage(*production_, request);
    EXPECT_TRUE(report) << report.error().line();
    return report ? std::move(*report) : GcReport();
  }
  static GcRequest keep_last(std::int64_t count) {
    GcRequest request;
    request.rules.keep_last = count;
    return request;
  }
  void expect_clean() {
    CheckJobsRequest request;
    request.data_percent = 100;
    EXPECT_TRUE(check_production(*production_, request)->clean());
  }
};

TEST_F(CollectGarbageTest, WithoutRulesEverySnapshotStays) {
  const JobId one = version(1), two = version(2);
  const GcReport report = gc();
  EXPECT_EQ(report.snapshots_dropped, 0U);
  EXPECT_TRUE(restore(one) && restore(two));
}

TEST_F(CollectGarbageTest, OldSnapshotsGoWithTheirJobsAndContent) {
  const JobId one = version(1), two = version(2), three = version(3);
  const GcReport report = gc(keep_last(1));
  EXPECT_EQ(report.snapshots_dropped, 2U);
  EXPECT_EQ(report.jobs.size(), 2U);
  EXPECT_GT(report.bytes_removed, 50'000U);
  EXPECT_FALSE(JobStore(*production_).exists(one) || JobStore(*production_).exists(two));
  EXPECT_TRUE(restore(three));
  expect_clean();
}

TEST_F(CollectGarbageTest, ADryRunSaysTheSameAndChangesNothing) {
  const JobId one = version(1);
  version(2);
  GcRequest request = keep_last(1);
  request.dry_run = true;
  const GcReport report = gc(request);
  EXPECT_EQ(report.snapshots_dropped, 1U);
  ASSERT_EQ(report.jobs.size(), 1U);
  EXPECT_EQ(report.jobs[0].job, one);
  EXPECT_EQ(report.jobs[0].files, 1U);
  EXPECT_GT(report.jobs[0].stored, 10'000U);
  EXPECT_GT(report.plan.freed(), 10'000U);
  EXPECT_TRUE(restore(one));
  EXPECT_EQ(JobStore(*production_).snapshots()->size(), 2U);
}

TEST_F(CollectGarbageTest, PinsAndTagsKeep) {
  const JobId pinned = version(1), tagged = version(2), gone = version(3);
  version(4);
  ASSERT_TRUE(put_mark(*production_, make_mark(MarkKind::pin, pinned.hex(), pinned)));
  ASSERT_TRUE(put_mark(*production_, make_mark(MarkKind::tag, "final", tagged)));
  gc(keep_last(1));
  EXPECT_TRUE(restore(pinned) && restore(tagged));
  EXPECT_FALSE(restore(gone));
}

TEST_F(CollectGarbageTest, AnOrderInTheInboxKeepsItsJob) {
  const JobId one = version(1);
  version(2);
  Order order;
  order.id = "01HF0000000000000000000000";
  order.name = "fisk";
  order.job = one;
  order.entry = "a/file";
  order.target = "t";
  order.renderer = "null";
  order.frames = *FrameRange::parse("1");
  const QueueFolder queue{production_->paths().queue()};
  ASSERT_TRUE(make_queue_folder(queue));
  ASSERT_TRUE(drop_request(queue, make_order_request(order)));
  const GcReport report = gc(keep_last(1));
  EXPECT_EQ(report.snapshots_dropped, 0U);
  EXPECT_TRUE(restore(one));
}

TEST_F(CollectGarbageTest, AReaderKeepsItsJob) {
  const JobId one = version(1);
  version(2);
  const auto reading = *(*production_->store())->begin_read("test", {keep_of(one)});
  gc(keep_last(1));
  EXPECT_TRUE(restore(one));
}

TEST_F(CollectGarbageTest, UndoBringsJobsAndSnapshotsBack) {
  const JobId one = version(1);
  version(2);
  gc(keep_last(1));
  ASSERT_TRUE(undo_gc(*production_));
  EXPECT_EQ(JobStore(*production_).snapshots()->size(), 2U);
  EXPECT_TRUE(restore(one));
  expect_clean();
}

TEST_F(CollectGarbageTest, NowEmptiesTheTrash) {
  version(1);
  version(2);
  GcRequest request = keep_last(1);
  request.now = true;
  const GcReport report = gc(request);
  EXPECT_EQ(report.trash.batches, 1U);
  EXPECT_EQ(undo_gc(*production_).error().code, ErrorCode::not_found);
  expect_clean();
}

TEST_F(CollectGarbageTest, WithNothingToDoTheGenerationStays) {
  version(1);
  gc();
  EXPECT_FALSE(fs::exists(root() / ".souschef/store/gc-generation"));
}

TEST_F(CollectGarbageTest, NowAfterwardsEmptiesTheTrashToo) {
  version(1);
  version(2);
  gc(keep_last(1));
  GcRequest request = keep_last(1);
  request.now = true;
  EXPECT_EQ(gc(request).trash.batches, 1U);
}

TEST_F(CollectGarbageTest, WhatIsBankedAgainAfterItWasDroppedIsThere) {
  const JobId one = version(1);
  version(2);
  GcRequest request = keep_last(1);
  request.now = true;
  gc(request);
  EXPECT_EQ(version(1), one);
  EXPECT_TRUE(restore(one));
  expect_clean();
}

TEST_F(CollectGarbageTest, ASizeDropsTheOldestAsFewAsNeeded) {
  std::vector<JobId> jobs;
  for (std::uint64_t i = 0; i < 6; ++i) jobs.push_back(version(i));
  GcRequest request;
  request.dry_run = true;
  const std::uint64_t all = gc(request).plan.live;
  request.dry_run = false;
  request.rules.max_size = all / 2 + all / 20;
  const GcReport report = gc(request);
  EXPECT_EQ(report.snapshots_dropped, 3U);
  EXPECT_FALSE(restore(jobs[2]));
  EXPECT_TRUE(restore(jobs[3]) && restore(jobs[5]));
}

TEST_F(CollectGarbageTest, ARecordThatCannotBeReadStopsItBeforeAnythingIsTouched) {
  const JobId one = version(1);
  version(2);
  write(".souschef/store/snapshots/01HF0000000000000000000000.json", "{");
  const auto report = collect_garbage(*production_, keep_last(1));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::corrupt);
  EXPECT_TRUE(restore(one));
}

TEST_F(CollectGarbageTest, ADamagedJobIsKeptListedAndNoObstacle) {
  const JobId damaged = version(1, "b");
  for (const auto& pack : fs::recursive_directory_iterator(root() / ".souschef/store/packs"))
    if (pack.is_regular_file()) fs::remove(pack.path());
  reopen();
  version(2);
  version(3);
  EXPECT_EQ(collect_garbage(*production_, keep_last(1)).error().code, ErrorCode::corrupt);
  ASSERT_TRUE(check_production(*production_, {}));
  const GcReport report = gc(keep_last(1));
  EXPECT_EQ(report.damaged, std::vector<std::string>{damaged.hex()});
  EXPECT_EQ(report.snapshots_dropped, 1U);
  EXPECT_TRUE(JobStore(*production_).exists(damaged));
}

TEST_F(CollectGarbageTest, WhyTellsTheChainFromRootToFile) {
  const JobId one = version(1);
  ASSERT_TRUE(put_mark(*production_, make_mark(MarkKind::tag, "final", one)));
  const auto by_file = why(*production_, "a/file");
  ASSERT_TRUE(by_file) << by_file.error().line();
  ASSERT_EQ(by_file->chains.size(), 1U);
  EXPECT_EQ(by_file->chains[0].roots.size(), 2U);
  EXPECT_EQ(why(*production_, "final")->chains[0].job, one);
  const std::string content = manifest(one).files[0].content.hex();
  const auto by_content = why(*production_, content);
  ASSERT_TRUE(by_content) << by_content.error().line();
  EXPECT_EQ(by_content->chains.at(0).files, std::vector<std::string>{"a/file"});
  EXPECT_EQ(why(*production_, std::string(64, '0')).error().code, ErrorCode::not_found);
}

TEST_F(CollectGarbageTest, WhyFindsWhoNeedsAPack) {
  const JobId one = version(1);
  for (const auto& pack : fs::recursive_directory_iterator(root() / ".souschef/store/packs")) {
    if (!pack.is_regular_file()) continue;
    const auto answer = why(*production_, pack.path().stem().string());
    ASSERT_TRUE(answer) << answer.error().line();
    EXPECT_EQ(answer->chains.at(0).job, one);
  }
}

// At every look that the check takes at the disk; with `now` nothing of the jobs that go is left anywhere.
TEST_F(CollectGarbageTest, CheckBesideItRaisesNoAlarm) {
  version(1);
  version(2);
  version(3, "b");
  production_.reset();
  const fs::path dot = root() / ".souschef";
  fs::copy(dot, folder_ / "copy", fs::copy_options::recursive);
  GcRequest request = keep_last(1);
  for (const bool now : {false, true}) {
    request.now = now;
    bool whole = false;
    for (std::uint64_t look = 1; !whole; ++look) {
      SCOPED_TRACE("look " + std::to_string(look) + (now ? ", now" : ""));
      fs::remove_all(dot);
      fs::copy(folder_ / "copy", dot, fs::copy_options::recursive);
      test::BusyDisk disk(look, [&] {
        reopen();
        EXPECT_EQ(gc(request).snapshots_dropped, 1U);
      });
      const auto production = Production::open(root(), {.disk = &disk});
      ASSERT_TRUE(production) << production.error().line();
      const auto report = check_production(**production, {.data_percent = 100});
      ASSERT_TRUE(report) << report.error().line();
      EXPECT_TRUE(report->clean());
      for (const DamagedJob& job : report->damaged_jobs) ADD_FAILURE() << job.why;
      EXPECT_TRUE(damaged_jobs(**production)->empty());
      production_.reset();
      whole = !disk.happened();
      ASSERT_LT(look, 1'000U);
    }
  }
}

}  // namespace
}  // namespace souschef::core
