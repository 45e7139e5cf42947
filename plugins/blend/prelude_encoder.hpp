// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include <souschef/result.hpp>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/field_plan.hpp"
#include "plugins/blend/slice_writer.hpp"

namespace souschef::blend {

// What is known of a file after the first pass over its heads.
struct Prelude {
  FieldPlan fields;
  std::vector<std::uint64_t> keys;   // of the groups
  std::vector<bool> pointer_arrays;  // untyped blocks that hold pointers, by block
};

// Writes everything that decoding the body needs: the layout, the fields, the groups and heads, the
// addresses. Errors: io, no_space.
Result<Prelude> encode_prelude(BlendAnalysis& analysis, const BlendFile& file, SliceWriter& out);

}  // namespace souschef::blend
