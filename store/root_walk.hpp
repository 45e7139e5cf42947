// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/content_root.hpp"
#include "store/object_map.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

// Walks from roots over recipes and nodes to chunks. One thread at a time.
class RootWalk {
 public:
  enum class Step {
    go_on,    // what lies below a recipe or node is visited too
    known,    // it was visited before
    damaged,  // it is there and not what it should be
  };
  // What is done with an object on the way. Objects in packs that are newer than the map are passed through
  // without a visit.
  using Visit = std::function<Step(ObjectMap::Slot slot)>;
  // An object that a root needs and that cannot be reached: not_found or corrupt. Success goes on to find
  // more; an error ends the walk.
  using Missing = std::function<Status(ObjectKind kind, const Hash& id, const Error& error)>;

  RootWalk(StoreParts& parts, const ObjectMap& map, Visit visit, Missing missing)
      : parts_(parts), map_(map), visit_(std::move(visit)), missing_(std::move(missing)) {}

  // What this root keeps alive: the best recipe of its content of which nothing is missing, the recipe that
  // makes its blob, and the blob itself where it was kept as a file of its own. Objects of a worse or broken
  // recipe may be visited on the way.
  Status walk(const ContentRoot& root);

 private:
  struct Fault {
    ObjectKind kind;
    Hash id;
    Error error;
  };
  using Faults = std::vector<Fault>;

  // The first recipe of which nothing is missing; nothing, and the faults of the first, where all are broken.
  Result<std::optional<RecipeId>> walk_first_whole(std::span<const RecipeSummary> recipes, Faults& faults);
  Result<bool> walk_recipe(const RecipeId& id, Faults& faults);
  Result<bool> walk_entries(std::span<const TreeEntry> entries, std::size_t nodes_below, Faults& faults);
  // What is to be done with an object; `damaged` also where it is missing, or where something below it was.
  Result<Step> enter(ObjectKind kind, const Hash& id, const std::optional<Location>& location,
                     Faults& faults);
  void note_broken(const std::optional<Location>& location);
  std::optional<Bytes> read(ObjectKind kind, const Hash& id, Faults& faults);
  Status report(const Faults& faults);

  StoreParts& parts_;
  const ObjectMap& map_;
  Visit visit_;
  Missing missing_;
  // Recipes and nodes below which something is missing: who meets them again must know although they are not
  // visited twice.
  std::unordered_set<ObjectMap::Slot> broken_;
};

}  // namespace souschef::store
