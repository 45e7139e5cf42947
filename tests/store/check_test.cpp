// SPDX-License-Identifier: MIT
#include "store/check.hpp"

#include <fstream>

#include "tests/store/store_fixture.hpp"

namespace souschef::store {
namespace {

using test::random_words;

class CheckTest : public StoreFixture {
 protected:
  Result<CheckReport> check(const std::vector<ContentRoot>& roots, double percent = 100) {
    store_.reset();  // nothing that an open store has in memory
    store_ = open();
    CheckRequest request;
    request.roots = roots;
    request.data_percent = percent;
    return check_store(*store_, request);
  }
  static std::vector<ContentRoot> roots_of(const std::vector<StoredFile>& files) {
    std::vector<ContentRoot> roots;
    for (const StoredFile& file : files) roots.push_back({file.content, file.blob});
    return roots;
  }
  static void flip(const std::filesystem::path& path, std::uint64_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get());
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte ^ 0x20));
  }
};

TEST_F(CheckTest, AGoodStoreIsClean) {
  const auto files = put({write("a", random_words(5'000'000, 1)), write("b", "small"), write("c", "")});
  const auto report = *check(roots_of(files));
  EXPECT_TRUE(report.clean());
  EXPECT_FALSE(report.index_was_wrong);
  EXPECT_EQ(report.roots, 3U);
  EXPECT_GT(report.frames_read, 0U);
  EXPECT_TRUE(report.remarks.empty());
}

TEST_F(CheckTest, StructureAloneReadsNoData) {
  const auto files = put({write("a", random_words(5'000'000, 1))});
  const auto report = *check(roots_of(files), 0);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.frames_read, 0U);
}

TEST_F(CheckTest, AShareReadsAShare) {
  std::vector<std::filesystem::path> paths;
  for (std::uint64_t i = 0; i < 60; ++i)
    paths.push_back(write("f" + std::to_string(i), random_words(1'000'000, i)));
  const auto files = put(paths);
  const auto all = *check(roots_of(files), 100), some = *check(roots_of(files), 30);
  EXPECT_LT(some.frames_read, all.frames_read);
  EXPECT_TRUE(some.clean());
}

TEST_F(CheckTest, EveryFlippedByteOfAPackIsFoundAndNeverServed) {
  const std::string content = random_words(3000, 1);
  const auto files = put({write("a", content)});
  const auto pack = pack_files().at(0);
  for (std::uint64_t at = 0; at < std::filesystem::file_size(pack); ++at) {
    flip(pack, at);
    const auto report = check(roots_of(files));
    ASSERT_TRUE(report) << report.error().line();
    EXPECT_FALSE(report->damaged_packs.empty()) << at;
    EXPECT_EQ(read(files[0].content).value_or(content), content) << at;
    flip(pack, at);
  }
  EXPECT_TRUE(check(roots_of(files))->clean());
}

TEST_F(CheckTest, EveryTruncationOfAPackIsFoundAndNeverServed) {
  const std::string content = random_words(3000, 1);
  const auto files = put({write("a", content)});
  const auto pack = pack_files().at(0);
  const std::string whole = test::read_file(pack);
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    std::filesystem::resize_file(pack, size);
    const auto report = check(roots_of(files));
    ASSERT_TRUE(report) << report.error().line();
    EXPECT_FALSE(report->damaged_packs.empty()) << size;
    EXPECT_FALSE(report->damaged_roots.empty()) << size;
    EXPECT_EQ(read(files[0].content).value_or(content), content) << size;
    folder_.write(pack, whole);
  }
}

TEST_F(CheckTest, ARemovedPackIsFoundByTheRootsThatNeedIt) {
  const auto a = put({write("a", "content of a")});
  const auto pack = pack_files().at(0);
  const auto b = put({write("b", "content of b")});
  std::filesystem::remove(pack);
  const auto report = *check({{a[0].content, a[0].blob}, {b[0].content, b[0].blob}});
  ASSERT_EQ(report.damaged_roots.size(), 1U);
  EXPECT_EQ(report.damaged_roots[0].root, 0U);
}

TEST_F(CheckTest, DamageIsToldForEveryRootThatSharesIt) {
  const std::string shared = random_words(2'000'000, 1);
  const auto files = put({write("a", shared), write("b", shared), write("c", "else")});
  const auto pack = pack_files().at(0);
  flip(pack, 20'000);
  const auto report = *check(roots_of(files));
  ASSERT_EQ(report.damaged_roots.size(), 2U);
  EXPECT_EQ(report.damaged_roots[1].root, 1U);
}

TEST_F(CheckTest, AGoodCopyInAnotherPackIsTaken) {
  const std::string content = random_words(100'000, 1);
  const auto path = write("a", content);
  const auto files = put({path});
  const auto first = pack_files().at(0);
  // Another host that did not know stored it too.
  std::filesystem::rename(first, folder_ / "aside");
  put(*open({.index_folder = folder_ / "other", .rehash = true}),
      {path, write("b", "so that it has another name")});
  std::filesystem::rename(folder_ / "aside", first);
  store_.reset();
  std::filesystem::remove_all(folder_ / ".souschef/index");
  for (int i = 0; i < 2; ++i) {
    const auto damaged = i == 0 ? first : pack_files().at(pack_files()[0] == first ? 1 : 0);
    flip(damaged, 1000);
    const auto report = *check(roots_of(files));
    EXPECT_EQ(report.damaged_packs.size(), 1U);
    EXPECT_TRUE(report.damaged_roots.empty());
    EXPECT_TRUE(*read(files[0].content) == content);
    flip(damaged, 1000);
  }
}

TEST_F(CheckTest, AnIndexThatLiesIsBuiltAnew) {
  const auto a = put({write("a", "content of a")});
  std::filesystem::copy(folder_ / ".souschef/index", folder_ / "old-index",
                        std::filesystem::copy_options::recursive);
  const auto b = put({write("b", "content of b")});
  store_.reset();
  std::filesystem::remove_all(folder_ / ".souschef/index");
  std::filesystem::rename(folder_ / "old-index", folder_ / ".souschef/index");
  EXPECT_TRUE(check({{a[0].content, {}}, {b[0].content, {}}})->clean());
}

TEST_F(CheckTest, LeftoversOfKilledProgramsAreRemarked) {
  put({write("a", "content")});
  folder_.write(".souschef/store/tmp/.tmp-write-01GONE.1-4", "half a pack");
  const auto report = *check({});
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.remarks.size(), 1U);
}

TEST_F(CheckTest, ChangedPantryFilesAreFound) {
  const auto files = put({write("a", "content")});
  const PlaceRequest request{files[0].content, {}, folder_ / "out", false};
  ASSERT_TRUE(store_->checkout(std::span(&request, 1)));
  EXPECT_EQ(*check_pantry(*store_), 0U);
  std::filesystem::permissions(folder_ / "out", std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add);
  folder_.write("out", "CONTENT");
  EXPECT_EQ(*check_pantry(*store_), 1U);
}

}  // namespace
}  // namespace souschef::store
