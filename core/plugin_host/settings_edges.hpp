// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "core/base/json.hpp"
#include "core/plugin_host/settings_schema.hpp"

namespace souschef::core {

// The values at which a setting is likeliest to break what uses it: choices, bounds, empty and odd texts. All
// of them are allowed by the schema.
std::vector<Json> edges_of(const Setting& setting);

}  // namespace souschef::core
