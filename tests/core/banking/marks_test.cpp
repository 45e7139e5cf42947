// SPDX-License-Identifier: MIT
#include "core/jobs/marks.hpp"

#include "core/jobs/roots.hpp"
#include "tests/core/banking/production_fixture.hpp"

namespace souschef::core {
namespace {

class MarksTest : public ProductionFixture {
 protected:
  JobId job_of(const std::string& content) {
    write("a/file", content);
    return bank("a")->job;
  }
};

TEST_F(MarksTest, ATagNamesAJob) {
  const JobId job = job_of("one");
  ASSERT_TRUE(put_mark(*production_, make_mark(MarkKind::tag, "for review: ätherisch", job)));
  EXPECT_EQ(*JobStore(*production_).find("for review: ätherisch"), job);
}

TEST_F(MarksTest, ATagThatIsUsedAgainMoves) {
  const JobId one = job_of("one");
  const JobId two = job_of("two");
  ASSERT_TRUE(put_mark(*production_, make_mark(MarkKind::tag, "final", one)));
  ASSERT_TRUE(put_mark(*production_, make_mark(MarkKind::tag, "final", two)));
  EXPECT_EQ(*JobStore(*production_).find("final"), two);
  EXPECT_EQ(list_marks(*production_)->size(), 1U);
}

TEST_F(MarksTest, ATagThatReadsAsAnIdIsRefused) {
  const JobId job = job_of("one");
  EXPECT_EQ(put_mark(*production_, make_mark(MarkKind::tag, "deadbeef", job)).error().code, ErrorCode::usage);
  EXPECT_EQ(put_mark(*production_, make_mark(MarkKind::tag, "", job)).error().code, ErrorCode::usage);
}

TEST_F(MarksTest, WhatWasRemovedIsGone) {
  const JobId job = job_of("one");
  ASSERT_TRUE(put_mark(*production_, make_mark(MarkKind::pin, job.hex(), job)));
  ASSERT_TRUE(remove_mark(*production_, MarkKind::pin, job.hex()));
  EXPECT_EQ(remove_mark(*production_, MarkKind::pin, job.hex()).error().code, ErrorCode::not_found);
  EXPECT_TRUE(list_marks(*production_)->empty());
}

TEST_F(MarksTest, DamagedMarksAreNamed) {
  write(".souschef/store/pins/x.json", "{");
  std::vector<std::string> damaged;
  ASSERT_TRUE(list_marks(*production_, &damaged));
  EXPECT_EQ(damaged, std::vector<std::string>{"pins/x.json"});
}

TEST_F(MarksTest, RootsAreSnapshotsPinsTagsAndLeases) {
  const JobId job = job_of("one");
  ASSERT_TRUE(put_mark(*production_, make_mark(MarkKind::pin, job.hex(), job)));
  ASSERT_TRUE(put_mark(*production_, make_mark(MarkKind::tag, "final", job)));
  store::LeaseRecord lease;
  lease.role = "read-x";
  lease.number = 1;
  lease.keeps = {keep_of(job), "something else"};
  const auto roots = *read_roots(*production_, {lease});
  std::vector<RootKind> kinds;
  for (const Root& root : roots.roots) {
    kinds.push_back(root.kind);
    EXPECT_EQ(root.job, job);
  }
  EXPECT_EQ(kinds, (std::vector{RootKind::snapshot, RootKind::pin, RootKind::tag, RootKind::lease}));
  EXPECT_TRUE(roots.unreadable.empty());
}

TEST_F(MarksTest, WhatCannotBeReadIsNoRootButNamed) {
  job_of("one");
  write(".souschef/store/snapshots/01HF0000000000000000000000.json", "{}");
  EXPECT_EQ(read_roots(*production_, {})->unreadable.size(), 1U);
}

}  // namespace
}  // namespace souschef::core
