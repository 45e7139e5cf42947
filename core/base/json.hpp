// SPDX-License-Identifier: MIT
// The one place of this room that includes the JSON library. Objects are sorted by key, which makes dump() of
// integers, strings, arrays and objects canonical: UTF-8, sorted keys, no spaces.
#pragma once

#include <nlohmann/json.hpp>  // IWYU pragma: export

namespace souschef::core {

using Json = nlohmann::json;

}  // namespace souschef::core
