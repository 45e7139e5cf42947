// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/content_root.hpp"
#include "store/store.hpp"

namespace souschef::store {

struct Users {
  std::string what;                // "chunk 7c01…", "pack 3f9a…"; empty: the store has nothing of that id
  std::vector<std::size_t> roots;  // indices of those that need it
};

// Which of the roots need an object, content, blob or pack. Every root is walked by itself.
Result<Users> find_users(Store& store, const Hash& id, std::span<const ContentRoot> roots,
                         const CancelFunction& cancelled = {});

}  // namespace souschef::store
