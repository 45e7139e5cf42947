// SPDX-License-Identifier: MIT
// Indexes that are behind, ahead, of another store, or gone.
#include "store/index_keeper.hpp"

#include "store/generation.hpp"
#include "store/hasher.hpp"
#include "tests/store/store_fixture.hpp"

namespace souschef::store {
namespace {

using test::random_words;

class IndexKeeperTest : public StoreFixture {
 protected:
  // Another machine: another index.
  std::unique_ptr<Store> open_elsewhere(const std::string& name) const {
    OpenOptions options;
    options.index_folder = folder_ / name;
    options.pantry_folder = folder_ / (name + "-pantry");
    options.rehash = true;
    return open(options);
  }
  void raise_generation(std::uint64_t number, std::set<PackId> condemned = {}) const {
    ASSERT_TRUE(write_generation(FileSystem::real(), paths(), {number, std::move(condemned)}, "test"));
  }
  static PackId id_of(const std::filesystem::path& pack) {
    return *StorePaths::pack_of_name(pack.filename().string());
  }
};

TEST_F(IndexKeeperTest, WhatAnotherHostAddedIsRead) {
  const auto other = open_elsewhere("other");
  const auto files = put(*store_, {write("a", "content")});
  EXPECT_EQ(*read(*other, files[0].content), "content");
}

TEST_F(IndexKeeperTest, WhatAnotherHostAddedIsNotStoredAgain) {
  const auto other = open_elsewhere("other");
  const auto path = write("a", random_words(1'000'000, 1));
  put(*store_, {path});
  const auto packs = pack_files();
  put(*other, {path});
  EXPECT_EQ(pack_files(), packs);
}

TEST_F(IndexKeeperTest, APackWithoutALogLineIsFoundBeforeItIsCalledMissing) {
  const auto other = open_elsewhere("other");
  put(*other, {write("x", "so that its index is not new")});
  const auto files = put(*store_, {write("a", "content")});
  for (const auto& log : std::filesystem::directory_iterator(paths().added())) std::filesystem::remove(log);
  EXPECT_EQ(*read(*other, files[0].content), "content");
}

TEST_F(IndexKeeperTest, TornLogLinesAreNoReasonToFail) {
  const auto other = open_elsewhere("other");
  const auto files = put(*store_, {write("a", "content")});
  for (const auto& log : std::filesystem::directory_iterator(paths().added()))
    folder_.write(log.path(), "garbage\n" + test::read_file(log.path()) + "0123");
  EXPECT_EQ(*read(*other, files[0].content), "content");
}

TEST_F(IndexKeeperTest, PacksThatVanishedAreStoredAgain) {
  const auto path = write("a", random_words(1'000'000, 1));
  put(*store_, {path});
  for (const auto& pack : pack_files()) std::filesystem::remove(pack);
  const auto files = put(*open_elsewhere("fresh"), {path});
  EXPECT_EQ(read(*store_, files[0].content)->size(), 1'000'000U);
}

// The index knows packs that are gone, and says so nowhere: the store was put back to an older state.
TEST_F(IndexKeeperTest, ARestoredStoreIsNotBelievedByItsOldIndex) {
  const auto old = write("old", "old content");
  put(*store_, {old});
  std::filesystem::copy(store_folder(), folder_ / "backup", std::filesystem::copy_options::recursive);
  const auto path = write("a", random_words(1'000'000, 1));
  put(*store_, {path});
  store_.reset();
  std::filesystem::remove_all(store_folder());
  std::filesystem::rename(folder_ / "backup", store_folder());
  store_ = open({.rehash = true});
  const auto files = put(*store_, {path, old});
  EXPECT_EQ(read(*open_elsewhere("fresh"), files[0].content)->size(), 1'000'000U);
}

TEST_F(IndexKeeperTest, ACopiedStoreDoesNotBelieveTheIndexThatCameAlong) {
  const auto path = write("a", random_words(1'000'000, 1));
  put(*store_, {path});
  store_.reset();
  std::filesystem::copy(folder_ / ".souschef", folder_ / "copy", std::filesystem::copy_options::recursive);
  for (const auto& pack : std::filesystem::recursive_directory_iterator(folder_ / "copy/store/packs"))
    if (pack.is_regular_file()) std::filesystem::remove(pack.path());
  const auto copied = *Store::open(folder_ / "copy/store", {.rehash = true});
  const auto files = put(*copied, {path});
  EXPECT_EQ(read(*copied, files[0].content)->size(), 1'000'000U);
}

TEST_F(IndexKeeperTest, CondemnedPacksAreAbsentForWriters) {
  const auto path = write("a", random_words(1'000'000, 1));
  put(*store_, {path});
  const auto condemned = pack_files();
  ASSERT_EQ(condemned.size(), 1U);
  raise_generation(1, {id_of(condemned[0])});
  put(*open({.rehash = true}), {path});
  EXPECT_EQ(pack_files().size(), 2U);
}

TEST_F(IndexKeeperTest, AGcThatPassesDuringAPutIsNoticedBySeal) {
  const auto path = write("a", random_words(1'000'000, 1));
  put(*store_, {path});
  const auto condemned = pack_files();
  store_ = open({.rehash = true});
  auto session = *store_->begin_write("test");
  const std::vector<PutRequest> request = {{path, nullptr}};
  ASSERT_TRUE(session->put_files(request));
  raise_generation(1, {id_of(condemned[0])});
  std::filesystem::remove(condemned[0]);
  EXPECT_EQ(session->seal().error().code, ErrorCode::changed);
  // As the contract says: the same again.
  const auto files = session->put_files(request);
  ASSERT_TRUE(files);
  ASSERT_TRUE(session->seal());
  EXPECT_EQ(read(*open_elsewhere("fresh"), (*files)[0].content)->size(), 1'000'000U);
}

TEST_F(IndexKeeperTest, AGcThatPassesWithoutHarmLetsSealSucceed) {
  const auto path = write("a", random_words(1'000'000, 1));
  put(*store_, {path});
  auto session = *store_->begin_write("test");
  const std::vector<PutRequest> request = {{path, nullptr}};
  ASSERT_TRUE(session->put_files(request));
  raise_generation(1, {PackId(hash_of("another"))});
  EXPECT_TRUE(session->seal());
}

TEST_F(IndexKeeperTest, AGcBetweenSealAndPublishingIsNoticedByConfirm) {
  const auto path = write("a", random_words(1'000'000, 1));
  auto session = *store_->begin_write("test");
  const std::vector<PutRequest> request = {{path, nullptr}};
  ASSERT_TRUE(session->put_files(request));
  ASSERT_TRUE(session->seal());
  ASSERT_TRUE(session->confirm());
  raise_generation(1, {id_of(pack_files()[0])});
  EXPECT_EQ(session->confirm().error().code, ErrorCode::changed);
}

TEST_F(IndexKeeperTest, ALostLeaseIsNoticedBySeal) {
  auto session = *store_->begin_write("test");
  const std::vector<PutRequest> request = {{write("a", "content"), nullptr}};
  ASSERT_TRUE(session->put_files(request));
  std::filesystem::remove(paths().leases() / session->lease_id());
  EXPECT_EQ(session->seal().error().code, ErrorCode::locked);
}

TEST_F(IndexKeeperTest, ADamagedPackDoesNotHideTheOthers) {
  const auto a = put(*store_, {write("a", "content of a")});
  const auto damaged = pack_files();
  const auto b = put(*store_, {write("b", "content of b")});
  std::filesystem::resize_file(damaged[0], 50);
  const auto fresh = open_elsewhere("fresh");
  EXPECT_EQ(*read(*fresh, b[0].content), "content of b");
  EXPECT_FALSE(read(*fresh, a[0].content));
}

// At every moment of a store's life somebody may delete the index.
TEST_F(IndexKeeperTest, AnIndexDeletedAtRandomLosesNothing) {
  std::mt19937_64 random(7);
  std::vector<std::pair<ContentId, std::string>> all;
  for (int round = 0; round < 30; ++round) {
    const std::string content = random_words(1000 + random() % 900'000, random() % 20);
    all.emplace_back(put(*store_, {write("a", content)})[0].content, content);
    if (random() % 3 == 0) {
      if (random() % 2 == 0) store_.reset();
      std::filesystem::remove_all(folder_ / ".souschef/index");
      store_ = open({.rehash = true});
    }
    const auto& [id, expected] = all[random() % all.size()];
    const auto found = read(*store_, id);
    ASSERT_TRUE(found) << found.error().line();
    EXPECT_TRUE(*found == expected);
  }
}

}  // namespace
}  // namespace souschef::store
