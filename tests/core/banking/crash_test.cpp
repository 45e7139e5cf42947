// SPDX-License-Identifier: MIT
// A snapshot, from the first byte of its content to its tag, on a disk that dies, loses power or fills up at
// every single step. What was acknowledged before is there afterwards, bit for bit, and banking goes on.
#include <gmock/gmock.h>

#include "core/jobs/check_production.hpp"
#include "core/jobs/marks.hpp"
#include "tests/core/banking/production_fixture.hpp"
#include "tests/support/fault_file_system.hpp"
#include "tests/support/random_bytes.hpp"

namespace souschef::core {
namespace {

namespace fs = std::filesystem;

using test::FaultFileSystem;
using test::Loss;

constexpr std::uint64_t kMostSteps = 300;

class BankingCrash : public ProductionFixture {
 protected:
  void SetUp() override {
    ProductionFixture::SetUp();
    write("tex.png", test::random_words(200'000, 1));
    write("a.blend", blend({"//tex.png"}));
    const auto first = bank("a.blend");
    ASSERT_TRUE(first) << first.error().line();
    first_ = first->job;
    texture_before_ = test::random_words(200'000, 1);
    texture_ = test::random_words(250'000, 2);
    write("tex.png", texture_);
    production_.reset();
    fs::copy(dot(), folder_ / "copy", fs::copy_options::recursive);
  }
  [[nodiscard]] fs::path dot() const { return root() / ".souschef"; }
  // Back to how SetUp left it.
  void rewind() const {
    fs::remove_all(dot());
    fs::copy(folder_ / "copy", dot(), fs::copy_options::recursive);
  }
  // Banks and tags through `disk`; nothing where that failed.
  std::optional<JobId> bank_on(FaultFileSystem& disk) const {
    const auto production = Production::open(root(), {.disk = &disk});
    if (!production) return std::nullopt;
    SnapshotRequest request;
    request.path = root() / "a.blend";
    const auto banked = take_snapshot(**production, request);
    if (!banked) return std::nullopt;
    if (!put_mark(**production, make_mark(MarkKind::tag, "final", banked->job, ""))) return std::nullopt;
    return banked->job;
  }
  void expect_restores(JobId job, const std::string& texture) {
    const auto restored = restore(job);
    ASSERT_TRUE(restored) << restored.error().line();
    EXPECT_TRUE(test::read_file(*restored / "tex.png") == texture);
    EXPECT_TRUE(test::read_file(*restored / "a.blend") == test::read_file(root() / "a.blend"));
  }
  void expect_sound(std::optional<JobId> acknowledged) {
    reopen();
    expect_restores(first_, texture_before_);
    if (acknowledged) {
      expect_restores(*acknowledged, texture_);
      const auto tag = find_mark(*production_, MarkKind::tag, "final");
      ASSERT_TRUE(tag && *tag) << "the tag is gone";
      EXPECT_EQ((*tag)->job, *acknowledged);
    }
    const auto records = JobStore(*production_).snapshots();
    ASSERT_TRUE(records);
    for (const SnapshotRecord& record : *records) EXPECT_TRUE(JobStore(*production_).load(record.job));
    const auto again = bank("a.blend");
    ASSERT_TRUE(again) << again.error().line();
    expect_restores(again->job, texture_);
    CheckJobsRequest request;
    request.data_percent = 100;
    const auto report = check_production(*production_, request);
    ASSERT_TRUE(report) << report.error().line();
    EXPECT_TRUE(report->clean());
    production_.reset();
  }

  JobId first_;
  std::string texture_before_, texture_;
};

TEST_F(BankingCrash, PowerCutsAtEveryStep) {
  bool whole = false;
  for (std::uint64_t step = 1; !whole; ++step) {
    for (const Loss loss : {Loss::data, Loss::everything, Loss::some}) {
      SCOPED_TRACE("step " + std::to_string(step) + ", loss " + std::to_string(static_cast<int>(loss)));
      rewind();
      std::optional<JobId> job;
      {
        FaultFileSystem disk(dot());
        disk.die_at(step);
        job = bank_on(disk);
        whole = job && !disk.died();
        disk.lose_power(loss, step);
      }
      expect_sound(job);
      if (HasFailure()) return;
    }
    ASSERT_LT(step, kMostSteps);
  }
}

TEST_F(BankingCrash, AFullDiskAtEveryStep) {
  bool whole = false;
  for (std::uint64_t step = 1; !whole; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    rewind();
    std::optional<JobId> job;
    {
      FaultFileSystem disk(dot());
      disk.fill_up_at(step);
      job = bank_on(disk);
      whole = job.has_value();
    }
    expect_sound(job);
    if (HasFailure()) return;
    ASSERT_LT(step, kMostSteps);
  }
}

TEST_F(BankingCrash, AnErrorOfTheDiskAtEveryStepIsSaidOrDoesNotMatter) {
  for (std::uint64_t step = 1; step < kMostSteps; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    rewind();
    std::optional<JobId> job;
    std::uint64_t steps = 0;
    {
      FaultFileSystem disk(dot());
      disk.fail_at(step);
      job = bank_on(disk);
      steps = disk.steps();
      disk.lose_power(Loss::everything, step);
    }
    expect_sound(job);
    if (HasFailure() || steps < step) return;
  }
  FAIL() << "a snapshot takes more steps than this test knows";
}

}  // namespace
}  // namespace souschef::core
