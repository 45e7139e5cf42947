// SPDX-License-Identifier: MIT
// The one place of this room that sees zstd. Each thread keeps its own contexts until it ends.
#pragma once

#include <cstddef>
#include <span>

#include <souschef/result.hpp>

namespace souschef::store {

inline constexpr int kFastestLevel = -7, kSlowestLevel = 19;

// The most bytes that `size` bytes can become.
std::size_t compress_bound(std::size_t size);

// One zstd frame into `target`, which has room for compress_bound(). Bytes written. `one_window`: look for
// repetitions over the whole input, however low the level is.
Result<std::size_t> compress(std::span<const std::byte> source, std::span<std::byte> target, int level,
                             bool one_window = false);

// Fills `target` exactly; anything else is `corrupt`.
Status decompress(std::span<const std::byte> source, std::span<std::byte> target);

// Whether compressing is not worth its time: PNG, JPEG, movies, compressed EXR and VDB. Tries a few samples;
// costs about a hundredth of compressing it all.
bool looks_incompressible(std::span<const std::byte> data);

}  // namespace souschef::store
