// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include <souschef/result.hpp>

namespace souschef::blend {

// Gets the content of a compressed file piece by piece, and how many bytes of the file have been read for
// what came so far.
using TakeUnpacked = std::function<Status(std::span<const std::byte> piece, std::uint64_t consumed)>;

}  // namespace souschef::blend
