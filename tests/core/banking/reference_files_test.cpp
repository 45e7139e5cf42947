// SPDX-License-Identifier: MIT
#include "core/banking/reference_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/production/blend_path.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ReferenceFilesTest : public testing::Test {
 protected:
  void make(std::initializer_list<const char*> names) {
    for (const char* name : names) folder_.write(name, "x");
  }
  std::vector<std::string> names(TracedReference reference, const std::string& path) {
    FolderListings listings;
    found_ = files_of(reference, (folder_ / path).string(), listings, {folder_.path().string()});
    std::vector<std::string> out;
    for (const std::string& file : found_.files)
      out.push_back(file.substr(folder_.path().string().size() + 1));
    return out;
  }
  std::vector<std::string> sequence(const std::string& path, int first = 1, int last = 0) {
    return names({.expansion = Expansion::last_digits, .first_frame = first, .last_frame = last}, path);
  }

  test::TempFolder folder_;
  ReferenceFiles found_;
};

TEST_F(ReferenceFilesTest, SingleFileIsItself) {
  make({"a.png", "b.png"});
  EXPECT_THAT(names({}, "a.png"), ElementsAre("a.png"));
  EXPECT_THAT(names({}, "c.png"), IsEmpty());
}
TEST_F(ReferenceFilesTest, WrongCaseIsFoundAndReported) {
  make({"Tex/Wood.PNG"});
  EXPECT_THAT(names({}, "tex/wood.png"), ElementsAre("Tex/Wood.PNG"));
  EXPECT_TRUE(found_.wrong_case);
}
TEST_F(ReferenceFilesTest, DecomposedNamesAreFound) {
  make(
      {"Ku\xCC\x88"
       "be.png"});  // u and combining diaeresis, as macOS writes it
  EXPECT_THAT(names({},
                    "K\xC3\xBC"
                    "be.png"),
              ElementsAre("Ku\xCC\x88"
                          "be.png"));
  EXPECT_TRUE(found_.wrong_case);
}

TEST_F(ReferenceFilesTest, LastDigitRunCounts) {
  make({"a_0001.png", "a_0002.png", "a_foo.png", "a_12345.png", "a_012345.png", "a_0003.jpg", "LICENSE.txt"});
  EXPECT_THAT(sequence("a_0001.png"), ElementsAre("a_0001.png", "a_0002.png", "a_12345.png"));
}
TEST_F(ReferenceFilesTest, DigitsNeedNotBeAtTheEnd) {
  make({"shot_0001_beauty.png", "shot_0002_beauty.png", "shot_0002_depth.png"});
  EXPECT_THAT(sequence("shot_0001_beauty.png"), ElementsAre("shot_0001_beauty.png", "shot_0002_beauty.png"));
}
TEST_F(ReferenceFilesTest, SequenceIsLimitedToTheUsersFrames) {
  make({"a_0001.png", "a_0002.png", "a_0003.png", "a_0004.png"});
  EXPECT_THAT(sequence("a_0001.png", 2, 3), ElementsAre("a_0002.png", "a_0003.png"));
}
TEST_F(ReferenceFilesTest, StoredNameNeedNotExist) {
  make({"a_0005.png"});
  EXPECT_THAT(sequence("a_0001.png"), ElementsAre("a_0005.png"));
}
TEST_F(ReferenceFilesTest, NameWithoutDigitsIsOneFile) {
  make({"abc.png"});
  EXPECT_THAT(sequence("abc.png"), ElementsAre("abc.png"));
}
TEST_F(ReferenceFilesTest, NamesAreNotGlobs) {
  make({"a[1]_0001.png", "a[1]_0002.png", "a1_0003.png"});
  EXPECT_THAT(sequence("a[1]_0001.png"), ElementsAre("a[1]_0001.png", "a[1]_0002.png"));
}

TEST(DigitRuns, AsBlenderDecodesThem) {
  // Observed with Blender 3.4.1 (Image.filepath_from_user).
  EXPECT_EQ(last_digits("v02_main.png")->head, "v");
  EXPECT_EQ(last_digits("v02_main.png")->tail, "_main.png");
  EXPECT_EQ(last_digits("a.0001.v3.exr")->head, "a.0001.v");
  EXPECT_EQ(last_digits("a1b22c333.d4.png")->head, "a1b22c333.d");
  EXPECT_EQ(last_digits("a_0001.0002")->tail, ".0002");
  EXPECT_EQ(last_digits("a_0001.tar.gz")->head, "a_");
  EXPECT_FALSE(last_digits("m.mp4").has_value());
  EXPECT_FALSE(trailing_digits("clothsim_01_x.abc").has_value());
  EXPECT_EQ(trailing_digits("clothsim.030.abc")->width, 3U);
}

TEST_F(ReferenceFilesTest, UdimTakesFourDigits) {
  make({"c.1001.png", "c.1002.png", "c.99.png", "c.10011.png"});
  EXPECT_THAT(names({.expansion = Expansion::udim}, "c.<UDIM>.png"), ElementsAre("c.1001.png", "c.1002.png"));
}
TEST_F(ReferenceFilesTest, UvTileTakesUAndV) {
  make({"c.u1_v1.png", "c.u10_v2.png", "c.u_v.png", "c.1001.png"});
  EXPECT_THAT(names({.expansion = Expansion::uvtile}, "c.<UVTILE>.png"),
              ElementsAre("c.u10_v2.png", "c.u1_v1.png"));
}
TEST_F(ReferenceFilesTest, ViewsReplaceTheSuffix) {
  make({"a_L.png", "a_R.png", "b.png"});
  EXPECT_THAT(names({.expansion = Expansion::views, .pattern = "_L\n_R"}, "a_L.png"),
              ElementsAre("a_L.png", "a_R.png"));
  EXPECT_THAT(names({.expansion = Expansion::views, .pattern = "_L\n_R"}, "b.png"), ElementsAre("b.png"));
}
TEST_F(ReferenceFilesTest, FolderTakesEverythingBelow) {
  make({"cache/a/1.uni", "cache/b.uni", "other"});
  EXPECT_THAT(names({.expansion = Expansion::folder}, "cache"), ElementsAre("cache/a/1.uni", "cache/b.uni"));
}
TEST_F(ReferenceFilesTest, RootOfTheProductionIsNoCacheFolder) {
  make({"a"});
  FolderListings listings;
  const auto found = files_of({.expansion = Expansion::folder}, folder_.path().string(), listings,
                              {folder_.path().string()});
  EXPECT_THAT(found.files, IsEmpty());
  EXPECT_FALSE(found.refusal.empty());
  const auto above = files_of({.expansion = Expansion::folder}, "/", listings, {folder_.path().string()});
  EXPECT_THAT(above.files, IsEmpty());
}
TEST_F(ReferenceFilesTest, PointCacheTakesAnyIndex) {
  make({"c/43756265_000001_00.bphys", "c/43756265_000002.bphys", "c/43756265_-000001_01.bphys",
        "c/43756265_1.bphys", "c/43756266_000001_00.bphys", "c/43756265_000001_00.vdb",
        "c/43756265_000001_00.txt"});
  EXPECT_THAT(names({.expansion = Expansion::point_cache, .pattern = "43756265"}, "c"),
              ElementsAre("c/43756265_-000001_01.bphys", "c/43756265_000001_00.bphys",
                          "c/43756265_000001_00.vdb", "c/43756265_000002.bphys"));
}

}  // namespace
}  // namespace souschef::core
