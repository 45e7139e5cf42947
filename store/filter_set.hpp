// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <souschef/filter.hpp>

namespace souschef::store {

// One filter that recipes may name, with what opens files for it. All pointers are borrowed and outlive the
// set.
struct FilterEntry {
  std::string id;                // the plugin's id: "blend"; stands in recipes
  Analyser* analyser = nullptr;  // never null
  Filter* filter = nullptr;      // never null
  Wrapper* wrapper = nullptr;    // null where the format has no compressed wrapper
};

// The filters of this program, in order of preference. Immutable once the store is open.
class FilterSet {
 public:
  void add(FilterEntry entry) { entries_.push_back(std::move(entry)); }
  // Null: no filter wants a file that begins like this.
  [[nodiscard]] const FilterEntry* accepting(std::span<const std::byte> head) const {
    for (const FilterEntry& entry : entries_)
      if (entry.analyser->accepts(head)) return &entry;
    return nullptr;
  }
  [[nodiscard]] const FilterEntry* named(std::string_view id) const {
    for (const FilterEntry& entry : entries_)
      if (entry.id == id) return &entry;
    return nullptr;
  }

 private:
  std::vector<FilterEntry> entries_;
};

}  // namespace souschef::store
