// SPDX-License-Identifier: MIT
// What this host believes about a store: which object lies where, which recipes make a content, what files
// were seen. A claim, never proof (invariant A): packs may have come and gone through other hosts, and
// deleting the whole folder loses nothing. index_keeper.hpp keeps it in step with the store's files.
//
// Threads: thread-safe; a Reader is used by one thread. Processes of one host share one index.
// Durability: none needed.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/file_stamp.hpp"
#include "store/lmdb_env.hpp"
#include "store/pack_format.hpp"
#include "store/recipe.hpp"

namespace souschef::store {

// Another schema is another folder: index/v1.
inline constexpr int kIndexSchema = 1;

// Half an id, and its kind: enough to find an object (the pack has the whole id and decides), and half the
// memory that look-ups touch.
struct ObjectKey {
  std::array<std::byte, 16> bytes{};
  auto operator<=>(const ObjectKey&) const = default;
};
ObjectKey key_of(ObjectKind kind, const Hash& id);

struct Location {
  std::uint32_t pack = 0;     // this index's number for it
  std::uint32_t offset = 0;   // of the frame
  std::uint32_t size = 0;     // of the frame, header included
  std::uint32_t ordinal = 0;  // of the object in the frame
  bool operator==(const Location&) const = default;
};

// What the index must know of a recipe to choose among several.
struct RecipeSummary {
  RecipeId id;
  ContentId content;
  std::optional<BlobId> blob;  // the wrapped file that it was made from
  bool makes_blob = false;     // and gives back, bit for bit
  std::uint32_t filter_version = 0;
};
RecipeSummary summary_of(const RecipeId& id, const Recipe& recipe);

struct IndexedPack {
  PackId id;
  std::uint64_t size = 0;
  std::span<const PlacedFrame> frames;
  std::span<const RecipeSummary> recipes;
};

struct KnownPack {
  PackId id;
  std::uint64_t size = 0;
};

// What was seen of a file of the production.
struct SeenFile {
  FileStamp stamp;
  ContentId content;
  BlobId blob;
  std::uint64_t content_size = 0;
  std::uint64_t blob_size = 0;
};

// What a file of the pantry was when it was verified.
struct PantryRecord {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::uint32_t mode = 0;
  bool operator==(const PantryRecord&) const = default;
};

// Whose index this is. Where it does not match, the store was copied or moved: everything is forgotten.
struct IndexIdentity {
  std::string store_uuid;
  std::string file_system;
  std::string path;
};

// How far this index has followed the store's files.
struct IndexProgress {
  std::uint64_t generation = 0;               // of gc
  std::map<std::string, std::uint64_t> logs;  // host -> bytes of store/added/<host>.log that were read
  std::optional<PackId> newest;               // the pack that was added last
  bool operator==(const IndexProgress&) const = default;
};

class ObjectIndex {
 public:
  // `folder`: index/; the schema's folder is made in it. A damaged or foreign index is emptied.
  static Result<std::unique_ptr<ObjectIndex>> open(const std::filesystem::path& folder,
                                                   const IndexIdentity& identity);

  class Reader {
   public:
    // Nothing: not known, or the pack it was in is gone.
    [[nodiscard]] std::optional<Location> find(ObjectKind kind, const Hash& id) const;
    [[nodiscard]] std::optional<Location> find(const ObjectKey& key) const;
    [[nodiscard]] std::optional<KnownPack> pack(std::uint32_t number) const;
    // Best first: exact before content only, higher filter version, lower id (invariant 8).
    [[nodiscard]] std::vector<RecipeSummary> recipes(const ContentId& content) const;
    // The content of a wrapped original that some recipe makes exactly.
    [[nodiscard]] std::optional<ContentId> content_of(const BlobId& blob) const;
    // The packs that a content was found to need; nothing: nobody looked yet.
    [[nodiscard]] std::optional<std::vector<std::uint32_t>> closure(const ContentId& content) const;
    [[nodiscard]] std::optional<SeenFile> seen(const std::filesystem::path& path) const;
    [[nodiscard]] std::optional<PantryRecord> pantry(const ContentId& content, bool executable) const;
    [[nodiscard]] std::optional<std::string> memo(Table table, std::string_view key) const;

   private:
    friend class ObjectIndex;
    using Packs = std::unordered_map<std::uint32_t, KnownPack>;
    Reader(LmdbReader reader, std::shared_ptr<const Packs> packs)
        : reader_(std::move(reader)), packs_(std::move(packs)) {}
    LmdbReader reader_;
    std::shared_ptr<const Packs> packs_;
  };
  // Short-lived: no I/O and no waiting while it exists.
  [[nodiscard]] Result<Reader> read() const;

  // Every pack that this index has, with its number.
  [[nodiscard]] Result<std::vector<std::pair<std::uint32_t, KnownPack>>> packs() const;
  // Those of them that may have objects which were found in packs that were removed since, and are found in
  // none now.
  [[nodiscard]] Result<std::vector<PackId>> packs_to_add_again() const;
  // Nothing: it has followed nothing yet.
  [[nodiscard]] Result<std::optional<IndexProgress>> progress() const;
  Status set_progress(const IndexProgress& progress);

  // What to do with objects that are known from another living pack too.
  enum class Known { keep, move_here };
  // Changes the progress in the transaction that makes the pack known.
  using Advance = std::function<void(IndexProgress&)>;
  // The pack's number. Objects are found in it once this returns. Adding it again changes nothing but where
  // objects are found that other packs have, or had, too: with Known::move_here here, else here if no other
  // pack has them any more.
  Result<std::uint32_t> add_pack(const IndexedPack& pack, Known known = Known::keep,
                                 const Advance& advance = {});
  // Another of several copies of an object is found from now on.
  Status move_object(const ObjectKey& key, const Location& location);
  // Their objects count as absent from now on.
  Status remove_packs(std::span<const PackId> packs);
  // Everything that came from packs; what was seen of files stays.
  Status forget_packs();

  struct Rows {
    std::vector<std::pair<std::filesystem::path, SeenFile>> seen;
    std::vector<std::pair<ContentId, std::vector<std::uint32_t>>> closures;
  };
  Status put(const Rows& rows);
  Status put_pantry(const ContentId& content, bool executable, const PantryRecord& record);
  Status remove_pantry(const ContentId& content, bool executable);
  Status set_memo(Table table, std::string_view key, std::string_view value);

  [[nodiscard]] LmdbSizes sizes() const { return env_->sizes(); }
  struct Counts {
    std::uint64_t packs = 0, objects = 0, contents = 0, seen = 0;
  };
  [[nodiscard]] Result<Counts> counts() const;

 private:
  explicit ObjectIndex(std::shared_ptr<LmdbEnv> env) : env_(std::move(env)) {}
  Status claim(const IndexIdentity& identity);

  std::shared_ptr<LmdbEnv> env_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const Reader::Packs> packs_;  // as of packs_version_
  mutable std::uint64_t packs_version_ = 0;
};

}  // namespace souschef::store
