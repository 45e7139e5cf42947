// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <souschef/result.hpp>

#include "plugins/blend/prelude_decoder.hpp"

namespace souschef::blend {

// Puts the content together: heads from the prelude, data from the body. One thread at a time. Errors:
// corrupt, cancelled (the sink has had enough).
class BodyDecoder {
 public:
  static std::unique_ptr<BodyDecoder> create(DecodedPrelude prelude, std::uint64_t content_size,
                                             ByteSink& out);
  virtual ~BodyDecoder() = default;

  virtual Status values(std::span<const std::byte> page) = 0;
  virtual Status shapes(std::span<const std::byte> page) = 0;
  // `row`: of planes; 0: bytes as they are.
  virtual Status body(std::uint8_t row, std::span<const std::byte> page) = 0;
  virtual Status finish() = 0;
};

}  // namespace souschef::blend
