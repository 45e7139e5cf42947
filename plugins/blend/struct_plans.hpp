// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/blend/sdna.hpp"

namespace souschef::blend {

// What a pass over all blocks looks at in a struct. Made once per struct of a file, when the first block of
// it comes by; most structs of most files turn out to hold nothing of interest, and their blocks are never
// touched.
struct StructPlan {
  // Pointers that may lead to a datablock.
  struct Pointer {
    std::uint32_t offset = 0;
    std::uint32_t count = 1;
    bool to_array = false;  // "**mat": leads to a raw block of pointers
  };
  // Char arrays, and pointers to text, that nobody has explained.
  struct Text {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;  // 0: a pointer to text
    std::uint32_t owner = 0;
    std::string_view member;
  };
  // Structs that are looked at as such.
  enum class Special : std::uint8_t { none, property, driver, camera_background };

  std::vector<Pointer> pointers;
  std::vector<Text> texts;
  Special special = Special::none;
  std::uint32_t size = 0;

  [[nodiscard]] bool empty() const { return pointers.empty() && texts.empty() && special == Special::none; }
};

class StructPlans {
 public:
  explicit StructPlans(const Sdna& dna)
      : dna_(&dna), id_(dna.find_struct("ID")), plans_(dna.struct_count()) {}
  // `index` is below struct_count().
  const StructPlan& of(std::uint32_t index) {
    Slot& slot = plans_[index];
    if (!slot.made) make(index, slot);
    return slot.plan;
  }
  // The catalogue is too large to be honest; plans made since then are empty.
  [[nodiscard]] bool exhausted() const { return exhausted_; }

 private:
  struct Slot {
    StructPlan plan;
    bool made = false;
  };
  void make(std::uint32_t index, Slot& slot);
  [[nodiscard]] bool may_lead_to_datablock(const Sdna::Leaf& leaf) const;

  const Sdna* dna_;
  std::uint32_t id_;
  std::vector<Slot> plans_;
  std::size_t leaves_ = 0;
  bool exhausted_ = false;
};

}  // namespace souschef::blend
