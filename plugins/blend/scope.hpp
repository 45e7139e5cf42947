// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "plugins/blend/blend_file.hpp"
#include "plugins/blend/group_index.hpp"
#include "plugins/blend/record.hpp"

namespace souschef::blend {

// How much may still be looked at in a file: items of lists, bytes of texts, blocks of groups. An honest file
// needs a small part of what it starts with; a hostile one has lists that run in circles, each inside the
// other. When nothing is left, everything reads as empty and the trace fails.
struct Effort {
  std::uint64_t left = 0;

  explicit Effort(const BlendFile& file)
      : left((1U << 20) + std::uint64_t{64} * file.blocks().size() + file.content().size() / 16) {}
  bool spend(std::uint64_t amount) {
    if (amount > left)
      left = 0;
    else
      left -= amount;
    return left != 0;
  }
  [[nodiscard]] bool exhausted() const { return left == 0; }
};

// What the pointers inside one datablock mean: its own DATA first, then the datablocks of the file. This is
// Blender's own rule (docs/format/blend.md, "Pointers"); addresses of DATA are used again from one datablock
// to the next, so nothing else may be asked.
//
// The index of the group is made when the first pointer is followed. One thread at a time.
class Scope {
 public:
  // `effort` is shared by all scopes of a file and outlives them.
  Scope(const BlendFile& file, Effort& effort) : file_(&file), effort_(&effort), index_(file.blocks()) {}

  void enter(std::uint32_t group) {
    group_ = group;
    entered_ = false;
  }
  void enter_datablock(std::uint32_t datablock) { enter(file_->datablocks().group(datablock)); }

  [[nodiscard]] const BlendFile& file() const { return *file_; }
  // To be asked in every loop whose length the file decides.
  bool spend(std::uint64_t amount = 1) { return effort_->spend(amount); }
  [[nodiscard]] std::uint32_t group() const { return group_; }
  // The struct of the group's first block.
  [[nodiscard]] Record head() const;

  // The DATA block (or the first block) of this group that was at `address`, or kNoBlock.
  [[nodiscard]] std::uint32_t block_at(Address address) {
    if (address == 0) return kNoBlock;
    if (!entered_ && !make_index()) return kNoBlock;
    return index_.find(address);
  }
  // The datablock that `address` means here, or kNoDatablock.
  [[nodiscard]] std::uint32_t datablock_at(Address address);

  // The struct that a pointer member leads to, among the DATA of this group. Its type is what the block says,
  // or what the pointer is declared to point to where the block says "none".
  [[nodiscard]] Record follow(const Record& from, MemberName member, std::size_t element = 0);
  // The struct at `address`, of the type that the block says, else `declared`.
  [[nodiscard]] Record at(Address address, std::uint32_t declared = Sdna::kNoStruct);
  // As many structs as the block at `address` holds, at most what its head says.
  [[nodiscard]] std::size_t count_at(Address address, const Record& first);
  // The element of an array of structs that begins with `first`.
  [[nodiscard]] Record element(const Record& first, std::size_t index) const;

  // The bytes of the block at `address`.
  [[nodiscard]] std::span<const std::byte> bytes_at(Address address);
  // The text of a raw block up to its first NUL; nothing where there is no such block.
  [[nodiscard]] std::optional<std::string_view> string_at(Address address);
  // The element of an array of pointers; 0 beyond its end.
  [[nodiscard]] Address pointer_in(Address array, std::size_t index);

  // Calls `visit` with each item of the list `member` (a ListBase), of the type that its block says, else
  // `declared`. Ends at a pointer to nothing, and after as many items as the group has blocks.
  template <class Visit>
  void each(const Record& owner, MemberName member, Visit&& visit, std::string_view declared = {}) {
    each_of(owner.record(member), static_cast<Visit&&>(visit), declared);
  }
  template <class Visit>
  void each_of(const Record& list, Visit&& visit, std::string_view declared = {}) {
    const std::uint32_t type = declared.empty() ? Sdna::kNoStruct : file_->dna().find_struct(declared);
    std::uint32_t left = file_->blocks().group_end(group_) - file_->blocks().groups()[group_].first;
    for (Address address = list.pointer("first"); address != 0 && left != 0 && spend(); --left) {
      const Record item = at(address, type);
      if (!item) return;
      visit(item);
      address = next_of(item);
    }
  }

 private:
  bool make_index();
  // Every list item begins with the pointer to its follower, whatever that is called.
  [[nodiscard]] static Address next_of(const Record& item);
  [[nodiscard]] std::uint32_t type_of(std::uint32_t block, std::uint32_t declared) const;

  const BlendFile* file_;
  Effort* effort_;
  GroupIndex index_;
  std::uint32_t group_ = 0;
  bool entered_ = false;
};

}  // namespace souschef::blend
