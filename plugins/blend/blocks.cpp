// SPDX-License-Identifier: MIT
// The walk jumps from head to head and touches nothing between.
//
// The length of a block is not stored: blocks follow one another without a gap, so the next one's offset
// tells it.
#include "plugins/blend/blocks.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "plugins/blend/head_forecast.hpp"
#include "plugins/blend/limits.hpp"

namespace souschef::blend {
namespace {

// Very old writers end a file with the marker's code and four bytes more.
constexpr std::uint64_t kShortMarker = 8;
constexpr std::uint32_t kWholeMarkerSince = 250;  // that no newer one does, is what has been seen

// Bytes of a block that are kept when a file is skimmed: scenes are the largest datablocks, with some 8 kB.
constexpr std::int64_t kLargestKept = 1024;
constexpr std::int64_t kLargestDatablock = 16 << 10;

}  // namespace

class Blocks::Walk {
 public:
  Walk(Blocks& blocks, Skim& skim, const FileHeader& header, const std::filesystem::path& folder)
      : blocks_(blocks),
        skim_(skim),
        content_(skim.content()),
        short_marker_(header.version < kWholeMarkerSince),
        most_(std::min<std::uint64_t>(kMaxBlocks, kFreeBlocks + content_.stored())),
        table_(kMaxTableInMemory, folder) {}

  Status run(std::uint64_t start) {
    at_ = start;
    while (true) {
      SOUSCHEF_TRY(const bool more, step());
      if (!more) break;
    }
    skim_.finish();
    SOUSCHEF_CHECK(content_.status());
    blocks_.end_offset_ = at_;
    SOUSCHEF_CHECK(add({0, (at_ + blocks_.head_size_) << 16}));
    SOUSCHEF_CHECK(flush());
    SOUSCHEF_TRY(blocks_.table_, table_.finish());
    blocks_.entries_ = reinterpret_cast<const Entry*>(blocks_.table_.data());
    return {};
  }

 private:
  // One block; false at the end.
  Result<bool> step() {
    const auto bytes = skim_.bytes(at_, blocks_.head_size_);
    if (bytes.empty()) return end_without_head();
    const BlockHead head = read_block_head(bytes.data(), blocks_.layout_, blocks_.order_);
    if (head.code == kEnd) return ended(End::marker);
    if (head.length < 0 || head.code == Code{}) return ended(End::damaged);
    skim_.expect(at_ + forecast_.next(at_, head), blocks_.head_size_);
    const std::uint64_t data = at_ + blocks_.head_size_;
    if (static_cast<std::uint64_t>(head.length) > content_.size() - data) return ended(End::cut_short);

    if (blocks_.count_ == most_) return too_many("blocks", most_);
    if (head.length == 0 && ++empty_ > kMaxEmptyBlocks) return too_many("empty blocks", kMaxEmptyBlocks);
    if (head.code != kData || blocks_.groups_.empty()) {
      if (blocks_.groups_.size() == kMaxGroups) return too_many("datablocks", kMaxGroups);
      blocks_.groups_.push_back({head.code, blocks_.count_});
    }
    const bool known =
        head.struct_index >= 0 && head.struct_index < static_cast<std::int32_t>(Sdna::kNoStruct);
    const auto index = known ? static_cast<std::uint64_t>(head.struct_index) : Sdna::kNoStruct;
    SOUSCHEF_CHECK(add({head.address, data << 16 | index}));
    ++blocks_.count_;
    if (is_looked_at(head)) skim_.keep(at_, blocks_.head_size_ + static_cast<std::uint64_t>(head.length));
    at_ = data + static_cast<std::uint64_t>(head.length);
    return true;
  }

  // Whether a trace will look at the block, as far as can be told before the catalogue is read, which is the
  // last block. Arrays are what is large; of datablocks and what they own, next to nothing is.
  static bool is_looked_at(const BlockHead& head) {
    return head.length <= (head.code == kData ? kLargestKept : kLargestDatablock) || head.code == kDna;
  }

  // What stands where a whole head does not fit: nothing, the short end marker of old writers, or what a copy
  // that broke off has left of a head, be it that of the marker.
  bool end_without_head() {
    const std::uint64_t left = content_.size() - at_;
    const auto code = skim_.bytes(at_, std::min<std::uint64_t>(left, 4));
    const bool marker =
        code.size() == 4 && code_of({reinterpret_cast<const char*>(code.data()), code.size()}) == kEnd;
    if (marker && short_marker_ && left == kShortMarker) return ended(End::marker);
    return ended(left == 0 ? End::end_of_file : End::cut_short);
  }

  bool ended(End how) {
    blocks_.end_ = how;
    return false;
  }

  static Error too_many(const std::string& what, std::uint64_t limit) {
    return Error(ErrorCode::bad_input, "the .blend has more " + what + " than any that Blender can open",
                 "more than " + std::to_string(limit));
  }

  Status add(Entry entry) {
    if (waiting_ == buffer_.size()) SOUSCHEF_CHECK(flush());
    buffer_[waiting_++] = entry;
    return {};
  }
  Status flush() {
    const auto bytes = std::as_bytes(std::span(buffer_).first(waiting_));
    waiting_ = 0;
    return table_.append(bytes);
  }

  Blocks& blocks_;
  Skim& skim_;
  const Content& content_;
  const bool short_marker_;   // may end the file
  const std::uint64_t most_;  // blocks
  std::uint32_t empty_ = 0;
  GrowingScratch table_;
  HeadForecast forecast_;
  std::array<Entry, 1024> buffer_{};
  std::size_t waiting_ = 0;
  std::uint64_t at_ = 0;
};

Result<Blocks> Blocks::walk(Skim& skim, const FileHeader& header, const std::filesystem::path& folder) {
  Blocks blocks;
  blocks.layout_ = header.heads;
  blocks.order_ = header.order;
  blocks.head_size_ = static_cast<std::uint32_t>(size_of(header.heads));
  SOUSCHEF_CHECK(Walk(blocks, skim, header, folder).run(header.size));
  return blocks;
}

BlockHead Blocks::head(const Content& content, std::uint32_t block) const {
  const auto bytes = content.bytes(offset(block) - head_size_, head_size_);
  return bytes.empty() ? BlockHead() : read_block_head(bytes.data(), layout_, order_);
}

std::uint32_t Blocks::group_of(std::uint32_t block) const {
  const auto after =
      std::upper_bound(groups_.begin(), groups_.end(), block,
                       [](std::uint32_t wanted, const Group& group) { return wanted < group.first; });
  return static_cast<std::uint32_t>(after - groups_.begin()) - 1;
}

std::uint32_t Blocks::find_group(Code code) const {
  for (std::uint32_t i = 0; i < groups_.size(); ++i)
    if (groups_[i].code == code) return i;
  return kNoBlock;
}

}  // namespace souschef::blend
