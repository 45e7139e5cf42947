// SPDX-License-Identifier: MIT
// How a file is rebuilt: which chunks, in which order, through which filter, in which wrapper.
// docs/format/recipe.md is the law; in short:
//
//   recipe  = "SCRC" version:u16 flags:u16 content:32 content-size:v stream-size:v
//             filter:text filter-version:v [wrapper] depth:u8 entries
//   wrapper = exact:u8 blob:32 blob-size:v plugin:text kind:v encoder:text parameters:bytes       (flag 1)
//   node    = version:u8 level:u8 entries
//   entries = count:v (id:32 length:v)*                   (v: varint; text, bytes: varint length, then bytes)
//
// The outer form says which chunks are used without knowing the filter, so that a program without it can
// still tell what is needed and what is garbage (invariant 11).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/pack_format.hpp"
#include "store/wire.hpp"

namespace souschef::store {

inline constexpr std::uint16_t kRecipeVersion = 1;
inline constexpr std::size_t kMostRecipeBytes = kMostObjectBytes;
inline constexpr std::uint8_t kMostDepth = 16;
inline constexpr std::size_t kMostNodeEntries = 64;
inline constexpr std::size_t kMostRootEntries = 32;

// One piece of the stream: a chunk, or a node that stands for many.
struct TreeEntry {
  Hash id;
  std::uint64_t length = 0;  // of the stream below it
  bool operator==(const TreeEntry&) const = default;
};

// The list of a stream's chunks. `depth` nodes lie between a root entry and a chunk: 0: the entries are
// chunks.
struct TreeRoot {
  std::uint8_t depth = 0;
  std::vector<TreeEntry> entries;
};

// The wrapper that a file had around its content when it was found.
struct RecipeWrapper {
  bool exact = false;  // it can be made again, bit for bit; else a fresh one takes its place
  BlobId blob;         // the file
  std::uint64_t blob_size = 0;
  std::string plugin;      // whose wrapper: a FilterEntry's id
  std::uint32_t kind = 0;  // WrapperKind
  std::string encoder;     // the one that was tried: "zstd 1.5.4"
  std::string parameters;  // empty unless exact
};

struct Recipe {
  ContentId content;
  std::uint64_t content_size = 0;
  std::uint64_t stream_size = 0;     // what comes out of the chunks; equal to content_size without a filter
  std::string filter;                // empty: the chunks are the content
  std::uint32_t filter_version = 0;  // 0 without a filter
  std::optional<RecipeWrapper> wrapper;
  TreeRoot root;
};

Bytes serialize(const Recipe& recipe);
// Errors: corrupt; unsupported (another version or unknown flags).
Result<Recipe> parse_recipe(std::span<const std::byte> bytes);

struct Node {
  std::uint8_t level = 0;  // 0: the entries are chunks
  std::vector<TreeEntry> entries;
};
Bytes serialize(const Node& node);
Result<Node> parse_node(std::span<const std::byte> bytes);

// Builds a tree from its chunks, front to back, with memory for one node a level. Equal runs of chunks become
// equal nodes wherever they stand: a node ends behind an id whose last byte says so.
class TreeBuilder {
 public:
  // Takes each finished node; called during add() and finish().
  using NodeSink = std::function<Status(const Hash& id, Bytes node)>;
  explicit TreeBuilder(NodeSink sink) : sink_(std::move(sink)) {}

  Status add(const TreeEntry& chunk) { return add_at(0, chunk); }
  Result<TreeRoot> finish();

 private:
  struct Level {
    std::vector<TreeEntry> entries;  // of the node that is being filled
    bool cutting = false;            // too many for a root
  };
  Status add_at(std::size_t level, const TreeEntry& entry);
  Status close(std::size_t level);

  NodeSink sink_;
  std::vector<Level> levels_;
};

// Visits a tree's chunks from front to back with memory for one node a level.
class TreeWalker {
 public:
  // Gives the bytes of a node.
  using NodeSource = std::function<Result<Bytes>(const Hash& id)>;
  TreeWalker(TreeRoot root, NodeSource source);

  // The next chunk; nothing at the end. `corrupt` where nodes and lengths do not fit together.
  Result<std::optional<TreeEntry>> next();

 private:
  struct Level {
    std::vector<TreeEntry> entries;
    std::size_t at = 0;
  };
  NodeSource source_;
  std::vector<Level> stack_;
  std::uint8_t depth_;
};

}  // namespace souschef::store
