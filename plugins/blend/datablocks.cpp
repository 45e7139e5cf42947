// SPDX-License-Identifier: MIT
#include "plugins/blend/datablocks.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace souschef::blend {
namespace {

bool is_letter(std::uint32_t byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

// Two letters and two zeros. The list of Blender grows, so any such code may be a datablock's.
bool may_be_id_code(Code code) {
  const auto value = static_cast<std::uint32_t>(code);
  return (value >> 16) == 0 && is_letter(value & 0xFFU) && is_letter(value >> 8);
}

}  // namespace

Datablocks::Datablocks(const Content& content, const Blocks& blocks, const Sdna& dna)
    : content_(&content), blocks_(&blocks), dna_(&dna), id_struct_(dna.find_struct("ID")) {
  name_ = dna.find_member(id_struct_, "name");
  library_ = dna.find_member(id_struct_, "lib");
  flag_ = dna.find_member(id_struct_, "flag");
}

Datablocks Datablocks::find(const Content& content, const Blocks& blocks, const Sdna& dna) {
  Datablocks result(content, blocks, dna);
  const auto groups = blocks.groups();
  for (std::uint32_t group = 0; group < groups.size(); ++group)
    if (result.begins_with_id(group)) result.groups_.push_back(group);
  result.fill_slots();
  return result;
}

bool Datablocks::begins_with_id(std::uint32_t group) const {
  const Blocks::Group& entry = blocks_->groups()[group];
  if (!may_be_id_code(entry.code) || id_struct_ == Sdna::kNoStruct) return false;
  const std::uint32_t index = blocks_->struct_index(entry.first);
  const auto members = dna_->members(index);
  if (members.empty() || blocks_->length(entry.first) < dna_->struct_at(index).size) return false;
  if (index == id_struct_) return true;
  return !members[0].pointer() && dna_->struct_of_type(members[0].type) == id_struct_;
}

void Datablocks::fill_slots() {
  also_data_.assign(groups_.size(), 0);
  const std::size_t slots = std::bit_ceil(groups_.size() * 2 + 2);
  slots_.resize(slots);
  shift_ = 64 - std::countr_zero(slots);
  for (std::uint32_t i = 0; i < groups_.size(); ++i) {
    const Address address = blocks_->address(blocks_->groups()[groups_[i]].first);
    if (address == 0) continue;
    std::size_t slot = slot_of(address);
    while (slots_[slot].address != 0 && slots_[slot].address != address) slot = (slot + 1) & (slots - 1);
    if (slots_[slot].address == address)
      ++repeated_;
    else
      slots_[slot] = {address, i};
  }
  find_shared_addresses();
}

// Nearly every DATA block has an address of its own, and a table of bits tells so: it fits into the
// processor's first cache, the slots do not.
void Datablocks::find_shared_addresses() {
  constexpr int kBitsPerSlot = 8;
  const int shift = shift_ - std::countr_zero(static_cast<unsigned>(kBitsPerSlot));
  const auto bit_of = [&](Address address) { return static_cast<std::size_t>(hash_of(address) >> shift); };
  std::vector<std::uint64_t> taken(slots_.size() * kBitsPerSlot / 64 + 1);
  for (const Slot& slot : slots_)
    if (slot.address != 0) taken[bit_of(slot.address) / 64] |= std::uint64_t{1} << bit_of(slot.address) % 64;
  const auto groups = blocks_->groups();
  for (std::uint32_t group = 0; group < groups.size(); ++group) {
    const std::uint32_t end = blocks_->group_end(group);
    for (std::uint32_t block = groups[group].first + 1; block < end; ++block) {
      const Address address = blocks_->address(block);
      const std::size_t bit = bit_of(address);
      if ((taken[bit / 64] >> bit % 64 & 1) == 0) continue;
      if (const std::uint32_t same = at(address); same != kNoDatablock) also_data_[same] = 1;
    }
  }
}

std::uint32_t Datablocks::of_group(std::uint32_t group) const {
  const auto found = std::lower_bound(groups_.begin(), groups_.end(), group);
  return found != groups_.end() && *found == group ? static_cast<std::uint32_t>(found - groups_.begin())
                                                   : kNoDatablock;
}

const std::byte* Datablocks::id_member(std::uint32_t datablock, const Sdna::Member* member) const {
  if (member == nullptr) return nullptr;
  const std::uint32_t block = blocks_->groups()[groups_[datablock]].first;
  const auto bytes = content_->bytes(blocks_->offset(block) + member->offset, member->size);
  return bytes.empty() ? nullptr : bytes.data();
}

std::string_view Datablocks::name(std::uint32_t datablock) const {
  const std::byte* at = id_member(datablock, name_);
  if (at == nullptr || name_->scalar != Scalar::character) return {};
  const auto* text = reinterpret_cast<const char*>(at);
  const auto* end = static_cast<const char*>(std::memchr(text, 0, name_->size));
  return {text, end == nullptr ? name_->size : static_cast<std::size_t>(end - text)};
}

Address Datablocks::library(std::uint32_t datablock) const {
  const std::byte* at = id_member(datablock, library_);
  return at == nullptr || !library_->pointer() ? 0 : load_address(at, dna_->pointer_size(), dna_->order());
}

std::uint32_t Datablocks::flag(std::uint32_t datablock) const {
  const std::byte* at = id_member(datablock, flag_);
  if (at == nullptr) return 0;
  if (flag_->size == 2) return load<std::uint16_t>(at, dna_->order());
  return flag_->size == 4 ? load<std::uint32_t>(at, dna_->order()) : 0;
}

bool Datablocks::is_placeholder(std::uint32_t datablock) const {
  return blocks_->groups()[groups_[datablock]].code == kPlaceholder;
}

}  // namespace souschef::blend
