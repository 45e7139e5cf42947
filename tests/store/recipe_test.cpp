// SPDX-License-Identifier: MIT
#include "store/recipe.hpp"

#include <map>

#include <gtest/gtest.h>

#include "store/hasher.hpp"

namespace souschef::store {
namespace {

using Nodes = std::map<Hash, Bytes>;

std::vector<TreeEntry> some_chunks(std::size_t count, std::uint64_t seed = 0) {
  std::vector<TreeEntry> chunks;
  for (std::size_t i = 0; i < count; ++i)
    chunks.push_back({hash_of(std::to_string(seed) + "/" + std::to_string(i)), 100 + i % 7});
  return chunks;
}

TreeRoot build(const std::vector<TreeEntry>& chunks, Nodes& nodes) {
  TreeBuilder builder([&](const Hash& id, Bytes bytes) {
    nodes[id] = std::move(bytes);
    return Status();
  });
  for (const TreeEntry& chunk : chunks) EXPECT_TRUE(builder.add(chunk));
  return *builder.finish();
}

Result<std::vector<TreeEntry>> walk(const TreeRoot& root, const Nodes& nodes) {
  TreeWalker walker(root, [&](const Hash& id) -> Result<Bytes> {
    const auto found = nodes.find(id);
    if (found == nodes.end()) return Error(ErrorCode::not_found, "no node");
    return found->second;
  });
  std::vector<TreeEntry> chunks;
  for (;;) {
    SOUSCHEF_TRY(const auto chunk, walker.next());
    if (!chunk) return chunks;
    chunks.push_back(*chunk);
  }
}

Recipe example() {
  Recipe recipe;
  recipe.content = ContentId(hash_of("content"));
  recipe.content_size = 1000;
  recipe.stream_size = 300;
  recipe.filter = "blend";
  recipe.filter_version = 3;
  recipe.wrapper = RecipeWrapper{true, BlobId(hash_of("blob")), 500, "blend", 2, "zstd 1.5.4", "parameters"};
  recipe.root.entries = {{hash_of("a"), 100}, {hash_of("b"), 200}};
  return recipe;
}

TEST(RecipeTree, GivesBackItsChunksWhateverTheirNumber) {
  for (const std::size_t count : {0U, 1U, 31U, 32U, 33U, 100U, 1000U, 20'000U}) {
    Nodes nodes;
    const auto chunks = some_chunks(count);
    EXPECT_EQ(*walk(build(chunks, nodes), nodes), chunks) << count;
  }
}

TEST(RecipeTree, FewChunksNeedNoNodes) {
  Nodes nodes;
  const TreeRoot root = build(some_chunks(32), nodes);
  EXPECT_EQ(root.depth, 0);
  EXPECT_TRUE(nodes.empty());
}

TEST(RecipeTree, RootAndNodesStayWithinTheLimits) {
  Nodes nodes;
  const TreeRoot root = build(some_chunks(20'000), nodes);
  EXPECT_LE(root.entries.size(), kMostRootEntries);
  for (const auto& [id, bytes] : nodes) EXPECT_LE(parse_node(bytes)->entries.size(), kMostNodeEntries);
}

TEST(RecipeTree, OneChangedChunkChangesFewNodes) {
  Nodes nodes;
  auto chunks = some_chunks(6000);
  build(chunks, nodes);
  const std::size_t before = nodes.size();
  chunks[3000].id = hash_of("changed");
  build(chunks, nodes);
  EXPECT_LE(nodes.size() - before, 8U);
}

TEST(RecipeTree, OneInsertedChunkChangesFewNodes) {
  Nodes nodes;
  auto chunks = some_chunks(6000);
  build(chunks, nodes);
  const std::size_t before = nodes.size();
  chunks.insert(chunks.begin() + 10, {hash_of("inserted"), 5});
  build(chunks, nodes);
  EXPECT_LE(nodes.size() - before, 8U);
}

TEST(RecipeTree, EqualChunksInARowAreCutAtTheMaximum) {
  Nodes nodes;
  const std::vector<TreeEntry> zeros(10'000, TreeEntry{hash_of("zeros"), 4U << 20});
  EXPECT_EQ(*walk(build(zeros, nodes), nodes), zeros);
  EXPECT_LT(nodes.size(), 10U) << "equal runs are equal nodes";
}

TEST(RecipeTree, ANodeInTheWrongPlaceIsCorrupt) {
  Nodes nodes;
  TreeRoot root = build(some_chunks(1000), nodes);
  root.entries[0].length += 1;
  EXPECT_EQ(walk(root, nodes).error().code, ErrorCode::corrupt);
  root.entries[0].length -= 1;
  root.depth += 1;
  EXPECT_EQ(walk(root, nodes).error().code, ErrorCode::corrupt);
}

TEST(RecipeFormat, ReadsWhatItWrites) {
  const Recipe recipe = example();
  const Bytes bytes = serialize(recipe);
  const Recipe read = *parse_recipe(bytes);
  EXPECT_EQ(read.content, recipe.content);
  EXPECT_EQ(read.filter, "blend");
  EXPECT_EQ(read.filter_version, 3U);
  ASSERT_TRUE(read.wrapper);
  EXPECT_EQ(read.wrapper->blob, recipe.wrapper->blob);
  EXPECT_EQ(read.wrapper->encoder, "zstd 1.5.4");
  EXPECT_EQ(read.root.entries, recipe.root.entries);
  EXPECT_EQ(serialize(read), bytes) << "one content has one form";
}

// If this fails, the format has changed, and every recipe in the world has another name.
TEST(RecipeFormat, GoldenId) {
  EXPECT_EQ(hash_of(serialize(example())).hex(),
            "de34035faeea08ba9166a2cec3bab8cc7ff36bed3612c054474415fc7110d51b");
  Node node;
  node.level = 1;
  node.entries = {{hash_of("a"), 100}, {hash_of("b"), 300}};
  EXPECT_EQ(hash_of(serialize(node)).hex(),
            "6ac4e7b344441d81002d8ea9c5654274b566db448280b77af3c75b61d836a2cb");
}

TEST(RecipeFormat, EveryTruncationIsRefused) {
  const Bytes bytes = serialize(example());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(parse_recipe(std::span(bytes).first(size))) << size;
}

TEST(RecipeFormat, BytesBehindTheEndAreRefused) {
  Bytes bytes = serialize(example());
  bytes.push_back(std::byte{0});
  EXPECT_EQ(parse_recipe(bytes).error().code, ErrorCode::corrupt);
}

TEST(RecipeFormat, UnknownVersionAndFlagsAreUnsupported) {
  for (const std::size_t at : {4U, 6U}) {
    Bytes bytes = serialize(example());
    bytes[at] = std::byte{0x40};
    EXPECT_EQ(parse_recipe(bytes).error().code, ErrorCode::unsupported);
  }
}

TEST(RecipeFormat, ChunksThatDoNotAddUpAreRefused) {
  Recipe recipe = example();
  recipe.stream_size += 1;
  EXPECT_EQ(parse_recipe(serialize(recipe)).error().code, ErrorCode::corrupt);
}

TEST(RecipeFormat, EmptyPiecesAreRefused) {
  Recipe recipe = example();
  recipe.root.entries.push_back({hash_of("c"), 0});
  EXPECT_EQ(parse_recipe(serialize(recipe)).error().code, ErrorCode::corrupt);
}

TEST(RecipeFormat, PlainChunksHaveTheContentsSize) {
  Recipe recipe = example();
  recipe.filter.clear();
  recipe.filter_version = 0;
  EXPECT_EQ(parse_recipe(serialize(recipe)).error().code, ErrorCode::corrupt);
}

TEST(RecipeFormat, LengthsThatOverflowAreRefused) {
  Recipe recipe = example();
  recipe.root.depth = 1;
  recipe.root.entries = {{hash_of("a"), 1ULL << 62}, {hash_of("b"), 1ULL << 62}};
  recipe.stream_size = 1ULL << 63;
  EXPECT_EQ(parse_recipe(serialize(recipe)).error().code, ErrorCode::corrupt);
}

TEST(RecipeFormat, NumbersHaveOneForm) {
  Bytes node = serialize(Node{0, {{hash_of("a"), 1}}});
  node.back() = std::byte{0x81};
  node.push_back(std::byte{0});
  EXPECT_FALSE(parse_node(node));
}

}  // namespace
}  // namespace souschef::store
