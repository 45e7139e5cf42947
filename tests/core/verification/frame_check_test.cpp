// SPDX-License-Identifier: MIT
#include "core/verification/frame_check.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "core/rendering/frame_place.hpp"
#include "store/hasher.hpp"
#include "tests/support/temp_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

std::string image(const std::string& name) {
  return test::read_file(fs::path(SOUSCHEF_SOURCE_FOLDER) / "tests/data/images" / name);
}

class FrameCheck : public ::testing::Test {
 protected:
  std::string problem(const std::vector<ExpectedFile>& expected) {
    const auto frame = check_frame(folder_.path(), expected);
    return frame ? "" : frame.error().line();
  }
  test::TempFolder folder_;
  const ExpectedFile png_{.path = "p_0001.png", .format = "PNG", .width = 20, .height = 12};
};

TEST_F(FrameCheck, GoodFilesComeWithSizeAndHash) {
  folder_.write("p_0001.png", image("rgb8.png"));
  folder_.write("comp/0001.exr", image("layers.exr"));
  const auto frame =
      check_frame(folder_.path(), {png_, {.path = "comp/0001.exr", .format = "OPEN_EXR_MULTILAYER"}});
  ASSERT_TRUE(frame) << frame.error().line();
  ASSERT_EQ(frame->files.size(), 2U);
  EXPECT_EQ(frame->files[1].path, "p_0001.png");
  EXPECT_EQ(frame->files[1].size, image("rgb8.png").size());
  EXPECT_EQ(frame->files[1].hash, store::hash_of(image("rgb8.png")));
  EXPECT_EQ(frame->flags, 0U);
}

TEST_F(FrameCheck, MissingFileFails) {
  EXPECT_NE(problem({png_}).find("p_0001.png was not written"), std::string::npos);
}

TEST_F(FrameCheck, EmptyFileFails) {
  folder_.write("p_0001.png", "");
  EXPECT_NE(problem({png_}).find("is empty"), std::string::npos);
}

TEST_F(FrameCheck, OneByteFails) {
  folder_.write("p_0001.png", "\x89");
  EXPECT_NE(problem({png_}), "");
}

TEST_F(FrameCheck, AnotherSizeThanOrderedFails) {
  folder_.write("p_0001.png", image("rgb8.png"));
  ExpectedFile larger = png_;
  larger.width = 1920;
  EXPECT_NE(problem({larger}).find("is 20x12, ordered was 1920x12"), std::string::npos);
}

TEST_F(FrameCheck, SymbolicLinkIsNoFile) {
  fs::create_symlink("/etc/hostname", folder_ / "p_0001.png");
  EXPECT_NE(problem({png_}).find("is no file"), std::string::npos);
}

TEST_F(FrameCheck, FileThatIsNotRequiredIsOnlyRemarked) {
  folder_.write("p_0001.png", image("rgb8.png"));
  const auto frame =
      check_frame(folder_.path(), {png_, {.path = "extra.png", .required = false, .format = "PNG"}});
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->flags, kMissingExtra);
}

TEST_F(FrameCheck, UnexpectedFilesAreTakenAlongAndRemarked) {
  folder_.write("p_0001.png", image("rgb8.png"));
  folder_.write("notes.txt", "hello");
  const auto frame = check_frame(folder_.path(), {png_});
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->flags, kExtraFiles);
  EXPECT_EQ(frame->files.size(), 2U);
}

TEST_F(FrameCheck, BlackFrameIsRemarkedAndGood) {
  folder_.write("p_0001.png", image("black.png"));
  const auto frame = check_frame(folder_.path(), {png_});
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->flags, kAllBlack);
}

TEST(MatchesPattern, StarsStandForAnything) {
  EXPECT_TRUE(matches_pattern("a/b_0001.png", "a/*0001.png"));
  EXPECT_TRUE(matches_pattern("comp/0001.png", "comp*0001.png"));
  EXPECT_TRUE(matches_pattern("abc", "a*b*c"));
  EXPECT_FALSE(matches_pattern("abd", "a*b*c"));
  EXPECT_FALSE(matches_pattern("a", "a*a"));
  EXPECT_TRUE(matches_pattern("same", "same"));
}

class Placing : public ::testing::Test {
 protected:
  PlaceRequest request() {
    staging_.write("sub/p_0001.png", "new");
    return {.staging = staging_.path(),
            .root = root_ / "out",
            .older = root_ / "out/_older",
            .files = {{"sub/p_0001.png", 3, store::hash_of("new")}}};
  }
  test::TempFolder staging_, root_;
};

TEST_F(Placing, MovesFilesToTheirPlaces) {
  ASSERT_TRUE(place_frame(request()));
  EXPECT_EQ(test::read_file(root_ / "out/sub/p_0001.png"), "new");
  EXPECT_FALSE(fs::exists(staging_ / "sub/p_0001.png"));
}

TEST_F(Placing, OlderFileIsMovedAside) {
  root_.write("out/sub/p_0001.png", "old");
  ASSERT_TRUE(place_frame(request()));
  EXPECT_EQ(test::read_file(root_ / "out/sub/p_0001.png"), "new");
  EXPECT_EQ(test::read_file(root_ / "out/_older/sub/p_0001.png"), "old");
}

TEST_F(Placing, TwoOlderFilesStandSideBySide) {
  root_.write("out/_older/sub/p_0001.png", "oldest");
  root_.write("out/sub/p_0001.png", "old");
  ASSERT_TRUE(place_frame(request()));
  EXPECT_EQ(test::read_file(root_ / "out/_older/sub/p_0001.png"), "oldest");
  EXPECT_EQ(test::read_file(root_ / "out/_older/sub/p_0001.png.1"), "old");
}

TEST_F(Placing, OverwritingLeavesNoOlderFile) {
  root_.write("out/sub/p_0001.png", "old");
  PlaceRequest place = request();
  place.existing = Existing::replace;
  ASSERT_TRUE(place_frame(place));
  EXPECT_FALSE(fs::exists(root_ / "out/_older"));
}

TEST_F(Placing, AgainAfterItIsDoneIsSuccess) {
  const PlaceRequest place = request();
  ASSERT_TRUE(place_frame(place));
  EXPECT_TRUE(place_frame(place));
  EXPECT_FALSE(fs::exists(root_ / "out/_older"));
}

TEST_F(Placing, FileThatIsNowhereIsNotFound) {
  const PlaceRequest place = request();
  fs::remove(staging_ / "sub/p_0001.png");
  const Status placed = place_frame(place);
  ASSERT_FALSE(placed);
  EXPECT_EQ(placed.error().code, ErrorCode::not_found);
}

TEST_F(Placing, AcrossFileSystemsTheFileIsCopied) {
  if (::access("/dev/shm", W_OK) != 0) GTEST_SKIP() << "there is no second file system to write to";
  const fs::path other = "/dev/shm/souschef-test-" + std::to_string(::getpid());
  PlaceRequest place = request();
  place.root = other;
  ASSERT_TRUE(place_frame(place));
  EXPECT_EQ(test::read_file(other / "sub/p_0001.png"), "new");
  EXPECT_FALSE(fs::exists(staging_ / "sub/p_0001.png"));
  fs::remove_all(other);
}

TEST(Recheck, SeesEveryChange) {
  const test::TempFolder folder;
  folder.write("a.png", "abc");
  const std::vector<FileRecord> files = {{"a.png", 3, store::hash_of("abc")}};
  EXPECT_TRUE(recheck_files(folder.path(), files));
  folder.write("a.png", "abd");
  EXPECT_FALSE(recheck_files(folder.path(), files));
  folder.write("a.png", "ab");
  EXPECT_FALSE(recheck_files(folder.path(), files));
  fs::remove(folder / "a.png");
  EXPECT_FALSE(recheck_files(folder.path(), files));
}

}  // namespace
}  // namespace souschef::core
