// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <souschef/result.hpp>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/field_plan.hpp"
#include "plugins/blend/slice_writer.hpp"

namespace souschef::blend {

// What the first pass has found out about a file.
struct BodyPlan {
  const FieldPlan& fields;
  std::span<const std::uint64_t> keys;      // of the groups
  const std::vector<bool>& pointer_arrays;  // untyped blocks that hold pointers, by block
};

// Writes the data of all blocks, and what follows the last of them. Errors: io, no_space.
Status encode_body(BlendAnalysis& analysis, const BlendFile& file, const BodyPlan& plan, SliceWriter& out);

}  // namespace souschef::blend
