// SPDX-License-Identifier: MIT
#include "store/file_system.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temp_folder.hpp"

namespace souschef::store {
namespace {

using test::read_file;
using test::TempFolder;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

class RealFileSystem : public ::testing::Test {
 protected:
  TempFolder folder_;
  FileSystem& disk_ = FileSystem::real();
};

TEST_F(RealFileSystem, CreateRefusesATakenName) {
  folder_.write("a", "x");
  EXPECT_EQ(disk_.create(folder_ / "a").error().code, ErrorCode::exists);
}

TEST_F(RealFileSystem, CreateDoesNotFollowASymbolicLink) {
  std::filesystem::create_symlink(folder_ / "elsewhere", folder_ / "link");
  EXPECT_FALSE(disk_.create(folder_ / "link"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "elsewhere"));
}

TEST_F(RealFileSystem, NewFilesTakeTheirPermissionsFromTheFolder) {
  std::filesystem::create_directory(folder_ / "shared");
  ::chmod((folder_ / "shared").c_str(), 0775);
  const mode_t before = ::umask(0077);
  ASSERT_TRUE(disk_.create(folder_ / "shared/a"));
  ASSERT_TRUE(disk_.make_folder(folder_ / "shared/b"));
  ::umask(before);
  EXPECT_EQ(disk_.status(folder_ / "shared/a")->mode, 0664U);
  EXPECT_EQ(disk_.status(folder_ / "shared/b")->mode, 0775U);
}

TEST_F(RealFileSystem, ReadAtTheEndGivesFewerBytes) {
  folder_.write("a", "0123456789");
  const auto file = *disk_.open(folder_ / "a", Access::read);
  std::vector<std::byte> buffer(8);
  EXPECT_EQ(*file->read_at(6, buffer), 4U);
  EXPECT_EQ(*file->read_at(10, buffer), 0U);
}

TEST_F(RealFileSystem, AppendMakesTheFileAndGrowsIt) {
  for (const char* line : {"one\n", "two\n"}) {
    const auto file = *disk_.open(folder_ / "log", Access::append);
    ASSERT_TRUE(file->append(bytes(line)));
  }
  EXPECT_EQ(read_file(folder_ / "log"), "one\ntwo\n");
}

TEST_F(RealFileSystem, ListIsSortedAndTellsKinds) {
  folder_.write("b", "");
  std::filesystem::create_directory(folder_ / "a");
  std::filesystem::create_symlink("b", folder_ / "c");
  const std::vector<FolderEntry> expected = {
      {"a", FileKind::folder}, {"b", FileKind::regular}, {"c", FileKind::symlink}};
  EXPECT_EQ(*disk_.list(folder_.path()), expected);
}

TEST_F(RealFileSystem, StatusDoesNotFollowLinks) {
  std::filesystem::create_symlink("nowhere", folder_ / "a");
  EXPECT_EQ(disk_.status(folder_ / "a")->kind, FileKind::symlink);
}

TEST_F(RealFileSystem, PublishMovesTheName) {
  folder_.write("temporary", "content");
  ASSERT_TRUE(disk_.publish(folder_ / "temporary", folder_ / "final"));
  EXPECT_EQ(read_file(folder_ / "final"), "content");
  EXPECT_FALSE(exists(disk_, folder_ / "temporary"));
}

TEST_F(RealFileSystem, PublishNeverReplaces) {
  folder_.write("temporary", "new");
  folder_.write("final", "old");
  EXPECT_EQ(disk_.publish(folder_ / "temporary", folder_ / "final").error().code, ErrorCode::exists);
  EXPECT_EQ(read_file(folder_ / "final"), "old");
  EXPECT_TRUE(exists(disk_, folder_ / "temporary"));
}

TEST_F(RealFileSystem, PublishAcceptsALinkThatArrivedWithoutItsAnswer) {
  folder_.write("temporary", "content");
  std::filesystem::create_hard_link(folder_ / "temporary", folder_ / "final");
  ASSERT_TRUE(disk_.publish(folder_ / "temporary", folder_ / "final"));
  EXPECT_FALSE(exists(disk_, folder_ / "temporary"));
}

TEST_F(RealFileSystem, ReplaceTakesThePlace) {
  folder_.write("temporary", "new");
  folder_.write("final", "old");
  ASSERT_TRUE(disk_.replace(folder_ / "temporary", folder_ / "final"));
  EXPECT_EQ(read_file(folder_ / "final"), "new");
}

TEST_F(RealFileSystem, MakeFolderIsExclusive) {
  ASSERT_TRUE(disk_.make_folder(folder_ / "a"));
  EXPECT_EQ(disk_.make_folder(folder_ / "a").error().code, ErrorCode::exists);
}

TEST_F(RealFileSystem, MakeFoldersAcceptsWhatIsThere) {
  EXPECT_TRUE(make_folders(disk_, folder_ / "a/b/c"));
  EXPECT_TRUE(make_folders(disk_, folder_ / "a/b/c"));
}

TEST_F(RealFileSystem, RemoveTreeLeavesWhatALinkPointsTo) {
  folder_.write("kept/file", "x");
  folder_.write("tree/inner/file", "x");
  std::filesystem::create_directory_symlink(folder_ / "kept", folder_ / "tree/link");
  ASSERT_TRUE(remove_tree(disk_, folder_ / "tree"));
  EXPECT_FALSE(exists(disk_, folder_ / "tree"));
  EXPECT_TRUE(exists(disk_, folder_ / "kept/file"));
}

TEST_F(RealFileSystem, ReadFileRefusesMoreThanTheLimit) {
  folder_.write("a", "0123456789");
  EXPECT_EQ(*store::read_file(disk_, folder_ / "a", 10), "0123456789");
  EXPECT_EQ(store::read_file(disk_, folder_ / "a", 9).error().code, ErrorCode::bad_input);
}

TEST_F(RealFileSystem, ReadFileRefusesFolders) {
  EXPECT_EQ(store::read_file(disk_, folder_.path(), 10).error().code, ErrorCode::bad_input);
}

TEST_F(RealFileSystem, ErrorsNameThePath) {
  const auto missing = disk_.open(folder_ / "missing", Access::read);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_NE(missing.error().what.find("missing"), std::string::npos);
}

TEST(SystemError, FullDisksAndQuotasAreNoSpace) {
  EXPECT_EQ(system_error(ENOSPC, "x").code, ErrorCode::no_space);
  EXPECT_EQ(system_error(EDQUOT, "x").code, ErrorCode::no_space);
  EXPECT_EQ(system_error(EROFS, "x").code, ErrorCode::denied);
  EXPECT_EQ(system_error(EIO, "x").code, ErrorCode::io);
}

}  // namespace
}  // namespace souschef::store
