// SPDX-License-Identifier: MIT
// The datablocks (IDs) of a file: the groups whose first block begins with a struct ID, placeholders of
// linked ones included. Datablocks that are stored as DATA of another (node trees of materials, master
// collections) are not among them: they belong to their owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "plugins/blend/blocks.hpp"
#include "plugins/blend/content.hpp"
#include "plugins/blend/sdna.hpp"

namespace souschef::blend {

inline constexpr std::uint32_t kNoDatablock = 0xFFFFFFFF;

// Immutable once found. Borrows the content, the blocks and the catalogue.
class Datablocks {
 public:
  static Datablocks find(const Content& content, const Blocks& blocks, const Sdna& dna);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(groups_.size()); }
  [[nodiscard]] std::uint32_t group(std::uint32_t datablock) const { return groups_[datablock]; }
  // The datablock of a group, or kNoDatablock.
  [[nodiscard]] std::uint32_t of_group(std::uint32_t group) const;

  // The datablock that was at `address` when the file was saved, or kNoDatablock. The first of several.
  [[nodiscard]] std::uint32_t at(Address address) const {
    if (address == 0 || slots_.empty()) return kNoDatablock;
    for (std::size_t i = slot_of(address);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i].address == address) return slots_[i].datablock;
      if (slots_[i].address == 0) return kNoDatablock;
    }
  }
  // True where some DATA block of the file has the same address: inside the group of that block the address
  // means the DATA, elsewhere the datablock.
  [[nodiscard]] bool is_also_data(std::uint32_t datablock) const { return also_data_[datablock] != 0; }

  // As stored, code included ("OBCube"), without the zeros behind it.
  [[nodiscard]] std::string_view name(std::uint32_t datablock) const;
  [[nodiscard]] Address library(std::uint32_t datablock) const;     // id.lib
  [[nodiscard]] std::uint32_t flag(std::uint32_t datablock) const;  // id.flag
  [[nodiscard]] bool is_placeholder(std::uint32_t datablock) const;

  // How many addresses stood at more than one datablock.
  [[nodiscard]] std::uint32_t repeated_addresses() const { return repeated_; }

 private:
  struct Slot {
    Address address = 0;
    std::uint32_t datablock = kNoDatablock;
  };
  Datablocks(const Content& content, const Blocks& blocks, const Sdna& dna);

  [[nodiscard]] bool begins_with_id(std::uint32_t group) const;
  [[nodiscard]] static std::uint64_t hash_of(Address address) { return address * 0x9E3779B97F4A7C15ULL; }
  [[nodiscard]] std::size_t slot_of(Address address) const {
    return static_cast<std::size_t>(hash_of(address) >> shift_);
  }
  [[nodiscard]] const std::byte* id_member(std::uint32_t datablock, const Sdna::Member* member) const;
  void fill_slots();
  void find_shared_addresses();

  const Content* content_;
  const Blocks* blocks_;
  const Sdna* dna_;
  std::uint32_t id_struct_ = Sdna::kNoStruct;
  const Sdna::Member* name_ = nullptr;
  const Sdna::Member* library_ = nullptr;
  const Sdna::Member* flag_ = nullptr;
  std::vector<std::uint32_t> groups_;
  std::vector<std::uint8_t> also_data_;
  std::vector<Slot> slots_;  // a power of two of them
  int shift_ = 63;
  std::uint32_t repeated_ = 0;
};

}  // namespace souschef::blend
