// SPDX-License-Identifier: MIT
#pragma once

#include <souschef/result.hpp>

#include "plugins/blender/json.hpp"

namespace souschef::blender {

// renderer.launch: the program, its arguments, its environment and the files that it needs. Errors:
// bad_input.
Result<Json> launch(const Json& request);
// renderer.mixdown.
Result<Json> mixdown(const Json& request);

}  // namespace souschef::blender
