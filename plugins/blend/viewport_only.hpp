// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "plugins/blend/unit.hpp"
#include "plugins/blend/uses.hpp"

namespace souschef::blend {

// By datablock of the unit: true for a texture, an image or a clip that something uses, but nothing that a
// render looks at: only brushes, backgrounds of cameras, and empties that show an image. When such a file is
// missing, no picture is wrong, and nobody should be kept from banking a shot.
std::vector<bool> find_viewport_only(const Unit& unit, const Uses& uses);

}  // namespace souschef::blend
