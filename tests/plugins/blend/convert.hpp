// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace souschef::blend {

// A .blend with small heads written anew as Blender 5 lays it out: header format 1, large heads, the data
// unchanged.
std::string with_large_heads(const std::string& blend);

// A little-endian .blend as a PowerPC would have written it: heads, catalogue, and every number of every
// struct swapped, arrays of pointers too.
std::string big_endian(const std::string& blend);

}  // namespace souschef::blend
