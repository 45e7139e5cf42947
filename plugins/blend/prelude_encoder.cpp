// SPDX-License-Identifier: MIT
// The pages in front of the body, ordered by how often they change: the layout and the fields with the
// version of Blender, the structure where blocks come and go, the addresses with every session. Each page is
// a chunk of its own, and pages end where a group was chosen by its key: an edit changes the pages it is in.
#include "plugins/blend/prelude_encoder.hpp"

#include <algorithm>
#include <limits>

#include "plugins/blend/address_code.hpp"
#include "plugins/blend/address_finder.hpp"
#include "plugins/blend/pointer_names.hpp"
#include "plugins/blend/structure_code.hpp"

namespace souschef::blend {
namespace {

// Structure pages: not ended below the first, always above the second.
constexpr std::size_t kMinStructure = 6U << 10;
constexpr std::size_t kMaxStructure = 24U << 10;
// Address pages, in blocks. Within a group they end at multiples of kGroupStep.
constexpr std::size_t kMinAddresses = 4096;
constexpr std::uint32_t kGroupStep = 16384;
static_assert(kGroupStep <= kMaxAddressPage);

constexpr bool chosen(std::uint64_t key) {
  return (key & 7) == 0;
}

class PreludeEncoder {
 public:
  PreludeEncoder(BlendAnalysis& analysis, const BlendFile& file, SliceWriter& out)
      : file_(file),
        blocks_(file.blocks()),
        width_(file.header().pointer_size),
        out_(out),
        finder_(file.blocks(), analysis.temporary_folder()) {}

  Result<Prelude> run() {
    prelude_.fields = FieldPlan::of(file_.dna(), blocks_);
    SOUSCHEF_CHECK(layout());
    find_range();
    SOUSCHEF_CHECK(structure());
    addresses();
    SOUSCHEF_CHECK(finder_.status());
    SOUSCHEF_CHECK(file_.content().status());
    return std::move(prelude_);
  }

 private:
  Status layout() {
    const FileHeader& header = file_.header();
    page_.clear();
    page_.push_back(static_cast<std::byte>(header.pointer_size));
    page_.push_back(static_cast<std::byte>(header.order));
    page_.push_back(static_cast<std::byte>(header.heads));
    const auto start = file_.content().bytes(0, header.size);
    if (start.size() != header.size) return Error(ErrorCode::io, "cannot read the .blend any more");
    put_bytes(page_, start);
    out_.page(PageKind::header, page_);
    page_.clear();
    prelude_.fields.write(page_);
    out_.page(PageKind::fields, page_);
    out_.cut();
    return {};
  }

  // Words beyond it cannot be pointers to blocks.
  void find_range() {
    for (std::uint32_t block = 0; block < blocks_.size(); ++block) {
      const Address address = blocks_.address(block);
      if (address == 0) continue;
      lowest_ = std::min(lowest_, address);
      highest_ = std::max(highest_, address);
    }
  }

  Status structure() {
    GroupKeys keys(width_);
    StructureWriter writer(prelude_.fields);
    std::vector<std::byte> label;
    prelude_.keys.reserve(blocks_.groups().size());
    prelude_.pointer_arrays.resize(blocks_.size());
    page_.clear();
    for (std::uint32_t group = 0; group < blocks_.groups().size(); ++group) {
      make_label(file_, group, label);
      prelude_.keys.push_back(keys.add(label));
      if (page_.size() >= kMinStructure && chosen(prelude_.keys.back())) end_structure_page();

      const std::uint32_t first = blocks_.groups()[group].first;
      const std::uint32_t end = blocks_.group_end(group);
      finder_.enter(group);
      writer.group(label, code_on_disk(first), end - first, page_);
      for (std::uint32_t block = first; block < end; ++block) {
        writer.head(coded_head(block, block == first), page_);
        if (page_.size() < kMaxStructure) continue;
        writer.flush(page_);
        end_structure_page();
      }
      writer.flush(page_);
    }
    end_structure_page();
    return {};
  }

  void end_structure_page() {
    if (page_.empty()) return;
    out_.page(PageKind::structure, page_);
    out_.cut();
    page_.clear();
  }

  // All four bytes, as they stand in the file.
  std::uint32_t code_on_disk(std::uint32_t block) const {
    const auto bytes = file_.content().bytes(blocks_.offset(block) - blocks_.head_size(), 4);
    return bytes.empty() ? 0 : load<std::uint32_t>(bytes.data(), ByteOrder::little);
  }

  CodedHead coded_head(std::uint32_t block, bool first_of_group) {
    const BlockHead head = blocks_.head(file_.content(), block);
    CodedHead coded{.length = blocks_.length(block),
                    .count = head.count,
                    .struct_index = static_cast<std::uint32_t>(head.struct_index)};
    if (prelude_.fields.find(blocks_.struct_index(block)) != nullptr) {
      coded.treatment = Treatment::fields;
    } else if (!first_of_group && blocks_.struct_index(block) == 0 && holds_pointers(block)) {
      coded.treatment = Treatment::pointers;
      prelude_.pointer_arrays[block] = true;
    }
    return coded;
  }

  // Blender does not say what an untyped block holds. Arrays of pointers are known by their content: at least
  // half of the first words that are not null lead to a block.
  bool holds_pointers(std::uint32_t block) {
    constexpr int kLook = 32;
    const std::uint64_t length = blocks_.length(block);
    if (length < width_ || length % width_ != 0) return false;
    int seen = 0;
    int found = 0;
    constexpr std::uint64_t kLookBytes = 64U << 10;
    const auto data = file_.content().bytes(blocks_.offset(block), std::min(length, kLookBytes));
    for (std::size_t at = 0; at + width_ <= data.size() && seen < kLook; at += width_) {
      const Address address = load_address(data.data() + at, width_, file_.header().order);
      if (address == 0) continue;
      ++seen;
      const bool leads = address >= lowest_ && address <= highest_ && leads_to_block(address, block);
      if (leads) ++found;
      // Text and numbers are told by their first word.
      if (seen == 1 && !leads && found == 0 && !plausible(address)) return false;
    }
    return found != 0 && found * 2 >= seen;
  }
  bool plausible(Address address) const { return address >= lowest_ && address <= highest_; }
  bool leads_to_block(Address address, std::uint32_t block) {
    return finder_.find(address, block + 1) != kNoBlock || file_.datablocks().at(address) != kNoDatablock;
  }

  void addresses() {
    AddressPredictor predictor(width_);
    std::vector<Address> addresses;
    std::vector<std::uint64_t> lengths;
    addresses.reserve(kMaxAddressPage);
    lengths.reserve(kMaxAddressPage);
    const auto end_page = [&] {
      if (addresses.empty()) return;
      page_.clear();
      write_address_page(predictor, addresses, lengths, page_);
      out_.page(PageKind::addresses, page_);
      out_.cut();
      addresses.clear();
      lengths.clear();
    };
    for (std::uint32_t group = 0; group < blocks_.groups().size(); ++group) {
      if (addresses.size() >= kMinAddresses && chosen(prelude_.keys[group])) end_page();
      const std::uint32_t first = blocks_.groups()[group].first;
      for (std::uint32_t block = first; block < blocks_.group_end(group); ++block) {
        const bool step = block != first && (block - first) % kGroupStep == 0;
        if (step || addresses.size() == kMaxAddressPage) end_page();
        addresses.push_back(blocks_.address(block));
        lengths.push_back(blocks_.length(block));
      }
    }
    end_page();
  }

  const BlendFile& file_;
  const Blocks& blocks_;
  const std::uint32_t width_;
  SliceWriter& out_;
  AddressFinder finder_;
  Prelude prelude_;
  std::vector<std::byte> page_;
  Address lowest_ = std::numeric_limits<Address>::max();
  Address highest_ = 0;
};

}  // namespace

Result<Prelude> encode_prelude(BlendAnalysis& analysis, const BlendFile& file, SliceWriter& out) {
  return PreludeEncoder(analysis, file, out).run();
}

}  // namespace souschef::blend
