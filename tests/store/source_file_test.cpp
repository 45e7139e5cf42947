// SPDX-License-Identifier: MIT
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "store/store.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::store {
namespace {

using test::TempFolder;

TEST(SourceFile, TellsSizeAndContent) {
  TempFolder folder;
  const auto file = *SourceFile::open(folder.write("a", "content"));
  EXPECT_EQ(file->size(), 7U);
  EXPECT_EQ(file->map().size(), 7U);
  std::array<std::byte, 10> buffer{};
  EXPECT_EQ(file->read_at(3, buffer), 4);
  EXPECT_EQ(buffer[0], std::byte{'t'});
  EXPECT_TRUE(file->check_unchanged());
}

TEST(SourceFile, AppendingIsAChange) {
  TempFolder folder;
  const auto path = folder.write("a", "content");
  const auto file = *SourceFile::open(path);
  std::ofstream(path, std::ios::app) << "more";
  EXPECT_EQ(file->check_unchanged().error().code, ErrorCode::changed);
}

TEST(SourceFile, ReplacingIsAChange) {
  TempFolder folder;
  const auto path = folder.write("a", "content");
  const auto file = *SourceFile::open(path);
  std::filesystem::rename(folder.write("b", "content"), path);
  EXPECT_EQ(file->check_unchanged().error().code, ErrorCode::changed);
}

TEST(SourceFile, RemovingIsAChange) {
  TempFolder folder;
  const auto path = folder.write("a", "content");
  const auto file = *SourceFile::open(path);
  std::filesystem::remove(path);
  EXPECT_EQ(file->check_unchanged().error().code, ErrorCode::changed);
}

TEST(SourceFile, LinksInThePathAreRefused) {
  TempFolder folder;
  folder.write("real/a", "content");
  std::filesystem::create_directory_symlink("real", folder / "link");
  std::filesystem::create_symlink("real/a", folder / "link2");
  EXPECT_EQ(SourceFile::open(folder / "link/a").error().code, ErrorCode::denied);
  EXPECT_EQ(SourceFile::open(folder / "link2").error().code, ErrorCode::denied);
}

TEST(SourceFile, OnlyRegularFilesAreRead) {
  TempFolder folder;
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(SourceFile::open(folder / "fifo").error().code, ErrorCode::bad_input);
  EXPECT_EQ(SourceFile::open(folder.path()).error().code, ErrorCode::bad_input);
}

TEST(SourceFile, MissingIsNotFound) {
  TempFolder folder;
  EXPECT_EQ(SourceFile::open(folder / "a").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace souschef::store
