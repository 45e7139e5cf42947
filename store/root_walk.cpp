// SPDX-License-Identifier: MIT
#include "store/root_walk.hpp"

#include <algorithm>
#include <utility>

namespace souschef::store {

Result<std::vector<RecipeSummary>> RootWalk::recipes_of(const ContentRoot& root) {
  SOUSCHEF_TRY(const ObjectIndex::Reader reader, parts_.index->read());
  std::vector<RecipeSummary> kept;
  const auto add = [&](const RecipeSummary& recipe) {
    if (std::none_of(kept.begin(), kept.end(), [&](const auto& one) { return one.id == recipe.id; }))
      kept.push_back(recipe);
  };
  const auto recipes = reader.recipes(root.content);
  if (!recipes.empty()) add(recipes.front());
  if (!root.blob.is_zero() && root.blob.hash != root.content.hash) {
    for (const RecipeSummary& recipe : recipes)
      if (recipe.blob == root.blob) {
        add(recipe);
        break;
      }
    const auto kept_files = reader.recipes(ContentId(root.blob.hash));
    if (!kept_files.empty()) add(kept_files.front());
  }
  return kept;
}

Result<bool> RootWalk::enter(ObjectKind kind, const Hash& id, const std::optional<Location>& location) {
  const ObjectMap::Found found = location ? map_.find(*location) : ObjectMap::Found{};
  switch (found.where) {
    case ObjectMap::Where::here:
      return visit_(found.slot);
    case ObjectMap::Where::newer:
      return true;
    case ObjectMap::Where::nowhere:
      break;
  }
  SOUSCHEF_CHECK(
      missing_(kind, id, Error(ErrorCode::not_found, "object " + id.brief() + " is not in the store")));
  return false;
}

Result<std::optional<Bytes>> RootWalk::read(ObjectKind kind, const Hash& id) {
  auto bytes = parts_.reader->read(kind, id);
  if (bytes) return std::optional(std::move(*bytes));
  SOUSCHEF_CHECK(missing_(kind, id, bytes.error()));
  return std::optional<Bytes>();
}

Status RootWalk::walk(const ContentRoot& root) {
  SOUSCHEF_TRY(const auto recipes, recipes_of(root));
  const bool has_content = std::any_of(recipes.begin(), recipes.end(),
                                       [&](const auto& recipe) { return recipe.content == root.content; });
  if (!has_content)
    SOUSCHEF_CHECK(missing_(ObjectKind::recipe, root.content.hash,
                            Error(ErrorCode::not_found, "no recipe for content " + root.content.brief())));
  for (const RecipeSummary& recipe : recipes) SOUSCHEF_CHECK(walk_recipe(recipe));
  return {};
}

Status RootWalk::walk_recipe(const RecipeSummary& summary) {
  const Hash& id = summary.id.hash;
  SOUSCHEF_TRY(const auto locations, parts_.reader->locate(ObjectKind::recipe, std::span(&id, 1)));
  SOUSCHEF_TRY(const bool down, enter(ObjectKind::recipe, id, locations[0]));
  if (!down) return {};
  SOUSCHEF_TRY(const auto bytes, read(ObjectKind::recipe, id));
  if (!bytes) return {};
  SOUSCHEF_TRY(const Recipe recipe, parse_recipe(*bytes));
  return walk_entries(recipe.root.entries, recipe.root.depth);
}

Status RootWalk::walk_entries(std::span<const TreeEntry> entries, std::size_t nodes_below) {
  std::vector<Hash> ids(entries.size());
  std::transform(entries.begin(), entries.end(), ids.begin(),
                 [](const TreeEntry& entry) { return entry.id; });
  const ObjectKind kind = nodes_below == 0 ? ObjectKind::chunk : ObjectKind::node;
  SOUSCHEF_TRY(const auto locations, parts_.reader->locate(kind, ids));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    SOUSCHEF_TRY(const bool down, enter(kind, ids[i], locations[i]));
    if (!down || kind == ObjectKind::chunk) continue;
    SOUSCHEF_TRY(const auto bytes, read(kind, ids[i]));
    if (!bytes) continue;
    SOUSCHEF_TRY(const Node node, parse_node(*bytes));
    if (node.level + 1U == nodes_below)
      SOUSCHEF_CHECK(walk_entries(node.entries, nodes_below - 1));
    else
      SOUSCHEF_CHECK(missing_(kind, ids[i], Error(ErrorCode::corrupt, "a recipe node in the wrong place")));
  }
  return {};
}

}  // namespace souschef::store
