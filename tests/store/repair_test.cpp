// SPDX-License-Identifier: MIT
#include "store/repair.hpp"

#include <fstream>

#include "store/garbage_collection.hpp"
#include "tests/store/store_fixture.hpp"

namespace souschef::store {
namespace {

namespace fs = std::filesystem;
using test::random_words;

class RepairTest : public StoreFixture {
 protected:
  struct From {
    std::vector<RepairCandidate> candidates;
    std::vector<fs::path> others;
  };
  RepairReport repair(const std::vector<StoredFile>& files, const From& from = {}) {
    store_.reset();
    store_ = open();
    std::vector<ContentRoot> roots;
    for (const StoredFile& file : files) roots.push_back({file.content, {}});
    auto report = repair_store(*store_, {roots, from.candidates, from.others});
    EXPECT_TRUE(report) << report.error().line();
    return report ? std::move(*report) : RepairReport();
  }
  static void damage(const fs::path& pack, std::uint64_t at, std::size_t bytes = 1) {
    std::fstream file(pack, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file << std::string(bytes, '~');
  }
  static PackId id_of(const fs::path& pack) { return *StorePaths::pack_of_name(pack.filename().string()); }
};

TEST_F(RepairTest, AGoodStoreIsLeftAlone) {
  const auto files = put({write("a", random_words(300'000, 1))});
  const auto before = pack_files();
  EXPECT_FALSE(repair(files).had_work());
  EXPECT_EQ(pack_files(), before);
}

TEST_F(RepairTest, ADamagedPackIsSetAsideAndWhatIsGoodInItSaved) {
  const auto files = put({write("a", random_words(300'000, 1)), write("b", random_words(3'000'000, 2))});
  const auto pack = pack_files().at(0);
  damage(pack, 40'000);
  const RepairReport report = repair(files);
  EXPECT_EQ(report.set_aside, std::vector{id_of(pack)});
  EXPECT_GT(report.objects_saved, 2U);
  EXPECT_FALSE(fs::exists(pack));
  EXPECT_TRUE(fs::exists(paths().damaged_packs() / pack.filename()));
  EXPECT_TRUE(report.after.damaged_packs.empty());
  const int readable = (read(files[0].content) ? 1 : 0) + (read(files[1].content) ? 1 : 0);
  EXPECT_GE(readable, 1);
  EXPECT_EQ(report.after.damaged_roots.size(), 2U - static_cast<unsigned>(readable));
}

TEST_F(RepairTest, APackWithoutItsFooterIsSavedFromTheFront) {
  const auto files = put({write("a", random_words(300'000, 1))});
  const auto pack = pack_files().at(0);
  fs::resize_file(pack, fs::file_size(pack) - 10);
  const RepairReport report = repair(files);
  EXPECT_TRUE(report.after.clean());
  EXPECT_TRUE(read(files[0].content));
}

TEST_F(RepairTest, FilesOfTheProductionGiveBackWhatIsMissing) {
  const std::string content = random_words(3'000'000, 1);
  const auto path = write("a", content);
  const auto files = put({path});
  fs::remove(pack_files().at(0));
  const RepairReport report = repair(files, {{{files[0].content, path}}, {}});
  EXPECT_EQ(report.files_banked, 1U);
  EXPECT_TRUE(report.after.clean());
  EXPECT_TRUE(*read(files[0].content) == content);
}

TEST_F(RepairTest, AChangedFileIsOfNoHelpAndNoHarm) {
  const auto path = write("a", random_words(300'000, 1));
  const auto files = put({path});
  fs::remove(pack_files().at(0));
  write("a", "something else");
  const RepairReport report = repair(files, {{{files[0].content, path}}, {}});
  EXPECT_EQ(report.files_banked, 0U);
  EXPECT_EQ(report.after.damaged_roots.size(), 1U);
}

TEST_F(RepairTest, AnotherStoreGivesBackWhatIsMissing) {
  const std::string content = random_words(3'000'000, 1);
  const auto path = write("a", content);
  const auto files = put({path});
  const fs::path backup = folder_ / "backup/store";
  fs::create_directories(backup.parent_path());
  fs::copy(store_folder(), backup, fs::copy_options::recursive);
  fs::remove(pack_files().at(0));
  const RepairReport report = repair(files, {{}, {backup}});
  EXPECT_GT(report.objects_fetched, 1U);
  EXPECT_TRUE(report.after.clean());
  EXPECT_TRUE(*read(files[0].content) == content);
}

TEST_F(RepairTest, TheTrashGivesBackWhatIsMissing) {
  const std::string content = random_words(300'000, 1);
  const auto files = put({write("a", content)});
  {
    const auto gc = *GarbageCollection::begin(*store_, GcMode::collect);
    ASSERT_TRUE(gc->mark({}));
    ASSERT_TRUE(gc->condemn(gc->plan({})));
    ASSERT_TRUE(gc->discard_packs());
    ASSERT_TRUE(gc->finish());
  }
  const RepairReport report = repair(files);
  EXPECT_TRUE(report.after.clean());
  EXPECT_TRUE(*read(files[0].content) == content);
}

TEST_F(RepairTest, NothingIsRepairedWhileGarbageIsCollected) {
  const auto files = put({write("a", random_words(300'000, 1))});
  damage(pack_files().at(0), 4000);
  const auto gc = *GarbageCollection::begin(*store_, GcMode::collect);
  const std::vector<ContentRoot> roots = {{files[0].content, {}}};
  EXPECT_EQ(repair_store(*open(), {roots, {}, {}}).error().code, ErrorCode::locked);
}

// Bits rot anywhere: what repair leaves is sound, and what it says is true.
TEST_F(RepairTest, WhateverIsDamagedTheRestIsSound) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::vector<fs::path> sources;
    std::vector<std::string> contents;
    for (int i = 0; i < 4; ++i) {
      contents.push_back(random_words(50'000 + random() % 900'000, seed * 10 + static_cast<unsigned>(i)));
      sources.push_back(write("f" + std::to_string(i), contents.back()));
      if (i % 2 == 1) put({sources[static_cast<std::size_t>(i) - 1], sources.back()});
    }
    const auto files = put(sources);
    for (const auto& pack : pack_files())
      if (random() % 2 == 0) damage(pack, random() % fs::file_size(pack), 1 + random() % 3000);
    const RepairReport report = repair(files);
    EXPECT_TRUE(report.after.damaged_packs.empty());
    for (std::size_t i = 0; i < files.size(); ++i) {
      const bool broken = std::any_of(report.after.damaged_roots.begin(), report.after.damaged_roots.end(),
                                      [&](const DamagedRoot& root) { return root.root == i; });
      const auto text = read(files[i].content);
      EXPECT_EQ(text.has_value(), !broken) << i;
      EXPECT_TRUE(!text || *text == contents[i]);
    }
  }
}

}  // namespace
}  // namespace souschef::store
