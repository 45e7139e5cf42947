// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <souschef/filter.hpp>

#include "plugins/blend/body_decoder.hpp"
#include "plugins/blend/prelude_decoder.hpp"

namespace souschef::blend {

// Turns a stream of filter.hpp back into the content. Streams come from disk and may be damaged or hostile:
// the worst they can do is an error.
class Decoder final : public PushTransform {
 public:
  Decoder(std::uint64_t content_size, ByteSink& out);

  Status push(std::span<const std::byte> data) override;
  Status finish() override;

 private:
  // Takes bytes of the page's head; true when it is complete.
  Result<bool> head(std::span<const std::byte>& data);
  Status page(std::span<const std::byte> content);
  Status begin_body();

  const std::uint64_t content_size_;
  ByteSink& out_;
  std::vector<std::byte> buffer_;  // of a head or a page that came in parts
  bool in_page_ = false;
  std::uint8_t kind_ = 0;
  std::size_t page_size_ = 0;
  std::unique_ptr<PreludeDecoder> prelude_;
  std::unique_ptr<BodyDecoder> body_;
};

}  // namespace souschef::blend
