// SPDX-License-Identifier: MIT
#include "store/store.hpp"

#include <algorithm>

#include "store/hasher.hpp"
#include "tests/store/store_fixture.hpp"

namespace souschef::store {
namespace {

using test::random_bytes;
using test::random_words;

using StoreTest = StoreFixture;

constexpr std::size_t kMiB = 1U << 20;

TEST_F(StoreTest, ContentComesBack) {
  const std::string content = random_words(10 * kMiB, 1);
  const auto files = put({write("a", content)});
  EXPECT_EQ(files[0].content.hash, hash_of(content));
  EXPECT_EQ(files[0].blob.hash, hash_of(content));
  EXPECT_EQ(files[0].content_size, content.size());
  EXPECT_TRUE(*read(files[0].content) == content);
}

TEST_F(StoreTest, SmallFilesComeBack) {
  std::vector<std::filesystem::path> paths;
  std::vector<std::string> contents;
  for (std::size_t i = 0; i < 1500; ++i) {
    contents.push_back(random_words(i * 7 % 20'000, i));
    paths.push_back(write("folder" + std::to_string(i % 7) + "/file" + std::to_string(i), contents.back()));
  }
  const auto files = put(paths);
  ASSERT_EQ(files.size(), paths.size());
  for (std::size_t i = 0; i < files.size(); ++i) ASSERT_TRUE(*read(files[i].content) == contents[i]) << i;
}

TEST_F(StoreTest, EmptyFileComesBack) {
  const auto files = put({write("empty", "")});
  EXPECT_EQ(files[0].content.hash, hash_of(""));
  EXPECT_EQ(*read(files[0].content), "");
}

TEST_F(StoreTest, FilesOfEverySizeAroundTheBordersComeBack) {
  for (const std::size_t size :
       {kMiB / 2 - 1, kMiB / 2, kMiB / 2 + 1, 4 * kMiB - 1, 4 * kMiB, 4 * kMiB + 1}) {
    const std::string content = random_bytes(size, size);
    const auto files = put({write("a" + std::to_string(size), content)});
    EXPECT_TRUE(*read(files[0].content) == content) << size;
  }
}

TEST_F(StoreTest, ZerosAreCutAtTheMaximumAndStoredOnce) {
  const std::string content(50 * kMiB, '\0');
  const auto files = put({write("zeros", content)});
  EXPECT_TRUE(*read(files[0].content) == content);
  EXPECT_LT(pack_bytes(), 20'000U);
}

TEST_F(StoreTest, IncompressibleDataCostsItsSize) {
  put({write("a", random_bytes(20 * kMiB, 1))});
  EXPECT_LT(pack_bytes(), 20 * kMiB + 20'000);
}

TEST_F(StoreTest, EqualFilesAreStoredOnce) {
  const std::string content = random_bytes(5 * kMiB, 1);
  put({write("a", content), write("b", content), write("c", content)});
  EXPECT_LT(pack_bytes(), 5 * kMiB + 20'000);
}

TEST_F(StoreTest, AnInsertionCostsAChunkOrTwo) {
  std::string content = random_bytes(30 * kMiB, 1);
  put({write("a", content)});
  const std::uint64_t before = pack_bytes();
  content.insert(10 * kMiB, "inserted");
  const auto files = put({write("a", content)});
  EXPECT_LT(pack_bytes() - before, 6 * kMiB);
  EXPECT_TRUE(*read(files[0].content) == content);
}

TEST_F(StoreTest, StoringTheSameAgainAddsNothing) {
  const auto path = write("a", random_words(3 * kMiB, 1));
  put({path});
  const auto packs = pack_files();
  store_ = open({.rehash = true});
  put({path});
  EXPECT_EQ(pack_files(), packs);
}

TEST_F(StoreTest, AnotherStoreObjectSeesTheContent) {
  const auto files = put({write("a", "content")});
  EXPECT_EQ(*read(*open(), files[0].content), "content");
}

TEST_F(StoreTest, WithoutItsIndexTheStoreKnowsEverything) {
  const auto files = put({write("a", random_words(6 * kMiB, 1)), write("b", "small")});
  store_.reset();
  std::filesystem::remove_all(folder_ / ".souschef/index");
  store_ = open();
  EXPECT_EQ(*read(files[1].content), "small");
  EXPECT_EQ(read(files[0].content)->size(), 6 * kMiB);
}

TEST_F(StoreTest, UnknownContentIsNotFound) {
  EXPECT_EQ(read(ContentId(hash_of("never stored"))).error().code, ErrorCode::not_found);
}

TEST_F(StoreTest, BytesInMemoryComeBack) {
  auto session = *store_->begin_write("test");
  const std::string table = random_words(100'000, 1);
  const auto stored = session->put_bytes(std::as_bytes(std::span(table)));
  ASSERT_TRUE(stored);
  ASSERT_TRUE(session->seal());
  EXPECT_EQ(*store_->read_all(stored->content, 1 << 20), table);
}

TEST_F(StoreTest, BytesWithGivenCutsShareTheirPieces) {
  std::string table = random_bytes(100'000, 1);
  std::vector<std::uint32_t> cuts;
  for (std::uint32_t at = 1000; at <= table.size(); at += 1000) cuts.push_back(at);
  const auto put_table = [&] {
    auto session = *store_->begin_write("test");
    const auto stored = session->put_bytes(std::as_bytes(std::span(table)), cuts);
    EXPECT_TRUE(stored);
    EXPECT_TRUE(session->seal());
    return session->statistics().new_content_bytes;
  };
  EXPECT_EQ(put_table(), 100'000U);
  table[50'500] = static_cast<char>(table[50'500] ^ 1);
  EXPECT_EQ(put_table(), 1000U);
}

TEST_F(StoreTest, SenselessCutsAreRefused) {
  auto session = *store_->begin_write("test");
  const std::string table(100, 'x');
  for (const std::vector<std::uint32_t>& cuts :
       {std::vector<std::uint32_t>{50}, {50, 50, 100}, {60, 40, 100}, {50, 101}, {0, 100}})
    EXPECT_EQ(session->put_bytes(std::as_bytes(std::span(table)), cuts).error().code, ErrorCode::bad_input);
}

TEST_F(StoreTest, ReadAllRefusesMoreThanTheLimit) {
  const auto files = put({write("a", "0123456789")});
  EXPECT_EQ(*store_->read_all(files[0].content, 10), "0123456789");
  EXPECT_EQ(store_->read_all(files[0].content, 9).error().code, ErrorCode::bad_input);
}

TEST_F(StoreTest, CreatingTwiceIsRefused) {
  EXPECT_EQ(Store::create(store_folder()).error().code, ErrorCode::exists);
}

TEST_F(StoreTest, OpeningNothingSaysSo) {
  EXPECT_EQ(Store::open(folder_ / "nowhere", {}).error().code, ErrorCode::not_found);
}

TEST_F(StoreTest, MissingFileIsNotFoundAndTheSessionGoesOn) {
  auto session = *store_->begin_write("test");
  const std::vector<PutRequest> missing = {{work("missing"), nullptr}};
  EXPECT_EQ(session->put_files(missing).error().code, ErrorCode::not_found);
  const std::vector<PutRequest> there = {{write("a", "content"), nullptr}};
  EXPECT_TRUE(session->put_files(there));
  EXPECT_TRUE(session->seal());
}

TEST_F(StoreTest, FilesBehindASymbolicLinkAreRefused) {
  write("real/a", "secret");
  std::filesystem::create_directory_symlink(work("real"), work("link"));
  auto session = *store_->begin_write("test");
  const std::vector<PutRequest> request = {{work("link/a"), nullptr}};
  EXPECT_EQ(session->put_files(request).error().code, ErrorCode::denied);
}

TEST_F(StoreTest, ASessionThatIsNotSealedLeavesNothingUnfinished) {
  {
    auto session = *store_->begin_write("test");
    const std::vector<PutRequest> request = {{write("a", random_bytes(kMiB, 1)), nullptr}};
    ASSERT_TRUE(session->put_files(request));
  }
  EXPECT_TRUE(pack_files().empty());
  EXPECT_TRUE(std::filesystem::is_empty(paths().temporary()));
  EXPECT_TRUE(std::filesystem::is_empty(paths().leases()));
}

TEST_F(StoreTest, DescribeTellsSizeAndChunks) {
  const auto files = put({write("a", random_bytes(10 * kMiB, 1))});
  const auto info = *store_->describe(files[0].content);
  EXPECT_EQ(info.content_size, 10 * kMiB);
  EXPECT_GT(info.chunks, 4U);
  EXPECT_EQ(info.filter, "");
}

TEST_F(StoreTest, MemosAreKept) {
  EXPECT_FALSE(store_->memo(MemoTable::trace, "key"));
  store_->set_memo(MemoTable::trace, "key", "value");
  EXPECT_EQ(store_->memo(MemoTable::trace, "key"), "value");
  EXPECT_FALSE(store_->memo(MemoTable::queue, "key"));
}

TEST_F(StoreTest, CancellingStopsThePut) {
  auto session = *store_->begin_write("test");
  std::vector<PutRequest> requests;
  for (int i = 0; i < 8; ++i)
    requests.push_back(
        {write("a" + std::to_string(i), random_words(24 * kMiB, static_cast<std::uint64_t>(i))), nullptr});
  const auto stored = session->put_files(requests, {}, [] { return true; });
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::cancelled);
}

TEST_F(StoreTest, AReaderWhoHasEnoughIsCancelled) {
  class Enough final : public ByteSink {
   public:
    bool write(std::span<const std::byte>) override { return false; }
  } enough;
  const auto files = put({write("a", random_words(5 * kMiB, 1))});
  EXPECT_EQ(store_->read(files[0].content, Form::content, enough).error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace souschef::store
