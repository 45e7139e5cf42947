// SPDX-License-Identifier: MIT
#include "store/root_walk.hpp"

#include <algorithm>
#include <utility>

namespace souschef::store {

Result<RootWalk::Step> RootWalk::enter(ObjectKind kind, const Hash& id,
                                       const std::optional<Location>& location, Faults& faults) {
  const ObjectMap::Found found = location ? map_.find(*location) : ObjectMap::Found{};
  switch (found.where) {
    case ObjectMap::Where::newer:
      return Step::go_on;
    case ObjectMap::Where::here: {
      const Step step = visit_(found.slot);
      if (step != Step::damaged && !broken_.contains(found.slot)) return step;
      const PackId& pack = map_.place_of(found.slot).pack->id;
      faults.push_back({kind, id,
                        step == Step::damaged
                            ? Error(ErrorCode::corrupt, "a damaged object in pack " + pack.brief())
                            : Error(ErrorCode::not_found, "something below " + id.brief() + " is missing")});
      return Step::damaged;
    }
    case ObjectMap::Where::nowhere:
      break;
  }
  faults.push_back({kind, id, Error(ErrorCode::not_found, "object " + id.brief() + " is not in the store")});
  return Step::damaged;
}

void RootWalk::note_broken(const std::optional<Location>& location) {
  if (!location) return;
  if (const auto found = map_.find(*location); found.where == ObjectMap::Where::here)
    broken_.insert(found.slot);
}

std::optional<Bytes> RootWalk::read(ObjectKind kind, const Hash& id, Faults& faults) {
  auto bytes = parts_.reader->read(kind, id);
  if (bytes) return std::move(*bytes);
  faults.push_back({kind, id, std::move(bytes).error()});
  return std::nullopt;
}

Status RootWalk::report(const Faults& faults) {
  for (const Fault& fault : faults) SOUSCHEF_CHECK(missing_(fault.kind, fault.id, fault.error));
  return {};
}

Status RootWalk::walk(const ContentRoot& root) {
  std::vector<RecipeSummary> recipes;
  std::vector<RecipeSummary> of_blob;
  std::vector<RecipeSummary> kept_files;
  {
    SOUSCHEF_TRY(const ObjectIndex::Reader reader, parts_.index->read());
    recipes = reader.recipes(root.content);
    if (!root.blob.is_zero() && root.blob.hash != root.content.hash) {
      std::copy_if(recipes.begin(), recipes.end(), std::back_inserter(of_blob),
                   [&](const RecipeSummary& recipe) { return recipe.blob == root.blob; });
      kept_files = reader.recipes(ContentId(root.blob.hash));
    }
  }
  Faults faults;
  if (recipes.empty())
    faults.push_back({ObjectKind::recipe, root.content.hash,
                      Error(ErrorCode::not_found, "no recipe for content " + root.content.brief())});
  SOUSCHEF_TRY([[maybe_unused]] const auto content, walk_first_whole(recipes, faults));
  SOUSCHEF_CHECK(report(faults));
  for (const auto& candidates : {of_blob, kept_files}) {
    faults.clear();
    SOUSCHEF_TRY([[maybe_unused]] const auto blob, walk_first_whole(candidates, faults));
    SOUSCHEF_CHECK(report(faults));
  }
  return {};
}

Result<std::optional<RecipeId>> RootWalk::walk_first_whole(std::span<const RecipeSummary> recipes,
                                                           Faults& faults) {
  for (const RecipeSummary& recipe : recipes) {
    Faults of_this;
    SOUSCHEF_TRY(const bool whole, walk_recipe(recipe.id, of_this));
    if (whole) {
      faults.clear();
      return std::optional(recipe.id);
    }
    if (faults.empty()) faults = std::move(of_this);
  }
  return std::optional<RecipeId>();
}

Result<bool> RootWalk::walk_recipe(const RecipeId& recipe_id, Faults& faults) {
  const Hash& id = recipe_id.hash;
  SOUSCHEF_TRY(const auto locations, parts_.reader->locate(ObjectKind::recipe, std::span(&id, 1)));
  SOUSCHEF_TRY(const Step step, enter(ObjectKind::recipe, id, locations[0], faults));
  if (step != Step::go_on) return step == Step::known;
  const auto bytes = read(ObjectKind::recipe, id, faults);
  if (!bytes) return false;
  SOUSCHEF_TRY(const Recipe recipe, parse_recipe(*bytes));
  SOUSCHEF_TRY(const bool whole, walk_entries(recipe.root.entries, recipe.root.depth, faults));
  if (!whole) note_broken(locations[0]);
  return whole;
}

Result<bool> RootWalk::walk_entries(std::span<const TreeEntry> entries, std::size_t nodes_below,
                                    Faults& faults) {
  std::vector<Hash> ids(entries.size());
  std::transform(entries.begin(), entries.end(), ids.begin(),
                 [](const TreeEntry& entry) { return entry.id; });
  const ObjectKind kind = nodes_below == 0 ? ObjectKind::chunk : ObjectKind::node;
  SOUSCHEF_TRY(const auto locations, parts_.reader->locate(kind, ids));
  bool all_whole = true;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    SOUSCHEF_TRY(const Step step, enter(kind, ids[i], locations[i], faults));
    bool whole = step != Step::damaged;
    if (step == Step::go_on && kind == ObjectKind::node) {
      const auto bytes = read(kind, ids[i], faults);
      whole = bytes.has_value();
      if (bytes) {
        SOUSCHEF_TRY(const Node node, parse_node(*bytes));
        if (node.level + 1U == nodes_below) {
          SOUSCHEF_TRY(whole, walk_entries(node.entries, nodes_below - 1, faults));
        } else {
          faults.push_back({kind, ids[i], Error(ErrorCode::corrupt, "a recipe node in the wrong place")});
          whole = false;
        }
      }
      if (!whole) note_broken(locations[i]);
    }
    all_whole = all_whole && whole;
  }
  return all_whole;
}

}  // namespace souschef::store
