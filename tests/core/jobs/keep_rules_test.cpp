// SPDX-License-Identifier: MIT
#include "core/jobs/keep_rules.hpp"

#include <gtest/gtest.h>

#include "store/hasher.hpp"

namespace souschef::core {
namespace {

constexpr std::int64_t kDay = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kNow = 1'000 * kDay;

SnapshotRecord record(const std::string& name, std::int64_t days_old, Origin origin = Origin::person,
                      const std::string& entry = "a.blend") {
  SnapshotRecord made;
  made.ulid = name;
  made.job = JobId(store::hash_of(name));
  made.entry = entry;
  made.origin = origin;
  made.user = "ada";
  made.time_ms = kNow - days_old * kDay;
  return made;
}

std::vector<bool> kept(const std::vector<SnapshotRecord>& records, const KeepRules& rules,
                       const std::map<JobId, std::string>& held = {}) {
  std::vector<bool> result;
  for (const SnapshotFate& fate : judge_snapshots(records, rules, held, kNow)) {
    EXPECT_FALSE(fate.why.empty());
    result.push_back(fate.keep);
  }
  return result;
}

using Kept = std::vector<bool>;

TEST(KeepRules, WithoutRulesWhatPeopleMadeStays) {
  EXPECT_EQ(kept({record("1", 900), record("2", 1)}, {}), (Kept{true, true}));
}

TEST(KeepRules, TheLastOfEachEntryStay) {
  const std::vector<SnapshotRecord> records = {record("1", 9), record("2", 8, Origin::person, "b.blend"),
                                               record("3", 7), record("4", 6)};
  EXPECT_EQ(kept(records, {.keep_last = 2}), (Kept{false, true, true, true}));
}

TEST(KeepRules, TheYoungStay) {
  EXPECT_EQ(kept({record("1", 40), record("2", 20)}, {.keep_days = 30}), (Kept{false, true}));
}

TEST(KeepRules, ARuleOfTagsLetsTheRestGo) {
  SnapshotRecord tagged = record("1", 90);
  tagged.tags = {"final"};
  EXPECT_EQ(kept({tagged, record("2", 80)}, {.keep_tags = {"final"}}), (Kept{true, false}));
  // A tag that is not asked for keeps all the same.
  EXPECT_EQ(kept({tagged, record("2", 80)}, {.keep_tags = {"review"}}), (Kept{true, false}));
}

TEST(KeepRules, OfTwoRulesEitherIsEnough) {
  const std::vector<SnapshotRecord> records = {record("1", 90), record("2", 80), record("3", 20)};
  EXPECT_EQ(kept(records, {.keep_last = 2, .keep_days = 30}), (Kept{false, true, true}));
}

TEST(KeepRules, OfAutomaticOnesTheLastStayWithoutAnyRule) {
  std::vector<SnapshotRecord> records = {record("p", 30)};
  for (int i = 0; i < 4; ++i) records.push_back(record(std::to_string(i), 20 - i, Origin::watch));
  EXPECT_EQ(kept(records, {.keep_automatic = 2}), (Kept{true, false, false, true, true}));
}

TEST(KeepRules, AutomaticOnesOfThisHourStay) {
  std::vector<SnapshotRecord> records = {record("1", 0, Origin::order)};
  EXPECT_EQ(kept(records, {.keep_automatic = 0}), (Kept{true}));
  records[0].time_ms -= 2 * 60 * 60 * 1000;
  EXPECT_EQ(kept(records, {.keep_automatic = 0}), (Kept{false}));
}

TEST(KeepRules, WhatSomethingElseNeedsStaysAndIsNotDroppable) {
  const std::vector<SnapshotRecord> records = {record("1", 90), record("2", 80)};
  const auto fates = judge_snapshots(records, {.keep_last = 1}, {{records[0].job, "order fisk"}}, kNow);
  EXPECT_TRUE(fates[0].keep);
  EXPECT_FALSE(fates[0].droppable);
  EXPECT_EQ(fates[0].why, "order fisk");
  EXPECT_TRUE(fates[1].droppable);
}

TEST(KeepRules, TaggedOnesStay) {
  std::vector<SnapshotRecord> records = {record("1", 90), record("2", 80)};
  records[0].tags = {"final"};
  EXPECT_EQ(kept(records, {.keep_last = 1}), (Kept{true, true}));
}

TEST(KeepRules, SizesAreReadAsPeopleWriteThem) {
  EXPECT_EQ(*parse_size("500 GB"), 500'000'000'000U);
  EXPECT_EQ(*parse_size("2tb"), 2'000'000'000'000U);
  EXPECT_EQ(*parse_size("1.5M"), 1'500'000U);
  EXPECT_EQ(*parse_size("17"), 17U);
  for (const char* wrong : {"", "x", "5 XB", "-1", "1e30", "5 GBB"}) EXPECT_FALSE(parse_size(wrong)) << wrong;
}

}  // namespace
}  // namespace souschef::core
