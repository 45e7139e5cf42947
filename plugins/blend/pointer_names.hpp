// SPDX-License-Identifier: MIT
// What stands in the filtered stream in place of a pointer: a word of the same width that is the same when
// the file is saved again.
//
//   0                      null, or a pointer that leads to no block; the side streams know which
//   highest bit clear      a block of the same group: 1 + zigzag(target - base), where base is the block that
//                          the same member of the element before leads to, else the block itself
//   highest bit set        the first block of another group, by its *key*: 40 bits (31 in a word of 4 bytes)
//                          made of the datablock's name
//
// Blocks are counted within the file, so within a group nothing depends on where the group is, and a block
// that is inserted into it moves only those words that lead across it. Arrays of pointers to blocks that
// follow one another become arrays of ones.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plugins/blend/blend_file.hpp"
#include "plugins/blend/filter_stream.hpp"

namespace souschef::blend {

inline constexpr std::uint32_t kNoGroup = 0xFFFFFFFF;

// The keys of the groups of a file, given in file order. The same labels in the same order give the same
// keys, so a stream holds the labels only. Two groups never have one key: a label that stands twice, or two
// whose keys collide, take the next variant that is free.
class GroupKeys {
 public:
  explicit GroupKeys(std::uint32_t pointer_size) : bits_(pointer_size == 8 ? 40 : 31) {}

  // The key of the next group.
  std::uint64_t add(std::span<const std::byte> label);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(variants_.size()); }
  // kNoGroup where no group has the key.
  [[nodiscard]] std::uint32_t find(std::uint64_t key) const {
    if (slots_.empty()) return kNoGroup;
    return slots_[slot_of(key)].group;
  }

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t group = kNoGroup;
  };
  // Where the key is, or would be.
  [[nodiscard]] std::size_t slot_of(std::uint64_t key) const {
    std::size_t i = static_cast<std::size_t>(key) & (slots_.size() - 1);
    while (slots_[i].group != kNoGroup && slots_[i].key != key) i = (i + 1) & (slots_.size() - 1);
    return i;
  }
  void grow();

  unsigned bits_;
  std::vector<Slot> slots_;              // a power of two of them, at most half full
  std::vector<std::uint32_t> variants_;  // per group: how many others wanted its key
};

// What names a group: the datablock's name, for placeholders and packed ones that of the library behind it,
// else the block's code. `out` is replaced.
void make_label(const BlendFile& file, std::uint32_t group, std::vector<std::byte>& out);

// Words of either width, in the byte order of small numbers first, whatever the file's is.
template <std::uint32_t kPointerSize>
struct PointerWord;

template <>
struct PointerWord<8> {
  using Type = std::uint64_t;
  static constexpr Type kNamed = 1ULL << 63;
};
template <>
struct PointerWord<4> {
  using Type = std::uint32_t;
  static constexpr Type kNamed = 1U << 31;
};

}  // namespace souschef::blend
