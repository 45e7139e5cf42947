// SPDX-License-Identifier: MIT
#include "plugins/blend/pointer_names.hpp"

#include <string_view>

namespace souschef::blend {
namespace {

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;

// The finalizer of SplitMix64: every bit of the result depends on every bit of the value.
constexpr std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

// FNV-1a
std::uint64_t hash_of(std::span<const std::byte> label) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const std::byte byte : label) hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001B3ULL;
  return hash;
}

// A name as it goes into a label: Blender's have at most 258 bytes, others are cut.
constexpr std::size_t kMaxName = 1024;

void append(std::vector<std::byte>& out, std::string_view name) {
  put_bytes(out, std::as_bytes(std::span(name.substr(0, kMaxName))));
}

}  // namespace

std::uint64_t GroupKeys::add(std::span<const std::byte> label) {
  if (variants_.size() * 2 >= slots_.size()) grow();
  const std::uint64_t hash = hash_of(label);
  const auto variant = [&](std::uint64_t n) { return mixed(hash + n * kGolden) >> (64 - bits_); };

  std::uint64_t key = variant(0);
  std::size_t slot = slot_of(key);
  if (const std::uint32_t holder = slots_[slot].group; holder != kNoGroup) {
    // The holder counts, so that a label which stands a million times costs a million steps and not their
    // square.
    do {
      key = variant(++variants_[holder]);
      slot = slot_of(key);
    } while (slots_[slot].group != kNoGroup);
  }
  slots_[slot] = {key, size()};
  variants_.push_back(0);
  return key;
}

void GroupKeys::grow() {
  std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old)
    if (slot.group != kNoGroup) slots_[slot_of(slot.key)] = slot;
}

void make_label(const BlendFile& file, std::uint32_t group, std::vector<std::byte>& out) {
  out.clear();
  const Datablocks& datablocks = file.datablocks();
  const std::uint32_t datablock = datablocks.of_group(group);
  if (datablock == kNoDatablock) {
    const auto code = static_cast<std::uint32_t>(file.blocks().groups()[group].code);
    for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::byte>(code >> (8 * i)));
    return;
  }
  append(out, datablocks.name(datablock));
  if (const Address library = datablocks.library(datablock); library != 0) {
    out.push_back(std::byte{0});
    if (const std::uint32_t from = datablocks.at(library); from != kNoDatablock)
      append(out, datablocks.name(from));
  }
}

}  // namespace souschef::blend
