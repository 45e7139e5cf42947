// SPDX-License-Identifier: MIT
#pragma once

#include <souschef/result.hpp>

#include "plugins/blender/json.hpp"

namespace souschef::blender {

// renderer.outputs (docs/format/plugin-protocol.md): where everything that a scene writes goes, and which
// files a frame must leave behind. Pure; errors: bad_input.
Result<Json> outputs(const Json& request);

}  // namespace souschef::blender
