// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/clock.hpp"
#include "store/frame.hpp"
#include "store/index_keeper.hpp"
#include "store/object_index.hpp"
#include "store/pack_reader.hpp"
#include "store/recipe.hpp"

namespace souschef::store {

// An object where it lies.
struct FoundObject {
  std::shared_ptr<const LoadedFrame> frame;
  std::uint32_t ordinal = 0;
  PackId pack;

  // As LoadedFrame::object; an error names the pack. Not compared with the id.
  Result<std::span<const std::byte>> bytes(Bytes& scratch) const;
};

// Finds objects by id, wherever they lie; keeps the last frames and open packs. Thread-safe; everything is
// borrowed.
class ObjectReader {
 public:
  ObjectReader(FileSystem& disk, const StorePaths& paths, ObjectIndex& index, IndexKeeper& keeper,
               const Clock& clock)
      : disk_(disk), paths_(paths), index_(index), keeper_(keeper), clock_(clock) {}

  // Asked for an object that no pack holds, or, as a recipe, for a content that none makes: true if it is
  // there again (it came back from the trash).
  using LastResort = std::function<bool(ObjectKind kind, const Hash& id)>;
  bool try_last_resort(ObjectKind kind, const Hash& id) { return last_resort_ && last_resort_(kind, id); }
  // Before the first find().
  void set_last_resort(LastResort last_resort) { last_resort_ = std::move(last_resort); }

  // Errors: not_found, after the packs themselves were asked; corrupt, naming the pack.
  Result<FoundObject> find(ObjectKind kind, const Hash& id);
  // Where many lie, without reading; nothing for what the index does not know. One look at the index.
  Result<std::vector<std::optional<Location>>> locate(ObjectKind kind, std::span<const Hash> ids);
  // The frame at a place the index gave; `kind` and `id` must be there. not_found: the index was wrong, use
  // find().
  Result<FoundObject> at(const Location& location, ObjectKind kind, const Hash& id);

  // A small object, compared with its id.
  Result<Bytes> read(ObjectKind kind, const Hash& id);
  Result<Recipe> recipe(const RecipeId& id);

  // The packs that a content needs, all of them known to be there: from the index, else by walking its
  // recipe. Nothing: incomplete, or not there.
  Result<std::optional<std::vector<std::uint32_t>>> closure(const ContentId& content);

 private:
  struct CachedFrame {
    std::uint64_t key;
    std::shared_ptr<const LoadedFrame> frame;
  };
  Result<std::optional<FoundObject>> try_find(ObjectKind kind, const Hash& id);
  Result<std::shared_ptr<PackReader>> open_pack(std::uint32_t number, const PackId& id);
  Result<std::shared_ptr<const LoadedFrame>> load(const Location& location, const PackId& id);
  std::optional<std::set<std::uint32_t>> walk(const ContentId& content);
  bool may_scan();

  FileSystem& disk_;
  const StorePaths& paths_;
  ObjectIndex& index_;
  IndexKeeper& keeper_;
  const Clock& clock_;
  LastResort last_resort_;

  std::mutex frames_mutex_;
  std::list<CachedFrame> frames_;  // last used first
  std::unordered_map<std::uint64_t, std::list<CachedFrame>::iterator> frames_by_key_;
  std::size_t frames_bytes_ = 0;

  std::mutex packs_mutex_;
  std::list<std::pair<std::uint32_t, std::shared_ptr<PackReader>>> packs_;  // last used first

  std::mutex scan_mutex_;
  std::optional<std::chrono::nanoseconds> scanned_;
};

}  // namespace souschef::store
