// SPDX-License-Identifier: MIT
// Why a tree. A .blend of 100 MB has 6 000 chunks of 16 KiB; their ids are 200 kB that no compressor shrinks,
// more than the edit that a new version stores. So the list of ids is cut by content, like a file, and its
// pieces are stored once like chunks: a version that differs in one chunk stores one node a level, about 600
// bytes each.
//
// Where a node ends: behind an entry whose id ends in four zero bits (ids are hashes, so one in 16 does), not
// before four entries and not after 64. A level of 32 or fewer entries is not cut: it is the root, so that a
// small file has no nodes at all.
//
//   chunks  a b c d|e f g h i|j k l m n|…       level 0
//   nodes     A         B         C      …      level 1: ids of the nodes above, cut by the same rule
//   root    [ A B C … ]                         depth 1
#include "store/recipe.hpp"

#include <algorithm>

#include "store/hasher.hpp"

namespace souschef::store {

namespace {

constexpr std::string_view kMagic = "SCRC";
constexpr std::uint16_t kHasWrapper = 1;
constexpr std::uint8_t kNodeVersion = 1;
constexpr std::size_t kFewestNodeEntries = 4;
constexpr std::size_t kMostNameBytes = 255;
constexpr std::size_t kEntryBytes = Hash::kSize + 1;  // at least

Error damaged(std::string why) {
  return Error(ErrorCode::corrupt, "a damaged recipe", std::move(why));
}

void write_text(WireWriter& writer, std::string_view text) {
  writer.varint(text.size());
  writer.text(text);
}

std::string read_text(WireReader& reader, std::size_t most) {
  const std::uint64_t size = reader.varint();
  if (size > most) {
    reader.bytes(reader.left() + 1);  // spoils the reader
    return {};
  }
  return std::string(reader.text(static_cast<std::size_t>(size)));
}

void write_entries(WireWriter& writer, const std::vector<TreeEntry>& entries) {
  writer.varint(entries.size());
  for (const TreeEntry& entry : entries) {
    writer.hash(entry.id);
    writer.varint(entry.length);
  }
}

// `chunks`: the entries are chunks, whose length has a limit.
Result<std::vector<TreeEntry>> read_entries(WireReader& reader, bool chunks, std::size_t most) {
  const std::uint64_t count = reader.varint();
  if (!reader.ok() || count > most || count > reader.left() / kEntryBytes)
    return damaged("a list longer than its bytes");
  std::vector<TreeEntry> entries(static_cast<std::size_t>(count));
  std::uint64_t total = 0;
  for (TreeEntry& entry : entries) {
    entry.id = reader.hash();
    entry.length = reader.varint();
    // Empty entries would let a few hostile nodes stand for an endless walk.
    if (entry.length == 0 || (chunks && entry.length > kMostObjectBytes))
      return damaged("a piece of " + std::to_string(entry.length) + " bytes");
    if (entry.length > (1ULL << 62) || (total += entry.length) > (1ULL << 62))
      return damaged("lengths that overflow");
  }
  if (!reader.at_end()) return damaged("bytes that belong to nothing");
  return entries;
}

std::uint64_t length_of(const std::vector<TreeEntry>& entries) {
  std::uint64_t total = 0;
  for (const TreeEntry& entry : entries) total += entry.length;
  return total;
}

bool ends_node(const TreeEntry& entry, std::size_t count) {
  return count >= kMostNodeEntries ||
         (count >= kFewestNodeEntries && (std::to_integer<unsigned>(entry.id.bytes.back()) & 15U) == 0);
}

}  // namespace

Bytes serialize(const Recipe& recipe) {
  Bytes out;
  WireWriter writer(out);
  writer.text(kMagic);
  writer.number(kRecipeVersion);
  writer.number(recipe.wrapper ? kHasWrapper : std::uint16_t{0});
  writer.hash(recipe.content.hash);
  writer.varint(recipe.content_size);
  writer.varint(recipe.stream_size);
  write_text(writer, recipe.filter);
  writer.varint(recipe.filter_version);
  if (recipe.wrapper) {
    writer.number(static_cast<std::uint8_t>(recipe.wrapper->exact ? 1 : 0));
    writer.hash(recipe.wrapper->blob.hash);
    writer.varint(recipe.wrapper->blob_size);
    write_text(writer, recipe.wrapper->plugin);
    writer.varint(recipe.wrapper->kind);
    write_text(writer, recipe.wrapper->encoder);
    write_text(writer, recipe.wrapper->parameters);
  }
  writer.number(recipe.root.depth);
  write_entries(writer, recipe.root.entries);
  return out;
}

Result<Recipe> parse_recipe(std::span<const std::byte> bytes) {
  WireReader reader(bytes);
  if (reader.text(kMagic.size()) != kMagic) return damaged("it begins otherwise");
  const auto version = reader.number<std::uint16_t>();
  const auto flags = reader.number<std::uint16_t>();
  if (!reader.ok()) return damaged("it ends too early");
  if (version != kRecipeVersion || (flags & ~kHasWrapper) != 0)
    return Error(ErrorCode::unsupported,
                 "a recipe of version " + std::to_string(version) + ", flags " + std::to_string(flags),
                 "this program reads version " + std::to_string(kRecipeVersion))
        .next_step("update souschef");

  Recipe recipe;
  recipe.content = ContentId(reader.hash());
  recipe.content_size = reader.varint();
  recipe.stream_size = reader.varint();
  recipe.filter = read_text(reader, kMostNameBytes);
  const std::uint64_t filter_version = reader.varint();
  if (filter_version > UINT32_MAX) return damaged("a filter version that is too large");
  recipe.filter_version = static_cast<std::uint32_t>(filter_version);
  if ((flags & kHasWrapper) != 0) {
    RecipeWrapper& wrapper = recipe.wrapper.emplace();
    const auto exact = reader.number<std::uint8_t>();
    if (exact > 1) return damaged("a flag that is neither yes nor no");
    wrapper.exact = exact == 1;
    wrapper.blob = BlobId(reader.hash());
    wrapper.blob_size = reader.varint();
    wrapper.plugin = read_text(reader, kMostNameBytes);
    const std::uint64_t kind = reader.varint();
    if (kind > UINT32_MAX) return damaged("a wrapper of an impossible kind");
    wrapper.kind = static_cast<std::uint32_t>(kind);
    wrapper.encoder = read_text(reader, kMostNameBytes);
    wrapper.parameters = read_text(reader, kMostRecipeBytes);
  }
  recipe.root.depth = reader.number<std::uint8_t>();
  if (!reader.ok()) return damaged("it ends too early");
  if (recipe.root.depth > kMostDepth) return damaged("a tree that is too deep");
  SOUSCHEF_TRY(recipe.root.entries, read_entries(reader, recipe.root.depth == 0, kMostRootEntries));
  if (length_of(recipe.root.entries) != recipe.stream_size) return damaged("chunks that do not add up");
  if (recipe.filter.empty() && (recipe.stream_size != recipe.content_size || recipe.filter_version != 0))
    return damaged("plain chunks of another size than the content");
  return recipe;
}

Bytes serialize(const Node& node) {
  Bytes out;
  WireWriter writer(out);
  writer.number(kNodeVersion);
  writer.number(node.level);
  write_entries(writer, node.entries);
  return out;
}

Result<Node> parse_node(std::span<const std::byte> bytes) {
  WireReader reader(bytes);
  const auto version = reader.number<std::uint8_t>();
  Node node;
  node.level = reader.number<std::uint8_t>();
  if (!reader.ok()) return damaged("a node that ends too early");
  if (version != kNodeVersion)
    return Error(ErrorCode::unsupported, "a recipe node of version " + std::to_string(version));
  if (node.level >= kMostDepth) return damaged("a tree that is too deep");
  SOUSCHEF_TRY(node.entries, read_entries(reader, node.level == 0, kMostNodeEntries));
  if (node.entries.empty()) return damaged("an empty node");
  return node;
}

Status TreeBuilder::add_at(std::size_t level, const TreeEntry& entry) {
  if (levels_.size() <= level) levels_.resize(level + 1);
  if (!levels_[level].cutting) {
    levels_[level].entries.push_back(entry);
    if (levels_[level].entries.size() <= kMostRootEntries) return {};
    // Too many for a root: from here on, and for those that waited, the rule decides.
    std::vector<TreeEntry> waiting;
    waiting.swap(levels_[level].entries);
    levels_[level].cutting = true;
    for (const TreeEntry& earlier : waiting) SOUSCHEF_CHECK(add_at(level, earlier));
    return {};
  }
  levels_[level].entries.push_back(entry);
  return ends_node(entry, levels_[level].entries.size()) ? close(level) : Status();
}

Status TreeBuilder::close(std::size_t level) {
  Node node;
  node.level = static_cast<std::uint8_t>(level);
  node.entries.swap(levels_[level].entries);
  Bytes bytes = serialize(node);
  const TreeEntry entry{hash_of(bytes), length_of(node.entries)};
  SOUSCHEF_CHECK(sink_(entry.id, std::move(bytes)));
  return add_at(level + 1, entry);
}

Result<TreeRoot> TreeBuilder::finish() {
  // From below: what is left of a level that was cut becomes its last node. The highest level never was.
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    if (!levels_[level].cutting)
      return TreeRoot{static_cast<std::uint8_t>(level), std::move(levels_[level].entries)};
    if (!levels_[level].entries.empty()) SOUSCHEF_CHECK(close(level));
  }
  return TreeRoot{};
}

TreeWalker::TreeWalker(TreeRoot root, NodeSource source) : source_(std::move(source)), depth_(root.depth) {
  stack_.push_back({std::move(root.entries), 0});
}

Result<std::optional<TreeEntry>> TreeWalker::next() {
  while (!stack_.empty()) {
    Level& top = stack_.back();
    if (top.at == top.entries.size()) {
      stack_.pop_back();
      continue;
    }
    const TreeEntry entry = top.entries[top.at++];
    const std::size_t nodes_below = depth_ + 1 - stack_.size();
    if (nodes_below == 0) return std::optional(entry);
    SOUSCHEF_TRY(const Bytes bytes, source_(entry.id));
    SOUSCHEF_TRY(Node node, parse_node(bytes));
    if (node.level + 1U != nodes_below || length_of(node.entries) != entry.length)
      return damaged("a node that does not fit in its place");
    stack_.push_back({std::move(node.entries), 0});
  }
  return std::optional<TreeEntry>();
}

}  // namespace souschef::store
