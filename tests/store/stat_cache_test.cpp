// SPDX-License-Identifier: MIT
#include <chrono>

#include <fcntl.h>
#include <sys/stat.h>

#include "store/hasher.hpp"
#include "tests/store/store_fixture.hpp"

namespace souschef::store {
namespace {

using namespace std::chrono_literals;

class StatCacheTest : public StoreFixture {
 protected:
  // As if it had been written long ago: its times lie before any reading.
  void age(const std::filesystem::path& path, int seconds_ago = 3600) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec -= seconds_ago;
    const timespec times[2] = {now, now};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }
  // ctime cannot be set: wait until the file system's clock has left it behind.
  void let_the_clock_pass(const std::filesystem::path& path) {
    const auto before = FileSystem::real().status(path)->ctime_ns;
    for (std::int64_t now = before; now < before + 25'000'000;)
      now = FileSystem::real().status(folder_.write("probe", "?"))->ctime_ns;
  }
  std::filesystem::path settled(const std::string& name, const std::string& content) {
    const auto path = write(name, content);
    age(path);
    let_the_clock_pass(path);
    return path;
  }
};

TEST_F(StatCacheTest, ASettledFileIsReadOnce) {
  const auto path = settled("a", "content");
  EXPECT_TRUE(put({path})[0].read);
  const auto again = put({path});
  EXPECT_FALSE(again[0].read);
  EXPECT_EQ(again[0].content.hash, hash_of("content"));
}

TEST_F(StatCacheTest, AFileWrittenInTheSameTickIsReadAgain) {
  const auto path = write("a", "content");
  put({path});
  EXPECT_TRUE(put({path})[0].read);
}

TEST_F(StatCacheTest, AFileFromTheFutureIsReadAgain) {
  const auto path = write("a", "content");
  age(path, -3600);
  let_the_clock_pass(path);
  put({path});
  EXPECT_TRUE(put({path})[0].read);
}

TEST_F(StatCacheTest, OtherContentOfTheSameSizeIsNoticed) {
  const auto path = settled("a", "content");
  put({path});
  write("a", "CONTENT");
  EXPECT_EQ(put({path})[0].content.hash, hash_of("CONTENT"));
}

TEST_F(StatCacheTest, ATimeSetBackIsNoticedByTheChangeTime) {
  const auto path = settled("a", "content");
  struct stat before {};
  ::stat(path.c_str(), &before);
  put({path});
  write("a", "CONTENT");
  const timespec times[2] = {before.st_atim, before.st_mtim};
  ::utimensat(AT_FDCWD, path.c_str(), times, 0);
  EXPECT_EQ(put({path})[0].content.hash, hash_of("CONTENT"));
}

TEST_F(StatCacheTest, AnotherFileUnderTheNameIsNoticed) {
  const auto path = settled("a", "content");
  const auto other = settled("b", "CONTENT");
  put({path});
  std::filesystem::rename(other, path);
  EXPECT_EQ(put({path})[0].content.hash, hash_of("CONTENT"));
}

TEST_F(StatCacheTest, RehashReadsEverything) {
  const auto path = settled("a", "content");
  put({path});
  EXPECT_TRUE(put(*open({.rehash = true}), {path})[0].read);
}

TEST_F(StatCacheTest, AHitCountsOnlyIfTheStoreHasTheContent) {
  const auto path = settled("a", "content");
  put({path});
  for (const auto& pack : pack_files()) std::filesystem::remove(pack);
  store_.reset();
  store_ = open();
  const auto again = put({path});
  EXPECT_TRUE(again[0].read);
  EXPECT_EQ(*read(again[0].content), "content");
}

TEST_F(StatCacheTest, KnownTellsWithoutReading) {
  const auto path = settled("a", "content");
  EXPECT_FALSE(store_->known(path));
  put({path});
  const auto known = store_->known(path);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->content.hash, hash_of("content"));
  write("a", "else");
  EXPECT_FALSE(store_->known(path));
}

TEST_F(StatCacheTest, ABecomesExecutableFileIsReadAgain) {
  const auto path = settled("a", "content");
  put({path});
  ::chmod(path.c_str(), 0755);
  const auto again = put({path});
  EXPECT_TRUE(again[0].read);
  EXPECT_TRUE(again[0].stamp.executable);
}

}  // namespace
}  // namespace souschef::store
