// SPDX-License-Identifier: MIT
// gzip, as Blender wrote it until 2.93: the one place of this room that includes zlib.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include <souschef/analysis.hpp>
#include <souschef/result.hpp>

namespace souschef::blend {

[[nodiscard]] bool has_gzip_magic(std::span<const std::byte> start);

// Unpacks all members of a file in order. `take` gets the content in pieces; a failure of it ends the matter.
// What follows the last member and is not another is ignored, as gzip does.
Status unpack_gzip(const InputFile& file, const std::function<Status(std::span<const std::byte>)>& take);

}  // namespace souschef::blend
