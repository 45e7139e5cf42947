// SPDX-License-Identifier: MIT
#include "store/atomic_file.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/fault_file_system.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::store {
namespace {

using test::FaultFileSystem;
using test::Loss;
using test::read_file;
using test::TempFolder;

std::size_t temporaries_in(const std::filesystem::path& folder) {
  const auto entries = *FileSystem::real().list(folder);
  return static_cast<std::size_t>(std::count_if(
      entries.begin(), entries.end(), [](const FolderEntry& entry) { return is_temporary(entry.name); }));
}

TEST(AtomicFile, PublishCreates) {
  TempFolder folder;
  EXPECT_EQ(*publish_file(FileSystem::real(), folder / "a", "content"), Published::created);
  EXPECT_EQ(read_file(folder / "a"), "content");
  EXPECT_EQ(temporaries_in(folder.path()), 0U);
}

TEST(AtomicFile, PublishingEqualContentTwiceIsSuccess) {
  TempFolder folder;
  folder.write("a", "content");
  EXPECT_EQ(*publish_file(FileSystem::real(), folder / "a", "content"), Published::already_there);
  EXPECT_EQ(temporaries_in(folder.path()), 0U);
}

TEST(AtomicFile, PublishingOtherContentUnderATakenNameFails) {
  TempFolder folder;
  folder.write("a", "another");
  EXPECT_EQ(publish_file(FileSystem::real(), folder / "a", "content").error().code, ErrorCode::exists);
  EXPECT_EQ(read_file(folder / "a"), "another");
  EXPECT_EQ(temporaries_in(folder.path()), 0U);
}

TEST(AtomicFile, PublishSyncsTheFileBeforeItsNameAndTheFolderAfter) {
  TempFolder folder;
  FaultFileSystem disk(folder.path());
  ASSERT_TRUE(publish_file(disk, folder / "a", "content"));
  std::vector<std::string> verbs;
  for (const std::string& line : disk.log()) verbs.push_back(line.substr(0, line.find(' ')));
  const std::vector<std::string> expected = {"create", "write", "sync", "publish", "sync_folder"};
  EXPECT_EQ(verbs, expected);
}

TEST(AtomicFile, AfterAFailedSyncTheFileIsDiscarded) {
  TempFolder folder;
  FaultFileSystem disk(folder.path());
  disk.fail_at(3);
  EXPECT_EQ(publish_file(disk, folder / "a", "content").error().code, ErrorCode::io);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(disk.count("sync"), 0U) << "a failed sync must not be repeated";
}

TEST(AtomicFile, AFullDiskLeavesNothing) {
  TempFolder folder;
  FaultFileSystem disk(folder.path());
  disk.fill_up_at(2);
  EXPECT_EQ(publish_file(disk, folder / "a", "content").error().code, ErrorCode::no_space);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

// At every step, with every kind of loss: the file is whole or absent, and there once success was reported.
TEST(AtomicFile, PublishSurvivesPowerCutsAtEveryStep) {
  for (std::uint64_t step = 1; step <= 6; ++step)
    for (const Loss loss : {Loss::data, Loss::everything, Loss::some}) {
      TempFolder folder;
      FaultFileSystem disk(folder.path());
      disk.die_at(step);
      const bool reported = publish_file(disk, folder / "a", "content").has_value();
      disk.lose_power(loss, step);
      const bool there = exists(FileSystem::real(), folder / "a");
      EXPECT_EQ(there ? read_file(folder / "a") : "content", "content") << "step " << step;
      EXPECT_TRUE(there || !reported) << "step " << step;
      EXPECT_EQ(reported, step == 6);
    }
}

TEST(AtomicFile, ReplaceGivesOldOrNewAtEveryPowerCut) {
  for (std::uint64_t step = 1; step <= 6; ++step)
    for (const Loss loss : {Loss::data, Loss::everything, Loss::some}) {
      TempFolder folder;
      folder.write("a", "old");
      FaultFileSystem disk(folder.path());
      disk.die_at(step);
      const bool reported = replace_file(disk, folder / "a", "new").has_value();
      disk.lose_power(loss, step);
      const std::string content = read_file(folder / "a");
      EXPECT_TRUE(content == "new" || (content == "old" && !reported)) << "step " << step << ": " << content;
    }
}

TEST(AtomicFile, TemporaryNamesTellTheirOwner) {
  const std::string name = temporary_name("write-01ABC.1");
  EXPECT_TRUE(is_temporary(name));
  EXPECT_EQ(owner_of_temporary(name), "write-01ABC.1");
  EXPECT_NE(name, temporary_name("write-01ABC.1"));
  EXPECT_FALSE(is_temporary("3f9a.pack"));
}

}  // namespace
}  // namespace souschef::store
