// SPDX-License-Identifier: MIT
#include "plugins/contact_sheet/layout.hpp"

#include <algorithm>
#include <cmath>

namespace souschef::contact_sheet {

std::vector<std::size_t> spread(std::size_t total, std::size_t count) {
  std::vector<std::size_t> chosen;
  const std::size_t wanted = std::min(total, std::max<std::size_t>(count, 1));
  for (std::size_t i = 0; i < wanted; ++i)
    chosen.push_back(wanted == 1 ? 0 : (i * (total - 1) + (wanted - 1) / 2) / (wanted - 1));
  return chosen;
}

Grid grid_for(std::size_t pictures, std::size_t columns, double aspect) {
  const std::size_t count = std::max<std::size_t>(pictures, 1);
  if (columns == 0) {
    const double square = std::sqrt(static_cast<double>(count) / std::clamp(aspect, 0.1, 10.0));
    columns = static_cast<std::size_t>(std::lround(square));
  }
  columns = std::clamp<std::size_t>(columns, 1, count);
  return {columns, (count + columns - 1) / columns};
}

}  // namespace souschef::contact_sheet
