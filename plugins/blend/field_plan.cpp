// SPDX-License-Identifier: MIT
#include "plugins/blend/field_plan.hpp"

#include <algorithm>

#include "plugins/blend/limits.hpp"
#include "plugins/blend/volatile_fields.hpp"

namespace souschef::blend {
namespace {

// Blender 3.4 has 6 200 pointers and volatile values in all structs that can be in a file.
constexpr std::size_t kMaxRuns = 1U << 15;
// Members looked at, structs in structs counted each time. Blender 3.4: 60 000 in all.
constexpr std::size_t kMaxLeaves = 1U << 21;
constexpr std::uint32_t kMaxStructSize = 0xFFFF;

std::uint8_t volatile_width(const Sdna& dna, const Sdna::Leaf& leaf) {
  const Sdna::Member& member = *leaf.member;
  if (member.count != 1 || member.pointer()) return 0;
  if (member.scalar == Scalar::none || member.scalar == Scalar::f32 || member.scalar == Scalar::f64) return 0;
  return is_volatile(dna.struct_at(leaf.owner).name, member.name) ? static_cast<std::uint8_t>(member.size)
                                                                  : std::uint8_t{0};
}

Error damaged(const char* why) {
  return Error(ErrorCode::corrupt, "the filtered .blend is damaged", why);
}

}  // namespace

void FieldPlan::add(std::uint32_t struct_index, std::uint32_t size) {
  if (by_index_.size() <= struct_index) by_index_.resize(struct_index + 1, kNone);
  by_index_[struct_index] = static_cast<std::uint16_t>(structs_.size());
  structs_.push_back(
      {.struct_index = struct_index, .size = size, .first_run = static_cast<std::uint32_t>(runs_.size())});
}

void FieldPlan::add_run(std::uint32_t offset, std::uint32_t count, std::uint8_t width) {
  StructFields& fields = structs_.back();
  const auto column = static_cast<std::uint32_t>(runs_.size()) + 1;
  runs_.push_back({.offset = offset, .count = count, .width = width, .column = column, .slot = fields.slots});
  ++fields.run_count;
  if (width == 0) fields.slots += count;
  most_slots_ = std::max(most_slots_, fields.slots);
}

FieldPlan FieldPlan::of(const Sdna& dna, const Blocks& blocks) {
  std::vector<std::uint8_t> used(dna.struct_count());
  for (std::uint32_t block = 0; block < blocks.size(); ++block)
    if (const std::uint32_t index = blocks.struct_index(block); index < used.size()) used[index] = 1;

  FieldPlan plan;
  std::size_t leaves_seen = 0;
  // Struct 0 stands for "no struct".
  for (std::uint32_t index = 1; index < used.size(); ++index) {
    if (used[index] == 0 || dna.members(index).empty()) continue;
    const std::vector<Sdna::Leaf> leaves = dna.leaves(index);
    leaves_seen += leaves.size();
    if (leaves_seen > kMaxLeaves) break;
    if (plan.runs_.size() + leaves.size() > kMaxRuns) continue;
    plan.add(index, dna.struct_at(index).size);
    for (const Sdna::Leaf& leaf : leaves) {
      if (leaf.member->pointer())
        plan.add_run(leaf.offset, leaf.member->count, 0);
      else if (const std::uint8_t width = volatile_width(dna, leaf); width != 0)
        plan.add_run(leaf.offset, 1, width);
    }
  }
  return plan;
}

void FieldPlan::write(std::vector<std::byte>& out) const {
  put_number(out, structs_.size());
  std::uint32_t next_index = 0;
  for (const StructFields& fields : structs_) {
    put_number(out, fields.struct_index - next_index);
    next_index = fields.struct_index + 1;
    put_number(out, fields.size);
    put_number(out, fields.run_count);
    std::uint32_t end = 0;
    for (const FieldRun& run : runs(fields)) {
      put_number(out, run.offset - end);
      put_number(out, run.width);
      put_number(out, run.count);
      // The width of pointers is that of the file, and is not known here: gaps count from the start of the
      // run before.
      end = run.offset;
    }
  }
}

Result<FieldPlan> FieldPlan::read(std::span<const std::byte> page, std::uint32_t pointer_size) {
  NumberReader in(page);
  FieldPlan plan;
  const std::uint64_t count = in.number();
  std::uint64_t index = 0;
  for (std::uint64_t i = 0; i < count; ++i, ++index) {
    index += in.number();
    const std::uint64_t size = in.number();
    const std::uint64_t run_count = in.number();
    if (in.failed() || index >= Sdna::kNoStruct || size == 0 || size > kMaxStructSize || run_count > size)
      return damaged("a struct of its field list");
    plan.add(static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(size));
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    for (std::uint64_t r = 0; r < run_count; ++r) {
      const std::uint64_t gap = in.number();
      const std::uint64_t width = in.number();
      const std::uint64_t values = in.number();
      if (in.failed() || gap > size || values == 0 || values > size) return damaged("a field of its list");
      if (width > 8 || (width & (width - 1)) != 0) return damaged("a field of its list has no known width");
      start += gap;
      const std::uint64_t bytes = values * (width == 0 ? pointer_size : width);
      if (start < end || start + bytes > size) return damaged("fields of its list lie in one another");
      end = start + bytes;
      if (plan.runs_.size() == kMaxRuns) return damaged("its field list is longer than any");
      plan.add_run(static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(values),
                   static_cast<std::uint8_t>(width));
    }
  }
  if (!in.at_end() || in.failed()) return damaged("its field list does not end");
  return plan;
}

}  // namespace souschef::blend
