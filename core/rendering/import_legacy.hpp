// SPDX-License-Identifier: MIT
// Orders of the original Sous Chef: .souschef/orders/NAME/order.toml.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/production/production.hpp"
#include "core/rendering/place_order.hpp"

namespace souschef::core {

// What became of one of them.
struct ImportedOrder {
  std::string legacy_name;
  std::string name;  // of the new order; empty: none was made
  std::string why;   // why none was made, or what is different now
  bool failed = false;
};

// One order.toml as wishes. `folder`: of the order. `complete`: the original has rendered it. Errors:
// bad_input, not_found (neither its packed copy nor its source is there).
struct LegacyOrder {
  OrderWishes wishes;
  bool complete = false;
  std::string note;
};
Result<LegacyOrder> read_legacy_order(const Production& production, const std::filesystem::path& folder);

// Makes an order of each of them that is not complete, in the original's order, paused. The original's files
// are only read. An order that is here already under its name is passed over. Errors: not_found (no such
// folder).
Result<std::vector<ImportedOrder>> import_legacy(Production& production, const SnapshotEvents& events);

}  // namespace souschef::core
