// SPDX-License-Identifier: MIT
// All blocks of a file as one flat table, 16 bytes a block, and the groups they form.
//
// A *group* is a block that is not DATA together with the DATA blocks that follow it: a datablock and all
// that belongs to it. Addresses are unique only among the DATA of one group, and among the datablocks of the
// file (pointers.hpp finds what an address means).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include <souschef/result.hpp>

#include "plugins/blend/block_head.hpp"
#include "plugins/blend/content.hpp"
#include "plugins/blend/file_header.hpp"
#include "plugins/blend/scratch.hpp"
#include "plugins/blend/sdna.hpp"
#include "plugins/blend/skim.hpp"

namespace souschef::blend {

inline constexpr std::uint32_t kNoBlock = 0xFFFFFFFF;

// Immutable once walked. Borrows nothing.
class Blocks {
 public:
  struct Group {
    Code code{};
    std::uint32_t first = 0;  // the block that is not DATA; its DATA follow
  };

  // How the walk ended. All but `damaged` are endings that Blender takes for the end of the file.
  enum class End : std::uint8_t {
    marker,       // an ENDB block
    end_of_file,  // the file ends where a head would begin
    cut_short,    // the file ends within a head (that of ENDB too) or a block; that block is left out
    damaged       // a block with a negative length or without a code; it and all behind it are left out
  };

  // Looks at the heads only, and keeps what a trace may look at. `skim` has not gone beyond the header.
  // Errors: bad_input (too many blocks), unsupported, no_space, io.
  static Result<Blocks> walk(Skim& skim, const FileHeader& header,
                             const std::filesystem::path& temporary_folder);

  [[nodiscard]] std::uint32_t size() const { return count_; }
  // Where the data of a block is, and how long it is.
  [[nodiscard]] std::uint64_t offset(std::uint32_t block) const { return entries_[block].place >> 16; }
  [[nodiscard]] std::uint64_t length(std::uint32_t block) const {
    return offset(block + 1) - head_size_ - offset(block);
  }
  [[nodiscard]] Address address(std::uint32_t block) const { return entries_[block].address; }
  // Sdna::kNoStruct where the index on disk cannot be one. 0 means "no struct" in most cases: the pointer
  // that leads here knows the type.
  [[nodiscard]] std::uint32_t struct_index(std::uint32_t block) const {
    return static_cast<std::uint32_t>(entries_[block].place & 0xFFFFU);
  }
  [[nodiscard]] std::uint32_t head_size() const { return head_size_; }
  // The whole head as it is on disk.
  [[nodiscard]] BlockHead head(const Content& content, std::uint32_t block) const;

  [[nodiscard]] std::span<const Group> groups() const { return groups_; }
  // The block behind the last one of a group.
  [[nodiscard]] std::uint32_t group_end(std::uint32_t group) const {
    return group + 1 < groups_.size() ? groups_[group + 1].first : count_;
  }
  // The group of a block, by binary search.
  [[nodiscard]] std::uint32_t group_of(std::uint32_t block) const;
  // The first group of a code, or kNoBlock.
  [[nodiscard]] std::uint32_t find_group(Code code) const;

  [[nodiscard]] End end() const { return end_; }
  // The first byte that belongs to no block of the table. The ENDB block is not in the table: its head starts
  // here.
  [[nodiscard]] std::uint64_t end_offset() const { return end_offset_; }

 private:
  // address, then 48 bits of offset and 16 of struct index. A last entry marks the end of the last block.
  struct Entry {
    Address address;
    std::uint64_t place;
  };
  class Walk;

  Scratch table_;
  const Entry* entries_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t head_size_ = 24;
  HeadLayout layout_ = HeadLayout::small8;
  ByteOrder order_ = ByteOrder::little;
  std::vector<Group> groups_;
  End end_ = End::end_of_file;
  std::uint64_t end_offset_ = 0;
};

}  // namespace souschef::blend
