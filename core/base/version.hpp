// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace souschef::core {

// The product's version, from the one line in the top CMakeLists.txt. The plugin ABI (souschef/plugin.h) and
// the store format (store/pack_format.hpp) have versions of their own; none is derived from another.
std::string_view product_version();

}  // namespace souschef::core
