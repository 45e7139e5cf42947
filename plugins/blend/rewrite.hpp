// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include <souschef/result.hpp>
#include <souschef/tracer.hpp>

#include "plugins/blend/blend_analysis.hpp"

namespace souschef::blend {

// Writes the content with some paths changed; every other byte stays. `changes` name references as trace()
// numbers them. Errors: bad_input (no such reference, one that cannot be changed, a path that does not fit,
// elements of one strip in different folders), cancelled (`out` wants no more), and those of the trace.
Status rewrite_paths(BlendAnalysis& analysis, std::span<const PathChange> changes, ByteSink& out);

}  // namespace souschef::blend
