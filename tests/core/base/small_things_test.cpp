// SPDX-License-Identifier: MIT
// Values and words: ULIDs, ignore rules, suggestions, first lines, the cached form of a trace.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "core/base/first_line.hpp"
#include "core/base/suggestion.hpp"
#include "core/base/ulid.hpp"
#include "core/jobs/trace_record.hpp"
#include "core/production/ignore_rules.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

TEST(Ulid, SortsInTheOrderOfItsMaking) {
  std::string last;
  for (int i = 0; i < 5000; ++i) {
    const std::string ulid = new_ulid();
    ASSERT_TRUE(is_ulid(ulid)) << ulid;
    ASSERT_LT(last, ulid);
    last = ulid;
  }
  EXPECT_FALSE(is_ulid("01ARZ3NDEKTSV4RRFFQ69G5FAI"));  // I is not a digit
  EXPECT_FALSE(is_ulid("81ARZ3NDEKTSV4RRFFQ69G5FAV"));  // more than 128 bits
}
TEST(Ulid, DerivedOnesAreEqualForEqualThings) {
  const std::string id = derived_ulid(1'700'000'000'123, "watched drop");
  EXPECT_TRUE(is_ulid(id)) << id;
  EXPECT_EQ(ulid_milliseconds(id), 1'700'000'000'123);
  EXPECT_EQ(derived_ulid(1'700'000'000'123, "watched drop"), id);
  EXPECT_NE(derived_ulid(1'700'000'000'123, "watched drip"), id);
  EXPECT_NE(derived_ulid(1'700'000'000'124, "watched drop"), id);
}

TEST(Ulid, TimesThatItCannotHoldAreItsEnds) {
  EXPECT_EQ(ulid_milliseconds(derived_ulid(-5, "x")), 0);
  EXPECT_TRUE(is_ulid(derived_ulid(INT64_MAX, "x")));
}

TEST(Ulid, TimeIsInFront) {
  EXPECT_EQ(ulid_milliseconds("01ARZ3NDEKTSV4RRFFQ69G5FAV"), 1469922850259);
}

TEST(Glob, StarStopsAtSlashAndTwoDoNot) {
  EXPECT_TRUE(matches_glob("*.blend1", "a.blend1"));
  EXPECT_FALSE(matches_glob("*.blend1", "x/a.blend1"));
  EXPECT_TRUE(matches_glob("shots/**", "shots/a/b.blend"));
  EXPECT_TRUE(matches_glob("shots/**/*.blend", "shots/a.blend"));
  EXPECT_TRUE(matches_glob("shots/**/*.blend", "shots/x/y/a.blend"));
  EXPECT_FALSE(matches_glob("shots/*/*.blend", "shots/x/y/a.blend"));
  EXPECT_TRUE(matches_glob("a?c[0-9]", "abc7"));
  EXPECT_FALSE(matches_glob("a?c[!0-9]", "abc7"));
  EXPECT_TRUE(matches_glob("**", "anything/at/all"));
  EXPECT_TRUE(matches_glob("*a*b*c", "xaybzc"));
  EXPECT_FALSE(matches_glob("", "a"));
  EXPECT_TRUE(matches_glob("[", "["));
}

TEST(IgnoreRules, LastRuleDecides) {
  IgnoreRules rules;
  rules.add("# comment\n\n*.blend1\nrenders/\n/cache\n!keep.blend1\n");
  EXPECT_TRUE(rules.leaves_out("x/a.blend1", false));
  EXPECT_FALSE(rules.leaves_out("x/keep.blend1", false));
  EXPECT_TRUE(rules.leaves_out("shots/renders", true));
  EXPECT_FALSE(rules.leaves_out("shots/renders", false));
  EXPECT_TRUE(rules.leaves_out("cache", true));
  EXPECT_FALSE(rules.leaves_out("shots/cache", true));
  EXPECT_THAT(rules.written(), testing::ElementsAre("*.blend1", "renders/", "/cache", "!keep.blend1"));
}

TEST(Suggestion, FindsTheWordThatWasMeant) {
  const std::vector<std::string> known = {"snapshot", "snapshots", "restore", "render"};
  EXPECT_EQ(closest_word("snapshto", known), "snapshot");
  EXPECT_EQ(closest_word("rendr", known), "render");
  EXPECT_EQ(closest_word("frobnicate", known), "");
}

TEST(FirstLine, IsWithoutItsEnd) {
  const test::TempFolder folder;
  EXPECT_EQ(first_line(folder.write("two", "ref: refs/heads/main\nmore\n")), "ref: refs/heads/main");
  EXPECT_EQ(first_line(folder.write("no end", "0123")), "0123");
}
TEST(FirstLine, OfAFileThatIsNotThereIsEmpty) {
  const test::TempFolder folder;
  EXPECT_EQ(first_line(folder / "none"), "");
}

TraceRecord record() {
  TraceRecord record;
  record.datablocks = {
      {"SCScene", kNone, true}, {"IM\xff", kNone, false}, {"LIlib", kNone, false}, {"OBx", 2, false}};
  record.use_starts = {0, 2, 2, 2, 2};
  record.use_targets = {1, 3};
  record.references = {{.path = "//a\xff.png",
                        .kind = ReferenceKind::image,
                        .datablock = 1,
                        .first_frame = -5,
                        .last_frame = 1048574}};
  record.outputs = {{.path = "//out/", .format = "PNG"}};
  record.simulations = {{.datablock = 0,
                         .kind = "cloth",
                         .name = "Cloth",
                         .baked = false,
                         .first_frame = 1,
                         .last_frame = 250}};
  record.warnings = {{kNone, "code", "message"}};
  record.facts = R"({"scenes":[]})";
  return record;
}

TEST(TraceRecord, CachedFormComesBack) {
  const std::string bytes = pack_record(record());
  const auto back = unpack_record(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(pack_record(*back), bytes);
  EXPECT_EQ(back->references[0].path, "//a\xff.png");
  EXPECT_EQ(back->references[0].first_frame, -5);
  EXPECT_EQ(back->use_targets, record().use_targets);
}
TEST(TraceRecord, DamageIsNoticedOrHarmless) {
  const std::string good = pack_record(record());
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(unpack_record(good.substr(0, length)));
  std::mt19937 random(3);
  for (int round = 0; round < 20000; ++round) {
    std::string bad = good;
    for (int flips = 0; flips < 3; ++flips) bad[random() % bad.size()] = static_cast<char>(random());
    const auto back = unpack_record(bad);
    if (!back) continue;
    for (const std::uint32_t target : back->use_targets) ASSERT_LT(target, back->datablocks.size());
    for (const auto& reference : back->references)
      ASSERT_TRUE(reference.datablock == kNone || reference.datablock < back->datablocks.size());
  }
}

}  // namespace
}  // namespace souschef::core
