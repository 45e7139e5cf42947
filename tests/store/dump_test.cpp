// SPDX-License-Identifier: MIT
#include "store/dump.hpp"

#include <fstream>

#include "store/hasher.hpp"
#include "tests/store/store_fixture.hpp"

namespace souschef::store {
namespace {

using test::random_words;

using DumpTest = StoreFixture;

TEST_F(DumpTest, APackIsPrintedWithItsObjects) {
  const auto files = put({write("a", "content")});
  const std::string text = *dump_pack(pack_files().at(0));
  EXPECT_NE(text.find("chunk " + files[0].content.hex() + " 7"), std::string::npos) << text;
  EXPECT_NE(text.find("lease write-"), std::string::npos);
}

TEST_F(DumpTest, APackWithoutItsFooterIsPrintedFromTheFront) {
  const auto files = put({write("a", "content")});
  const auto pack = pack_files().at(0);
  std::filesystem::resize_file(pack, std::filesystem::file_size(pack) - 20);
  const std::string text = *dump_pack(pack);
  EXPECT_NE(text.find("damaged"), std::string::npos);
  EXPECT_NE(text.find("chunk " + files[0].content.hex() + " 7"), std::string::npos) << text;
}

TEST_F(DumpTest, ACheckedPackIsGoodOrNamesItsFaults) {
  put({write("a", random_words(10'000, 1))});
  const auto pack = pack_files().at(0);
  EXPECT_TRUE(check_pack_file(pack)->starts_with("good"));
  folder_.write(".souschef/store/TEST-STORE", "");
  ASSERT_TRUE(corrupt_test_store(pack, 1000, 1));
  EXPECT_EQ(check_pack_file(pack).error().code, ErrorCode::corrupt);
}

TEST_F(DumpTest, ARecipeIsPrintedWithItsChunks) {
  const auto files = put({write("a", random_words(5'000'000, 1))});
  const std::string text = *dump_recipe(*store_, files[0].content.hash, Chunks::list);
  EXPECT_NE(text.find("content size 5000000"), std::string::npos) << text;
  EXPECT_NE(text.find("  chunk "), std::string::npos);
}

TEST_F(DumpTest, LookUpsTellWhereThingsLie) {
  const auto files = put({write("a", "content")});
  const std::string text = *dump_index_lookup(*store_, files[0].content.hash);
  EXPECT_NE(text.find("chunk in pack"), std::string::npos);
  EXPECT_NE(text.find("content made by recipe"), std::string::npos);
  EXPECT_EQ(dump_index_lookup(*store_, hash_of("?")).error().code, ErrorCode::not_found);
}

TEST_F(DumpTest, ObjectsAreGivenRaw) {
  const auto files = put({write("a", "content")});
  StringSink out;
  ASSERT_TRUE(dump_object(*store_, files[0].content.hash, out));
  EXPECT_EQ(out.text, "content");
}

TEST_F(DumpTest, IndexFormatAndLeasesArePrinted) {
  const auto session = *store_->begin_write("a purpose");
  EXPECT_NE(dump_leases(*store_)->find("a purpose"), std::string::npos);
  EXPECT_NE(dump_leases(*store_)->find("alive"), std::string::npos);
  EXPECT_TRUE(dump_index(*store_)->starts_with("packs 0\n"));
  EXPECT_TRUE(dump_format(*store_)->starts_with("souschef-store 1\n"));
}

TEST_F(DumpTest, OnlyTestStoresAreDamaged) {
  put({write("a", "content")});
  const auto pack = pack_files().at(0);
  EXPECT_EQ(corrupt_test_store(pack, 100, 1).error().code, ErrorCode::denied);
  folder_.write(".souschef/store/TEST-STORE", "");
  EXPECT_TRUE(corrupt_test_store(pack, 100, 1));
  EXPECT_FALSE(check_pack_file(pack));
}

}  // namespace
}  // namespace souschef::store
