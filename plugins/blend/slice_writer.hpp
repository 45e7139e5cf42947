// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <souschef/filter.hpp>

#include "plugins/blend/filter_stream.hpp"

namespace souschef::blend {

// Puts pages one behind the other and hands them on in slices that end where a chunk ends. One thread at a
// time.
class SliceWriter {
 public:
  explicit SliceWriter(SliceSink& sink);

  // Begins a page; the caller fills in its content, `size` bytes.
  std::byte* page(std::uint8_t kind, std::size_t size);
  void page(std::uint8_t kind, std::span<const std::byte> content);
  void page(PageKind kind, std::span<const std::byte> content) {
    page(static_cast<std::uint8_t>(kind), content);
  }

  // Bytes since the last cut.
  [[nodiscard]] std::size_t chunk() const { return size_ - chunk_start_; }
  // A chunk ends here; nothing where it would be empty.
  void cut();

  // Hands on what is left. Fails with `cancelled` if the sink has had enough at any time.
  Status finish();
  // The sink wants no more: going on is a waste.
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  void emit();

  SliceSink& sink_;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t size_ = 0;
  std::size_t chunk_start_ = 0;
  std::vector<std::uint32_t> cuts_;
  bool stopped_ = false;
};

}  // namespace souschef::blend
