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

#include "plugins/blend/container.hpp"

namespace souschef::blend {

// How the members of a gzip file were made.
struct GzipWrapping {
  struct Member {
    std::vector<std::byte> header;  // as it is: time, name, system
    int level = 1;
    std::uint64_t size = 0;  // of content
  };
  std::vector<Member> members;      // empty: one member for as long as content comes
  std::vector<std::byte> trailing;  // what else follows the members
};

// Nothing where it cannot be made again.
Result<std::optional<GzipWrapping>> describe_gzip(const Container& container);

std::string write_parameters(const GzipWrapping& wrapping);
std::optional<GzipWrapping> read_gzip_parameters(std::span<const std::byte> parameters);

std::unique_ptr<PushTransform> wrap_gzip(GzipWrapping wrapping, ByteSink& out);

}  // namespace souschef::blend
