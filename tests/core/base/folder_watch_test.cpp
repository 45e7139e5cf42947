// SPDX-License-Identifier: MIT
#include "core/base/folder_watch.hpp"

#include <gmock/gmock.h>

#include "core/queue/request_bell.hpp"
#include "tests/support/temp_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class FolderWatchTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_ / "drop"); }
  FolderWatch open() {
    auto watch = FolderWatch::open(folder_ / "drop", folder_ / "memory", seconds(10));
    EXPECT_TRUE(watch);
    return std::move(*watch);
  }
  std::vector<std::string> look(FolderWatch& watch, int at) {
    const auto ready = watch.look(seconds(at));
    EXPECT_TRUE(ready);
    std::vector<std::string> names;
    for (const fs::path& path : ready.value_or(std::vector<fs::path>()))
      names.push_back(fs::relative(path, folder_ / "drop").string());
    return names;
  }
  test::TempFolder folder_;
};

TEST_F(FolderWatchTest, NewFileIsReadyWhenItHasStoodStill) {
  FolderWatch watch = open();
  look(watch, 0);
  folder_.write("drop/a/shot.blend", "1");
  EXPECT_THAT(look(watch, 5), IsEmpty());
  EXPECT_THAT(look(watch, 14), IsEmpty());
  EXPECT_THAT(look(watch, 15), ElementsAre("a/shot.blend"));
}

TEST_F(FolderWatchTest, FileThatIsStillBeingCopiedIsNotReady) {
  FolderWatch watch = open();
  look(watch, 0);
  std::string content;
  for (int at = 1; at < 60; at += 5) {
    content += "more";
    folder_.write("drop/shot.blend", content);
    EXPECT_THAT(look(watch, at), IsEmpty()) << at;
  }
  EXPECT_THAT(look(watch, 66), ElementsAre("shot.blend"));
}

TEST_F(FolderWatchTest, BackupsTemporaryAndHiddenFilesAreNone) {
  FolderWatch watch = open();
  look(watch, 0);
  for (const char* name :
       {"shot.blend1", "shot.blend@", ".shot.blend", "shot.txt", ".blend", ".hidden/shot.blend"})
    folder_.write("drop/" + std::string(name), "1");
  look(watch, 1);
  EXPECT_THAT(look(watch, 100), IsEmpty());
}

TEST_F(FolderWatchTest, EmptyFileIsNotReady) {
  FolderWatch watch = open();
  look(watch, 0);
  folder_.write("drop/shot.blend", "");
  look(watch, 1);
  EXPECT_THAT(look(watch, 100), IsEmpty());
}

TEST_F(FolderWatchTest, WhatWasThereBeforeIsOld) {
  folder_.write("drop/old.blend", "1");
  FolderWatch watch = open();
  look(watch, 0);
  EXPECT_THAT(look(watch, 100), IsEmpty());
  folder_.write("drop/old.blend", "changed");
  look(watch, 101);
  EXPECT_THAT(look(watch, 111), ElementsAre("old.blend"));
}

TEST_F(FolderWatchTest, RestartedWatcherTakesWhatCameMeanwhileAndNothingTwice) {
  {
    FolderWatch watch = open();
    look(watch, 0);
    folder_.write("drop/first.blend", "1");
    look(watch, 1);
    ASSERT_THAT(look(watch, 11), ElementsAre("first.blend"));
    ASSERT_TRUE(watch.take(folder_ / "drop/first.blend"));
    EXPECT_THAT(look(watch, 30), IsEmpty());
  }
  folder_.write("drop/second.blend", "1");
  FolderWatch watch = open();
  look(watch, 1000);
  EXPECT_THAT(look(watch, 1010), ElementsAre("second.blend"));
}

TEST_F(FolderWatchTest, FolderThatIsGoneForAWhileDoesNoHarm) {
  FolderWatch watch = open();
  folder_.write("drop/known.blend", "1");
  look(watch, 0);
  fs::rename(folder_ / "drop", folder_ / "away");
  EXPECT_THAT(look(watch, 100), IsEmpty());
  fs::rename(folder_ / "away", folder_ / "drop");
  look(watch, 200);
  EXPECT_THAT(look(watch, 300), IsEmpty());
}

TEST_F(FolderWatchTest, DamagedMemoryIsSaidAndNotGuessed) {
  folder_.write("memory", "something else");
  const auto watch = FolderWatch::open(folder_ / "drop", folder_ / "memory", seconds(10));
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error().code, ErrorCode::corrupt);
}

TEST_F(FolderWatchTest, BellRingsForAFileThatIsMovedIn) {
  const auto loop = EventLoop::create();
  ASSERT_TRUE(loop);
  int rings = 0;
  const RequestBell bell(**loop, folder_ / "drop", [&] { ++rings; });
  const auto outside = folder_.write("request", "1");
  fs::rename(outside, folder_ / "drop/request");
  (*loop)->turn(std::chrono::seconds(30));
  EXPECT_EQ(rings, 1);
}

}  // namespace
}  // namespace souschef::core
