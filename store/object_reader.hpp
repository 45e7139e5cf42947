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

// What is in no index and not lost: it lies in the trash, or is condemned.
struct SetAside {
  // Everything, ascending; a recipe also as if its id were the content that it makes. 16 bytes each.
  std::vector<ObjectKey> objects;
  bool back = false;             // what was asked for is there again
  std::optional<Error> why_not;  // it was found and stays where it is
};

// Finds objects by id, wherever they lie; keeps the last frames and open packs. Thread-safe; everything is
// borrowed.
class ObjectReader {
 public:
  ObjectReader(FileSystem& disk, const StorePaths& paths, ObjectIndex& index, IndexKeeper& keeper,
               const Clock& clock)
      : disk_(disk), paths_(paths), index_(index), keeper_(keeper), clock_(clock) {}

  // Asked for an object that no pack holds, or, as a recipe, for a content that none makes: brings it back if
  // it is set aside, and says what else is.
  using LastResort = std::function<Result<SetAside>(ObjectKind kind, const Hash& id)>;
  // Before the first find().
  void set_last_resort(LastResort last_resort) { last_resort_ = std::move(last_resort); }

  // For what the index does not know, or knows wrongly (a recipe's id may be a content that it should make):
  // looks in what changed lately, in all packs, in an index built anew, in what is set aside, and asks
  // `is_there` after each. False: it is nowhere. Errors: where it is set aside, why it cannot come back
  // (`locked`: a collection is at work).
  using IsThere = std::function<Result<bool>()>;
  Result<bool> look_everywhere(ObjectKind kind, const Hash& id, const IsThere& is_there);
  // Errors: not_found and others, after look_everywhere(); corrupt, naming the pack.
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
  Result<bool> look_in_packs(const IsThere& is_there);

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

  // The last look that did not find what it was for.
  struct VainLook {
    std::chrono::nanoseconds at;  // since boot, when it ended
    std::uint64_t generation;     // before it began
    SetAside aside;
  };
  std::mutex look_mutex_;  // one look at a time; those who wait may find what they want when it has ended
  std::optional<VainLook> vain_look_;
};

}  // namespace souschef::store
