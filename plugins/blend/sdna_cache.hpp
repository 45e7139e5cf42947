// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <souschef/result.hpp>

#include "plugins/blend/sdna.hpp"

namespace souschef::blend {

// Sdna::parse() of a copy of `data`, or what it made of the same bytes a moment ago: the files that one
// Blender saves have the same catalogue, and to read it takes longer than all else in a small file.
// Thread-safe. Errors: bad_input.
Result<std::shared_ptr<const Sdna>> shared_sdna(std::span<const std::byte> data, std::uint32_t pointer_size,
                                                ByteOrder order);

}  // namespace souschef::blend
