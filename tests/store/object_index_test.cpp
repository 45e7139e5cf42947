// SPDX-License-Identifier: MIT
#include "store/object_index.hpp"

#include <gtest/gtest.h>

#include "store/hasher.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::store {
namespace {

using test::TempFolder;

const IndexIdentity kIdentity{"uuid", "fs", "/path"};

std::unique_ptr<ObjectIndex> open(const TempFolder& folder, const IndexIdentity& identity = kIdentity) {
  auto index = ObjectIndex::open(folder.path(), identity);
  EXPECT_TRUE(index) << index.error().line();
  return std::move(*index);
}

std::vector<PlacedFrame> frames_of(const std::vector<std::string>& contents) {
  PlacedFrame frame;
  frame.offset = 100;
  for (const std::string& content : contents)
    frame.header.rows.push_back({ObjectKind::chunk, hash_of(content), 5, 0});
  return {frame};
}

std::uint32_t add(ObjectIndex& index, const std::string& pack, const std::vector<std::string>& contents,
                  const std::vector<RecipeSummary>& recipes = {}) {
  const auto frames = frames_of(contents);
  return *index.add_pack({PackId(hash_of(pack)), 1000, frames, recipes});
}

TEST(ObjectIndex, FindsWhatAPackHolds) {
  TempFolder folder;
  const auto index = open(folder);
  const std::uint32_t number = add(*index, "pack", {"a", "b"});
  const auto reader = *index->read();
  const auto found = reader.find(ObjectKind::chunk, hash_of("b"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->pack, number);
  EXPECT_EQ(found->ordinal, 1U);
  EXPECT_EQ(reader.pack(number)->id, PackId(hash_of("pack")));
}

TEST(ObjectIndex, KindsDoNotMix) {
  TempFolder folder;
  const auto index = open(folder);
  add(*index, "pack", {"a"});
  EXPECT_FALSE(index->read()->find(ObjectKind::node, hash_of("a")));
}

TEST(ObjectIndex, ObjectsOfARemovedPackAreAbsent) {
  TempFolder folder;
  const auto index = open(folder);
  add(*index, "pack", {"a"});
  const PackId id(hash_of("pack"));
  ASSERT_TRUE(index->remove_packs(std::span(&id, 1)));
  EXPECT_FALSE(index->read()->find(ObjectKind::chunk, hash_of("a")));
  EXPECT_TRUE(index->packs()->empty());
}

TEST(ObjectIndex, TheFirstLivingPackKeepsAnObject) {
  TempFolder folder;
  const auto index = open(folder);
  const std::uint32_t first = add(*index, "first", {"a"});
  add(*index, "second", {"a"});
  EXPECT_EQ(index->read()->find(ObjectKind::chunk, hash_of("a"))->pack, first);
}

TEST(ObjectIndex, ObjectsMoveWhenTheyShould) {
  TempFolder folder;
  const auto index = open(folder);
  add(*index, "first", {"a"});
  const auto frames = frames_of({"a"});
  const auto second =
      index->add_pack({PackId(hash_of("second")), 1000, frames, {}}, ObjectIndex::Known::move_here);
  EXPECT_EQ(index->read()->find(ObjectKind::chunk, hash_of("a"))->pack, *second);
}

TEST(ObjectIndex, AnObjectOfADeadPackIsTakenFromTheNext) {
  TempFolder folder;
  const auto index = open(folder);
  add(*index, "first", {"a"});
  const PackId first(hash_of("first"));
  ASSERT_TRUE(index->remove_packs(std::span(&first, 1)));
  const std::uint32_t second = add(*index, "second", {"a"});
  EXPECT_EQ(index->read()->find(ObjectKind::chunk, hash_of("a"))->pack, second);
}

TEST(ObjectIndex, WhatLostItsPackIsTakenFromAnother) {
  TempFolder folder;
  const auto index = open(folder);
  add(*index, "first", {"a"});
  const std::uint32_t second = add(*index, "second", {"a", "b"});
  EXPECT_TRUE(index->packs_to_add_again()->empty());
  const PackId first(hash_of("first"));
  ASSERT_TRUE(index->remove_packs(std::span(&first, 1)));
  EXPECT_EQ(*index->packs_to_add_again(), std::vector{PackId(hash_of("second"))});
  EXPECT_EQ(add(*index, "second", {"a", "b"}), second);
  EXPECT_EQ(index->read()->find(ObjectKind::chunk, hash_of("a"))->pack, second);
  EXPECT_TRUE(index->packs_to_add_again()->empty());
}

TEST(ObjectIndex, WhatLostThePackItMovedToIsTakenFromItsOwn) {
  TempFolder folder;
  const auto index = open(folder);
  const std::uint32_t first = add(*index, "first", {"a"});
  const auto frames = frames_of({"a"});
  const PackId second(hash_of("second"));
  ASSERT_TRUE(index->add_pack({second, 1000, frames, {}}, ObjectIndex::Known::move_here));
  ASSERT_TRUE(index->remove_packs(std::span(&second, 1)));
  add(*index, "first", {"a"});
  EXPECT_EQ(index->read()->find(ObjectKind::chunk, hash_of("a"))->pack, first);
}

TEST(ObjectIndex, AddingAPackTwiceChangesNothing) {
  TempFolder folder;
  const auto index = open(folder);
  EXPECT_EQ(add(*index, "pack", {"a"}), add(*index, "pack", {"a"}));
  EXPECT_EQ(index->packs()->size(), 1U);
}

TEST(ObjectIndex, RecipesComeBestFirst) {
  TempFolder folder;
  const auto index = open(folder);
  const ContentId content(hash_of("content"));
  const auto recipe = [&](const char* name, std::uint32_t version, bool exact) {
    RecipeSummary summary;
    summary.id = RecipeId(hash_of(name));
    summary.content = content;
    summary.filter_version = version;
    summary.makes_blob = exact;
    if (exact) summary.blob = BlobId(hash_of("blob"));
    return summary;
  };
  add(*index, "pack", {}, {recipe("plain", 0, false), recipe("new", 3, false), recipe("exact", 1, true)});
  const auto recipes = index->read()->recipes(content);
  ASSERT_EQ(recipes.size(), 3U);
  EXPECT_EQ(recipes[0].id, RecipeId(hash_of("exact")));
  EXPECT_EQ(recipes[1].id, RecipeId(hash_of("new")));
  EXPECT_EQ(index->read()->content_of(BlobId(hash_of("blob"))), content);
}

TEST(ObjectIndex, AnotherStoresIndexIsForgotten) {
  TempFolder folder;
  add(*open(folder), "pack", {"a"});
  const auto other = open(folder, {"another", "fs", "/path"});
  EXPECT_FALSE(other->read()->find(ObjectKind::chunk, hash_of("a")));
}

TEST(ObjectIndex, AMovedStoresIndexIsForgotten) {
  TempFolder folder;
  add(*open(folder), "pack", {"a"});
  EXPECT_FALSE(open(folder, {"uuid", "fs", "/elsewhere"})->read()->find(ObjectKind::chunk, hash_of("a")));
}

TEST(ObjectIndex, ADamagedIndexIsReplaced) {
  TempFolder folder;
  folder.write("v1/data.mdb", std::string(10'000, 'x'));
  EXPECT_EQ(add(*open(folder), "pack", {"a"}), 1U);
}

TEST(ObjectIndex, TwoObjectsOfOneProcessShareTheFile) {
  TempFolder folder;
  const auto a = open(folder), b = open(folder);
  add(*a, "pack", {"x"});
  EXPECT_TRUE(b->read()->find(ObjectKind::chunk, hash_of("x")));
}

TEST(ObjectIndex, ManyObjectsAreAddedInSeveralTransactions) {
  TempFolder folder;
  const auto index = open(folder);
  std::vector<std::string> contents;
  for (int i = 0; i < 30'000; ++i) contents.push_back(std::to_string(i));
  add(*index, "pack", contents);
  const auto reader = *index->read();
  for (const std::string& content : contents) ASSERT_TRUE(reader.find(ObjectKind::chunk, hash_of(content)));
}

TEST(ObjectIndex, SeenFilesComeBack) {
  TempFolder folder;
  const auto index = open(folder);
  SeenFile file;
  file.stamp = {7, -1, 2, 3, true};
  file.content = ContentId(hash_of("content"));
  file.content_size = 9;
  file.blob = BlobId(hash_of("blob"));
  file.blob_size = 7;
  const std::filesystem::path name(std::string(5000, 'n'));
  ASSERT_TRUE(index->put({{{name, file}}, {}}));
  const auto seen = *index->read()->seen(name);
  EXPECT_EQ(seen.stamp, file.stamp);
  EXPECT_EQ(seen.content, file.content);
  EXPECT_EQ(seen.blob, file.blob);
  EXPECT_FALSE(index->read()->seen("another"));
}

TEST(ObjectIndex, ProgressComesBack) {
  TempFolder folder;
  const auto index = open(folder);
  EXPECT_FALSE(*index->progress());
  const IndexProgress progress{7, {{"a.log", 130}, {"b.log", 65}}, PackId(hash_of("pack"))};
  ASSERT_TRUE(index->set_progress(progress));
  EXPECT_EQ(**index->progress(), progress);
}

}  // namespace
}  // namespace souschef::store
