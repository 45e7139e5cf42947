// SPDX-License-Identifier: MIT
#pragma once

#include <mutex>
#include <span>
#include <vector>

#include <souschef/result.hpp>

#include "store/pack_sink.hpp"

namespace souschef::store {

// Gathers the small objects of a session, tree nodes and recipes, into frames of their own kind, so that an
// index is rebuilt without reading data. Thread-safe.
class MetaFrames {
 public:
  MetaFrames(PackSink& sink, int level) : sink_(sink), level_(level) {}

  // The caller has claimed them.
  Status add_node(const Hash& id, std::span<const std::byte> bytes);
  Status add_recipe(const RecipeSummary& summary, std::span<const std::byte> bytes);
  // Everything added so far is appended to the sink when this returns.
  Status flush();

 private:
  struct Gathered {
    Bytes raw;
    std::vector<ObjectRow> rows;
    std::vector<RecipeSummary> recipes;
  };
  Status add(Gathered& to, ObjectKind kind, const Hash& id, std::span<const std::byte> bytes,
             const RecipeSummary* summary);
  Status write(Gathered gathered);

  PackSink& sink_;
  const int level_;
  std::mutex mutex_;
  Gathered nodes_, recipes_;
};

}  // namespace souschef::store
