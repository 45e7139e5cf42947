// SPDX-License-Identifier: MIT
// Which texts of a .blend might be paths that nobody has explained.
#pragma once

#include <cstdint>
#include <string_view>

namespace souschef::blend {

// Shorter arrays hold names.
inline constexpr std::uint32_t kLeastSuspiciousArray = 64;

// True for members that some part of the tracer reads, that are known to be no input, or that are names.
// `size`: of the array, 0 for a pointer to text.
[[nodiscard]] bool is_explained(std::string_view struct_name, std::string_view member, std::uint32_t size);

// Begins like a path ("//", "/x/", "C:\", "\\"), or has a folder in it and ends in an extension of a file
// that Blender reads. `strict`: only the former, for places where names are usual.
[[nodiscard]] bool looks_like_path(std::string_view text, bool strict = false);

// Code that may read files: a driver's expression, a line of a script.
[[nodiscard]] bool may_open_files(std::string_view code);

// A driver's expression that Blender computes itself, without Python: numbers, names, operators and its own
// list of functions. Anything else is blocked where scripts may not run.
[[nodiscard]] bool is_simple_expression(std::string_view expression);

}  // namespace souschef::blend
