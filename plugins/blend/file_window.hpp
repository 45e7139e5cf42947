// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <souschef/analysis.hpp>

namespace souschef::blend {

// A part of a file: out of its map, or read into `buffer`. Shorter than asked at the end of the file; empty
// on a failure.
inline std::span<const std::byte> file_window(const InputFile& file, std::uint64_t offset, std::size_t size,
                                              std::vector<std::byte>& buffer) {
  if (offset >= file.size()) return {};
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, file.size() - offset));
  if (const auto map = file.map(); !map.empty()) return map.subspan(static_cast<std::size_t>(offset), size);
  buffer.resize(size);
  const std::int64_t got = file.read_at(offset, buffer);
  return {buffer.data(), got < 0 ? 0 : std::min(size, static_cast<std::size_t>(got))};
}

}  // namespace souschef::blend
