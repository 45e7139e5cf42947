// SPDX-License-Identifier: MIT
// Which frames, and in how many rows.
#pragma once

#include <cstddef>
#include <vector>

namespace souschef::contact_sheet {

// `count` of the numbers 0 .. total - 1, spread evenly, the first and the last among them; all where there
// are no more. Ascending.
std::vector<std::size_t> spread(std::size_t total, std::size_t count);

struct Grid {
  std::size_t columns = 1, rows = 1;

  bool operator==(const Grid&) const = default;
};

// `columns` 0: the smallest sheet that is about as wide as high.
Grid grid_for(std::size_t pictures, std::size_t columns, double aspect);

}  // namespace souschef::contact_sheet
