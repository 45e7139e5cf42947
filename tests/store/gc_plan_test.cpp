// SPDX-License-Identifier: MIT
#include "store/gc_plan.hpp"

#include <gtest/gtest.h>

#include "store/hasher.hpp"

namespace souschef::store {
namespace {

constexpr std::uint32_t kMega = 1'000'000;

// A pack of frames of one megabyte each; `live`: the needed percent of each.
PackUsage pack(const std::string& name, const std::vector<unsigned>& live) {
  PackUsage usage;
  usage.id = PackId(hash_of(name));
  for (const unsigned percent : live) {
    usage.frames.push_back({kMega, kMega, kMega / 100 * percent, percent > 0});
    usage.size += kMega;
  }
  return usage;
}

TEST(GcPlan, NothingToDoWhereAllIsNeeded) {
  const std::vector<PackUsage> packs = {pack("a", {100, 100}), pack("b", {100})};
  EXPECT_TRUE(plan_gc(packs, {}).empty());
}

TEST(GcPlan, DropsPacksOfWhichNothingIsNeeded) {
  const std::vector<PackUsage> packs = {pack("a", {0, 0}), pack("b", {100})};
  const GcPlan plan = plan_gc(packs, {});
  EXPECT_EQ(plan.packs[0].fate, PackFate::drop);
  EXPECT_EQ(plan.packs[1].fate, PackFate::keep);
  EXPECT_EQ(plan.freed(), 2U * kMega);
}

TEST(GcPlan, KeepsAPackOfALivingWriter) {
  std::vector<PackUsage> packs = {pack("a", {0, 0})};
  packs[0].protector = "write-x.1";
  const GcPlan plan = plan_gc(packs, {});
  EXPECT_TRUE(plan.empty());
  EXPECT_EQ(plan.packs[0].reason, FateReason::begun_by_lease);
}

TEST(GcPlan, KeepsADamagedPack) {
  std::vector<PackUsage> packs = {pack("a", {0, 50})};
  packs[0].unreadable = true;
  EXPECT_TRUE(plan_gc(packs, {}).empty());
}

TEST(GcPlan, ToleratesATenthOfWaste) {
  const std::vector<PackUsage> packs = {pack("a", {100, 100, 100, 100, 100, 100, 100, 100, 100, 5})};
  EXPECT_TRUE(plan_gc(packs, {.most_waste = 0.11}).empty());
  EXPECT_FALSE(plan_gc(packs, {.most_waste = 0.09}).empty());
}

TEST(GcPlan, RewritesTheMostWastefulFirst) {
  const std::vector<PackUsage> packs = {pack("a", {100, 100, 100, 100, 100, 100, 100, 100, 95}),
                                        pack("b", {100, 0, 0, 0})};
  const GcPlan plan = plan_gc(packs, {});
  EXPECT_EQ(plan.packs[0].fate, PackFate::keep);
  EXPECT_EQ(plan.packs[1].fate, PackFate::rewrite);
  EXPECT_EQ(plan.copied, kMega);
}

TEST(GcPlan, FramesThatAreMostlyNeededAreCopiedAsTheyAre) {
  const std::vector<PackUsage> packs = {pack("a", {95, 95, 95, 95, 95, 0, 0, 0})};
  const GcPlan plan = plan_gc(packs, {});
  EXPECT_LT(plan.verbatim_from, 0.9);
  EXPECT_EQ(plan.copied, 5U * kMega);
}

TEST(GcPlan, UnlessTooMuchWouldBeLeftInThem) {
  const std::vector<PackUsage> packs = {pack("a", {86, 86, 86, 86, 0})};
  const GcPlan plan = plan_gc(packs, {});
  EXPECT_EQ(plan.verbatim_from, 1.0);
  EXPECT_EQ(plan.packs[0].fate, PackFate::rewrite);
}

TEST(GcPlan, MergesSmallPacksWhenThereAreMany) {
  std::vector<PackUsage> packs;
  for (int i = 0; i < 65; ++i) packs.push_back(pack(std::to_string(i), {100}));
  EXPECT_EQ(plan_gc(packs, {}).rewritten, 65U * kMega);
  packs.pop_back();
  EXPECT_TRUE(plan_gc(packs, {}).empty());
}

TEST(GcPlan, WithLittleRoomThoseComeFirstThatGiveBackMost) {
  const std::vector<PackUsage> packs = {pack("a", {100, 100, 0, 0}), pack("b", {100, 0, 0, 0})};
  const GcPlan plan = plan_gc(packs, {.most_copied = kMega});
  EXPECT_TRUE(plan.limited);
  EXPECT_EQ(plan.packs[0].reason, FateReason::no_room);
  EXPECT_EQ(plan.packs[1].fate, PackFate::rewrite);
}

TEST(GcPlan, DroppingNeedsNoRoom) {
  const std::vector<PackUsage> packs = {pack("a", {0})};
  const GcPlan plan = plan_gc(packs, {.most_copied = 0});
  EXPECT_EQ(plan.packs[0].fate, PackFate::drop);
  EXPECT_FALSE(plan.limited);
}

}  // namespace
}  // namespace souschef::store
