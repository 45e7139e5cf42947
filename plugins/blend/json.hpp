// SPDX-License-Identifier: MIT
// The one place of this room that includes the JSON library.
#pragma once

#include <nlohmann/json.hpp>  // IWYU pragma: export

namespace souschef::blend {

using Json = nlohmann::json;

}  // namespace souschef::blend
