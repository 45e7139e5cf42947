// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include <souschef/result.hpp>

#include "plugins/blend/address_code.hpp"
#include "plugins/blend/block_head.hpp"
#include "plugins/blend/field_plan.hpp"
#include "plugins/blend/pointer_names.hpp"
#include "plugins/blend/scratch.hpp"
#include "plugins/blend/structure_code.hpp"

namespace souschef::blend {

// Everything that decoding the body needs.
struct DecodedPrelude {
  std::uint32_t pointer_size = 8;
  ByteOrder order = ByteOrder::little;
  HeadLayout layout = HeadLayout::small8;
  std::vector<std::byte> start;  // of the file, before its first block
  FieldPlan fields;
  GroupKeys keys{8};
  std::vector<std::uint32_t> codes;        // of the groups, as on disk
  std::vector<std::uint32_t> first_block;  // of the groups; one entry more says how many blocks there are
  Scratch heads;                           // coded
  Scratch addresses;                       // an Address a block

  [[nodiscard]] std::uint32_t block_count() const { return first_block.back(); }
};

// Goes through the heads of a prelude in order.
class HeadCursor {
 public:
  explicit HeadCursor(const DecodedPrelude& prelude)
      : prelude_(&prelude),
        bytes_({prelude.heads.data(), static_cast<std::size_t>(prelude.heads.size())}),
        reader_(prelude.fields) {}

  [[nodiscard]] bool at_end() const { return block_ == prelude_->block_count(); }
  // The head of block(); not to be called at the end. False: damaged.
  bool next(CodedHead& head) {
    begins_group_ = block_ == prelude_->first_block[group_ + 1];
    if (begins_group_) {
      ++group_;
      reader_.begin_group();
    }
    ++block_;
    return reader_.next(bytes_, head);
  }
  // Of the head that next() has given.
  [[nodiscard]] std::uint32_t block() const { return block_ - 1; }
  [[nodiscard]] std::uint32_t group() const { return group_; }
  [[nodiscard]] bool begins_group() const { return begins_group_; }

 private:
  const DecodedPrelude* prelude_;
  NumberReader bytes_;
  HeadReader reader_;
  std::uint32_t block_ = 0;
  std::uint32_t group_ = kNoGroup;  // and 1: the first
  bool begins_group_ = false;
};

// Reads the pages in front of the body. Nothing is believed: what a page promises is held to the limits and
// to the size of the content before memory is taken for it.
class PreludeDecoder {
 public:
  PreludeDecoder(std::uint64_t content_size, std::filesystem::path temporary_folder);

  // Errors: corrupt, no_space, io.
  Status page(PageKind kind, std::span<const std::byte> content);
  // All pages have come. Errors: corrupt, io.
  Result<DecodedPrelude> finish();

 private:
  Status header(std::span<const std::byte> content);
  Status structure(std::span<const std::byte> content);
  Status group(NumberReader& in);
  Status heads(NumberReader& in);
  Status take(std::uint64_t length, std::uint64_t blocks);
  Status end_structure();
  Status addresses(std::span<const std::byte> content);

  const std::uint64_t content_size_;
  std::filesystem::path folder_;
  DecodedPrelude prelude_;
  bool has_header_ = false;
  bool has_fields_ = false;

  HeadReader reader_{prelude_.fields};
  GrowingScratch coded_heads_;
  std::uint64_t left_in_group_ = 0;
  std::uint64_t blocks_ = 0;
  std::uint64_t bytes_ = 0;  // of the content, as far as it is known

  std::optional<HeadCursor> cursor_;  // set when the structure is complete
  std::optional<AddressPredictor> predictor_;
  GrowingScratch coded_addresses_;
  std::uint64_t addresses_ = 0;
  std::vector<Address> page_addresses_;
  std::vector<std::uint64_t> page_lengths_;
};

}  // namespace souschef::blend
