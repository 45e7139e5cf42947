// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

namespace souschef::blend {

// Turns an array of rows (the elements of a struct array) into planes of differences, in which compression
// finds what it cannot see in the rows: plane b holds, for each row, its byte b less that of the row before
// (the row before the first counts as zero; all modulo 256). Bytes behind the last whole row follow as they
// are.
//
//   rows, 4 bytes each   01 00 80 3F | 02 00 80 3F | 03 00 80 3F
//   planes               01 01 01 | 00 00 00 | 80 00 00 | 3F 00 00
//
// Both spans have the same size and do not overlap; row is at least 1. No state: thread-safe.
void split_planes(std::span<const std::byte> rows, std::size_t row, std::byte* planes);
void join_planes(std::span<const std::byte> planes, std::size_t row, std::byte* rows);

}  // namespace souschef::blend
