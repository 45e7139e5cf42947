// SPDX-License-Identifier: MIT
// The structure of a file without its payload: groups with their labels, and the heads of all blocks but for
// addresses. A few bytes a block, the same in every save, and changed only where blocks were added or
// removed.
//
//   group  = number label size, label, code (4 bytes), number blocks (at least 1), head*
//   head   = 0, number n                          n + 1 more heads as the one before, of the same group
//          | 1, number length, number zigzag(count), number struct, treatment u8
//          | 2 + 4 * struct + 0                   one element: the length is that of the struct
//          | 2 + 4 * struct + 1, number count     count elements
//          | 2 + 4 * struct + 2, number length    count 1, copied
//          | 2 + 4 * struct + 3, number length    count 1, an array of pointers
//
// The first two forms with a struct stand for structs of the field plan only, at least one element.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "plugins/blend/block_head.hpp"
#include "plugins/blend/field_plan.hpp"
#include "plugins/blend/filter_stream.hpp"

namespace souschef::blend {

// What is done with the data of a block. On disk: never reuse a number.
enum class Treatment : std::uint8_t {
  copy = 0,     // nothing
  fields = 1,   // elements of a struct, by its entry in the field plan
  pointers = 2  // pointers one after another
};
inline constexpr std::uint8_t kMaxTreatment = 2;

// The head of a block without code and address.
struct CodedHead {
  std::uint64_t length = 0;
  std::int64_t count = 0;
  std::uint32_t struct_index = 0;  // all 32 bits as on disk
  Treatment treatment = Treatment::copy;

  bool operator==(const CodedHead&) const = default;

  // How many elements of `size` bytes the treatment finds in the block.
  [[nodiscard]] std::uint64_t elements(std::uint32_t size) const {
    const std::uint64_t room = length / size;
    if (treatment == Treatment::pointers) return room;
    return count <= 0 ? 0 : std::min(room, static_cast<std::uint64_t>(count));
  }
};

// Writes groups one after another into a page.
class StructureWriter {
 public:
  explicit StructureWriter(const FieldPlan& plan) : plan_(&plan) {}

  void group(std::span<const std::byte> label, std::uint32_t code_on_disk, std::uint64_t blocks,
             std::vector<std::byte>& out);
  void head(const CodedHead& head, std::vector<std::byte>& out);
  // Before a page ends, or a group: what waits to be written.
  void flush(std::vector<std::byte>& out);

 private:
  void put(const CodedHead& head, std::vector<std::byte>& out) const;

  const FieldPlan* plan_;
  CodedHead last_;
  bool has_last_ = false;  // in this group
  std::uint64_t repeats_ = 0;
};

// Reads heads; groups are read by the caller, who knows where they begin.
class HeadReader {
 public:
  explicit HeadReader(const FieldPlan& plan) : plan_(&plan) {}

  // To be called where a group begins.
  void begin_group() {
    has_last_ = false;
    repeats_ = 0;
  }
  // The next head; false where the bytes are damaged.
  bool next(NumberReader& in, CodedHead& head);
  // Passes over the heads that would still come without any bytes; returns how many.
  std::uint64_t skip_repeats() { return std::exchange(repeats_, 0); }

 private:
  bool read(NumberReader& in, std::uint64_t token, CodedHead& head) const;

  const FieldPlan* plan_;
  CodedHead last_;
  bool has_last_ = false;
  std::uint64_t repeats_ = 0;
};

}  // namespace souschef::blend
