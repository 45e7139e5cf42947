// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/slice_writer.hpp"

namespace souschef::blend {

// A run of the body that waits for the page of side values that must come before it: bytes of the encoder's
// own (blocks with fields, and small ones), or of the content (arrays without fields, which are not copied).
struct BodyItem {
  enum class From : std::uint8_t { held, content };
  // Rows that are told from the bytes themselves, piece by piece: untyped arrays.
  static constexpr std::uint8_t kMeasureRows = 0xFF;

  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  From from = From::held;
  std::uint8_t row = 0;         // of planes; 0: as they are
  bool may_cut_before = false;  // block_cuts.hpp
  bool array = false;           // at least a piece: cut on its own
};

// The length of the rows that `data` seems to consist of, or 0.
[[nodiscard]] std::uint8_t measured_row(std::span<const std::byte> data);

// Writes items as pages and chunks. Errors: io.
class BodyPages {
 public:
  BodyPages(BlendAnalysis& analysis, SliceWriter& out) : analysis_(analysis), out_(out) {}

  Status write(std::span<const BodyItem> items, std::span<const std::byte> held);

 private:
  Status array(const BodyItem& item, std::span<const std::byte> held);
  void gathered(const BodyItem& item, std::span<const std::byte> bytes);
  void flush_plain();
  void page_of(std::span<const std::byte> data, std::uint8_t row);
  std::span<const std::byte> bytes_of(const BodyItem& item, std::uint64_t at, std::size_t size,
                                      std::span<const std::byte> held);

  BlendAnalysis& analysis_;
  SliceWriter& out_;
  std::span<const std::byte> plain_;  // held bytes of the page that is being gathered
  std::vector<std::byte> joined_;     // content that came in more than one part
};

}  // namespace souschef::blend
