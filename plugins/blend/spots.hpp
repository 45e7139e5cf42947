// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "plugins/blend/found.hpp"
#include "plugins/blend/record.hpp"
#include "plugins/blend/scope.hpp"

namespace souschef::blend {

// Where the text of a string IDProperty is, in unit `unit`.
inline Spot property_spot(Scope& scope, const Record& property, std::uint32_t unit) {
  Spot spot;
  spot.unit = unit;
  spot.block = scope.block_at(property.record("data").pointer("pointer"));
  const Sdna::Member* length = property.find("len");
  if (spot.block == kNoBlock || length == nullptr || length->scalar != Scalar::i32) return spot;
  spot.kind = Spot::Kind::property;
  spot.offset = scope.file().blocks().offset(spot.block);
  spot.length_offset = property.offset() + length->offset;
  if (const Sdna::Member* total = property.find("totallen"); total != nullptr && total->scalar == Scalar::i32)
    spot.total_offset = property.offset() + total->offset;
  return spot;
}

}  // namespace souschef::blend
