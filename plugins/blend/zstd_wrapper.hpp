// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <souschef/filter.hpp>
#include <souschef/host.hpp>

#include "plugins/blend/container.hpp"

namespace souschef::blend {

// How the frames of a zstd file were made.
struct ZstdWrapping {
  struct Run {
    std::uint64_t frames = 0;  // so many
    std::uint64_t size = 0;    // of content each
  };
  int level = 3;
  bool checksums = false;           // at the end of each frame
  bool seek_table = true;           // as Blender writes it
  std::vector<Run> runs;            // empty: pieces of kFreshFrame for as long as content comes
  std::vector<std::byte> trailing;  // what else follows the frames
};

// Nothing where it cannot be made again.
Result<std::optional<ZstdWrapping>> describe_zstd(const Container& container);

std::string write_parameters(const ZstdWrapping& wrapping);
std::optional<ZstdWrapping> read_zstd_parameters(std::span<const std::byte> parameters);

std::unique_ptr<PushTransform> wrap_zstd(ZstdWrapping wrapping, Host host, ByteSink& out);

}  // namespace souschef::blend
