// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace souschef::fuzz {

// Changes a .blend in one of the ways in which .blend files differ: a block more or less, another order, a
// pointer that leads to another block, a head that lies, a value of a member. What is no plain .blend, and
// one file in eight, is left as it is, to be changed blindly. Deterministic by `seed`.
std::string mutated_blend(std::string bytes, std::uint32_t seed);

}  // namespace souschef::fuzz
