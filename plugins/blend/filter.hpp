// SPDX-License-Identifier: MIT
// The filter of .blend files: content -> a stream that deduplicates -> content. docs/format/blend-filter.md
// is the law, filter_stream.hpp has its grammar.
#pragma once

#include <cstdint>
#include <memory>

#include <souschef/filter.hpp>

namespace souschef::blend {

inline constexpr std::uint32_t kFilterVersion = 1;
inline constexpr std::uint32_t kOldestFilterVersion = 1;

// Thread-safe: it has no state of its own.
class BlendFilter final : public Filter {
 public:
  [[nodiscard]] std::uint32_t version() const override { return kFilterVersion; }
  [[nodiscard]] std::uint32_t oldest_version() const override { return kOldestFilterVersion; }

  // Declines what cannot be read as a .blend: no catalogue, a damaged or unknown header. Memory: the block
  // table of the analysis, 8 bytes a group, one bit a block, a table of at most 8 bytes for each block of the
  // largest group (in a temporary file beyond 64 MiB), and about 20 MiB.
  Result<Encoded> encode(Analysis& analysis, SliceSink& sink) override;

  // Memory: 8 bytes a block and the coded heads (both in temporary files beyond 64 MiB), about 40 bytes a
  // group, and about 3 MiB. Errors while decoding: corrupt, unsupported, no_space, io.
  Result<std::unique_ptr<PushTransform>> decode(std::uint32_t version, std::uint64_t content_size,
                                                ByteSink& out) override;
};

}  // namespace souschef::blend
