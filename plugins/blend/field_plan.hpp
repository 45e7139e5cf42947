// SPDX-License-Identifier: MIT
// Where the structs of a file hold pointers and volatile values, as flat lists that the hot loops run over.
//
// The lists are made from the struct catalogue when a file is filtered, and written into the stream: decoding
// needs neither the catalogue nor any knowledge of Blender, and a stream can be decoded for ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <souschef/result.hpp>

#include "plugins/blend/blocks.hpp"
#include "plugins/blend/filter_stream.hpp"
#include "plugins/blend/sdna.hpp"

namespace souschef::blend {

// `count` values, one behind the other.
struct FieldRun {
  std::uint32_t offset = 0;  // in the element
  std::uint32_t count = 1;
  std::uint8_t width = 0;    // 0: pointers; else volatile integers of 1, 2, 4 or 8 bytes
  std::uint32_t column = 0;  // of the side streams
  std::uint32_t slot = 0;    // of the first pointer, among all pointers of its struct

  [[nodiscard]] bool pointers() const { return width == 0; }
};

struct StructFields {
  std::uint32_t struct_index = 0;
  std::uint32_t size = 0;
  std::uint32_t first_run = 0;
  std::uint32_t run_count = 0;
  std::uint32_t slots = 0;
};

// Immutable once made.
class FieldPlan {
 public:
  // The structs of all blocks of a file that are sound. Structs beyond the limits get no entry: they are
  // stored as they are.
  static FieldPlan of(const Sdna& dna, const Blocks& blocks);

  // The page of the stream, and back. Errors: corrupt.
  void write(std::vector<std::byte>& out) const;
  static Result<FieldPlan> read(std::span<const std::byte> page, std::uint32_t pointer_size);

  // Null where nothing is known of the struct.
  [[nodiscard]] const StructFields* find(std::uint64_t struct_index) const {
    if (struct_index >= by_index_.size() || by_index_[static_cast<std::size_t>(struct_index)] == kNone)
      return nullptr;
    return &structs_[by_index_[static_cast<std::size_t>(struct_index)]];
  }
  [[nodiscard]] std::span<const FieldRun> runs(const StructFields& fields) const {
    return std::span(runs_).subspan(fields.first_run, fields.run_count);
  }
  [[nodiscard]] std::span<const StructFields> structs() const { return structs_; }

  // How many columns the side streams have. Column 0 is that of untyped arrays of pointers.
  [[nodiscard]] std::uint32_t columns() const { return static_cast<std::uint32_t>(runs_.size()) + 1; }
  [[nodiscard]] bool column_of_pointers(std::uint32_t column) const {
    return column == 0 || runs_[column - 1].pointers();
  }
  // The most pointers that one struct has, at least 1.
  [[nodiscard]] std::uint32_t most_slots() const { return most_slots_; }

 private:
  static constexpr std::uint16_t kNone = std::numeric_limits<std::uint16_t>::max();

  void add(std::uint32_t struct_index, std::uint32_t size);
  void add_run(std::uint32_t offset, std::uint32_t count, std::uint8_t width);

  std::vector<StructFields> structs_;  // by struct index
  std::vector<FieldRun> runs_;
  std::vector<std::uint16_t> by_index_;
  std::uint32_t most_slots_ = 1;
};

// The list for untyped arrays of pointers: one pointer an element.
inline constexpr FieldRun kPointerArray{};

}  // namespace souschef::blend
