// SPDX-License-Identifier: MIT
#include "store/trash.hpp"

#include "store/hasher.hpp"
#include "tests/store/store_fixture.hpp"

namespace souschef::store {
namespace {

class TrashTest : public StoreFixture {
 protected:
  Trash trash() const { return Trash(FileSystem::real(), trash_paths_); }
  PackId a_pack() {
    put({write("a", "content")});
    return *StorePaths::pack_of_name(pack_files().at(0).filename().string());
  }
  void SetUp() override {
    StoreFixture::SetUp();
    trash_paths_ = paths();
  }
  StorePaths trash_paths_{""};
};

TEST_F(TrashTest, ABatchIsReadAsItWasWritten) {
  const TrashBatch batch{7, 1234, "gc", {"write-a.1", "write-b.1"}};
  const auto parsed = parse_batch(serialize(batch));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->generation, 7U);
  EXPECT_EQ(parsed->time_ms, 1234);
  EXPECT_EQ(parsed->leases, batch.leases);
}

TEST_F(TrashTest, EveryTruncationAndEveryFlippedByteOfABatchIsRefused) {
  const std::string text = serialize({7, 1234, "gc", {"write-a.1"}});
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(parse_batch(text.substr(0, i)));
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_FALSE(parse_batch(flipped)) << i;
  }
}

TEST_F(TrashTest, ANewerVersionIsUnsupported) {
  EXPECT_EQ(parse_batch("souschef-trash 2\n").error().code, ErrorCode::unsupported);
}

TEST_F(TrashTest, WhatIsMovedComesBack) {
  const PackId pack = a_pack();
  folder_.write(".souschef/store/jobs/7c/7c01.json", "a job");
  Trash trash = this->trash();
  ASSERT_TRUE(trash.begin({3, 0, "test", {}}, "test"));
  ASSERT_TRUE(trash.move_pack(3, pack));
  ASSERT_TRUE(trash.move_file(3, "jobs/7c/7c01.json"));
  EXPECT_TRUE(pack_files().empty());
  const auto contents = *trash.contents(3);
  EXPECT_EQ(contents.packs, std::vector{pack});
  EXPECT_EQ(contents.files, std::vector<std::string>{"jobs/7c/7c01.json"});
  ASSERT_TRUE(trash.bring_back_pack(3, pack));
  ASSERT_TRUE(trash.bring_back_file(3, "jobs/7c/7c01.json"));
  EXPECT_EQ(pack_files().size(), 1U);
  EXPECT_EQ(test::read_file(folder_ / ".souschef/store/jobs/7c/7c01.json"), "a job");
}

TEST_F(TrashTest, MovingTwiceIsMovingOnce) {
  const PackId pack = a_pack();
  Trash trash = this->trash();
  ASSERT_TRUE(trash.begin({3, 0, "test", {}}, "test"));
  ASSERT_TRUE(trash.begin({3, 0, "test", {}}, "test"));
  ASSERT_TRUE(trash.move_pack(3, pack));
  EXPECT_TRUE(trash.move_pack(3, pack));
}

TEST_F(TrashTest, RemovedIsGone) {
  const PackId pack = a_pack();
  Trash trash = this->trash();
  ASSERT_TRUE(trash.begin({3, 0, "test", {}}, "test"));
  ASSERT_TRUE(trash.move_pack(3, pack));
  ASSERT_TRUE(trash.remove(3));
  EXPECT_TRUE(trash.batches()->empty());
  EXPECT_TRUE(trash.remove(3));
}

TEST_F(TrashTest, AFolderThatIsNoBatchIsNamedAndLeftAlone) {
  folder_.write(".souschef/store/trash/00000009/batch", "?");
  std::vector<std::string> damaged;
  EXPECT_TRUE(trash().batches(&damaged)->empty());
  EXPECT_EQ(damaged, std::vector<std::string>{"00000009"});
}

}  // namespace
}  // namespace souschef::store
