// SPDX-License-Identifier: MIT
#include "store/meta_frames.hpp"

#include <utility>

namespace souschef::store {

namespace {

constexpr std::size_t kFullBytes = 512U << 10;
constexpr std::size_t kFullObjects = 8192;
// A session that adds little puts nodes and recipes into one frame.
constexpr std::size_t kJoinedBytes = 128U << 10;

}  // namespace

Status MetaFrames::add(Gathered& to, ObjectKind kind, const Hash& id, std::span<const std::byte> bytes,
                       const RecipeSummary* summary) {
  if (bytes.size() > kMostObjectBytes)
    return Error(ErrorCode::unsupported, "a recipe of " + std::to_string(bytes.size()) + " bytes",
                 "packs hold objects of at most " + std::to_string(kMostObjectBytes));
  Gathered full;
  {
    const std::lock_guard lock(mutex_);
    const bool fits = to.raw.size() + bytes.size() <= kFullBytes && to.rows.size() < kFullObjects;
    if (!fits) full = std::exchange(to, {});
    to.raw.insert(to.raw.end(), bytes.begin(), bytes.end());
    to.rows.push_back({kind, id, static_cast<std::uint32_t>(bytes.size()), 0});
    if (summary != nullptr) to.recipes.push_back(*summary);
  }
  return full.rows.empty() ? Status() : write(std::move(full));
}

Status MetaFrames::add_node(const Hash& id, std::span<const std::byte> bytes) {
  return add(nodes_, ObjectKind::node, id, bytes, nullptr);
}

Status MetaFrames::add_recipe(const RecipeSummary& summary, std::span<const std::byte> bytes) {
  return add(recipes_, ObjectKind::recipe, summary.id.hash, bytes, &summary);
}

Status MetaFrames::write(Gathered gathered) {
  SOUSCHEF_TRY(const EncodedFrame frame, encode_frame(gathered.raw, std::move(gathered.rows), level_));
  return sink_.append(frame, gathered.recipes);
}

Status MetaFrames::flush() {
  Gathered nodes;
  Gathered recipes;
  {
    const std::lock_guard lock(mutex_);
    nodes = std::exchange(nodes_, {});
    recipes = std::exchange(recipes_, {});
  }
  if (!nodes.rows.empty() && nodes.raw.size() + recipes.raw.size() <= kJoinedBytes) {
    recipes.raw.insert(recipes.raw.end(), nodes.raw.begin(), nodes.raw.end());
    recipes.rows.insert(recipes.rows.end(), nodes.rows.begin(), nodes.rows.end());
    nodes = {};
  }
  if (!nodes.rows.empty()) SOUSCHEF_CHECK(write(std::move(nodes)));
  if (!recipes.rows.empty()) SOUSCHEF_CHECK(write(std::move(recipes)));
  return {};
}

}  // namespace souschef::store
