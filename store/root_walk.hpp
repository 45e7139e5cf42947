// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/object_map.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

// A content that somebody needs, and the file that it was found as.
struct ContentRoot {
  ContentId content;
  BlobId blob;  // zero: the content itself
  auto operator<=>(const ContentRoot&) const = default;
};

// Walks from roots over recipes and nodes to chunks. One thread at a time.
class RootWalk {
 public:
  // What is done with an object on the way. False: what lies below a recipe or node need not be visited
  // (again). Objects in packs that are newer than the map are passed through without a visit.
  using Visit = std::function<bool(ObjectMap::Slot slot)>;
  // An object that cannot be reached: not_found or corrupt. Success goes on to find more; an error ends the
  // walk.
  using Missing = std::function<Status(ObjectKind kind, const Hash& id, const Error& error)>;

  RootWalk(StoreParts& parts, const ObjectMap& map, Visit visit, Missing missing)
      : parts_(parts), map_(map), visit_(std::move(visit)), missing_(std::move(missing)) {}

  // What this root keeps alive: the preferred recipe of its content, the recipe that makes its blob, and the
  // blob itself where it was kept as a file of its own.
  Status walk(const ContentRoot& root);

  // The recipes that walk() follows, best first.
  Result<std::vector<RecipeSummary>> recipes_of(const ContentRoot& root);

 private:
  Status walk_recipe(const RecipeSummary& summary);
  Status walk_entries(std::span<const TreeEntry> entries, std::size_t nodes_below);
  // Whether what lies below should be visited. No also where it is missing, which is reported.
  Result<bool> enter(ObjectKind kind, const Hash& id, const std::optional<Location>& location);
  Result<std::optional<Bytes>> read(ObjectKind kind, const Hash& id);

  StoreParts& parts_;
  const ObjectMap& map_;
  Visit visit_;
  Missing missing_;
};

}  // namespace souschef::store
