// SPDX-License-Identifier: MIT
// Two saves of one scene differ in nearly every struct: addresses are new, and some members hold what only
// the session knows. So a datablock is digested in a form of its own:
//
//   a pointer     to DATA of the datablock: the number of that block, counted from the datablock
//                 to another datablock: its name and its library's path
//                 to nothing in the file: zero, since it belongs to the session
//   a text        up to its NUL; what stands behind is left over from older values
//   raw data      as what the pointer that leads to it says it is: text, pointers, or plain bytes
//   ignored       zero: the list below, padding, pointers to functions
//
// The struct's name is digested and not its number, which changes from one Blender to the next.
#include "plugins/blend/datablock_digest.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>

namespace souschef::blend {
namespace {

struct Ignored {
  std::string_view owner;  // empty: of any struct
  std::string_view member;
};

// Values of the session, counters that change when something else does, and what the user looks at.
constexpr Ignored kIgnored[] = {{"ID", "next"},
                                {"ID", "prev"},
                                {"ID", "newid"},
                                {"ID", "orig_id"},
                                {"ID", "us"},
                                {"ID", "tag"},
                                {"ID", "icon_id"},
                                {"ID", "session_uuid"},
                                {"ID", "session_uid"},
                                {"ID", "recalc"},
                                {"ID", "recalc_up_to_undo_push"},
                                {"ID", "recalc_after_undo_push"},
                                {"ID", "py_instance"},
                                {"SessionUUID", "uuid_"},
                                {"SessionUID", "uid_"},
                                {"ModifierData", "session_uuid"},
                                {"", "changed_timestamp"},
                                {"Text", "mtime"},
                                {"PointCache", "last_exact"},
                                {"PointCache", "simframe"},
                                {"PointCache", "cached_frames"},
                                {"RenderData", "cfra"},
                                {"Library", "filepath_abs"},
                                {"Mesh", "face_sets_color_seed"},
                                {"", "runtime"},
                                {"", "typeinfo"},
                                {"", "interface_type"},
                                {"", "py_instance"}};

bool is_ignored(std::string_view owner, const Sdna::Member& member) {
  if (member.function || member.name.starts_with("_pad") || member.name.ends_with("_runtime")) return true;
  return std::any_of(std::begin(kIgnored), std::end(kIgnored), [&](const Ignored& row) {
    return row.member == member.name && (row.owner.empty() || row.owner == owner);
  });
}

}  // namespace

DatablockDigests::DatablockDigests(const BlendFile& file, Effort& effort)
    : file_(file), scope_(file, effort), plans_(file.dna().struct_count()) {}

const DatablockDigests::Plan& DatablockDigests::plan_of(std::uint32_t index) {
  std::optional<Plan>& plan = plans_[index];
  if (plan) return *plan;
  plan.emplace();
  plan->size = file_.dna().struct_at(index).size;
  for (const Sdna::Leaf& leaf : file_.dna().leaves(index)) {
    const Sdna::Member& member = *leaf.member;
    Part part{Part::Kind::ignored, leaf.offset, member.size};
    if (is_ignored(file_.dna().struct_at(leaf.owner).name, member)) {
      // stays
    } else if (member.pointer()) {
      const bool text =
          member.stars == 1 && member.count == 1 && file_.dna().type_name(member.type) == "char";
      part.kind = member.stars > 1 ? Part::Kind::array_pointer
                  : text           ? Part::Kind::text_pointer
                                   : Part::Kind::pointers;
    } else if (member.scalar == Scalar::character && member.count > 1) {
      part.kind = Part::Kind::text;
    } else {
      continue;
    }
    plan->parts.push_back(part);
  }
  return *plan;
}

std::array<std::uint8_t, 16> DatablockDigests::of(std::uint32_t datablock) {
  const Blocks& blocks = file_.blocks();
  const std::uint32_t group = file_.datablocks().group(datablock);
  first_ = blocks.groups()[group].first;
  const std::uint32_t end = blocks.group_end(group);
  scope_.enter(group);
  digest_ = Digest();
  find_raw_kinds(first_, end);
  for (std::uint32_t block = first_; block < end; ++block) add_block(block);
  return digest_.finish();
}

// Looks which raw blocks are text, and which are pointers.
void DatablockDigests::find_raw_kinds(std::uint32_t first, std::uint32_t end) {
  raw_.assign(end - first, Raw::bytes);
  const std::uint32_t pointer_size = file_.dna().pointer_size();
  for (std::uint32_t block = first; block < end; ++block) {
    const std::uint32_t index = file_.blocks().struct_index(block);
    if (index == 0 || index >= plans_.size()) continue;
    const Plan& plan = plan_of(index);
    const bool any = std::any_of(plan.parts.begin(), plan.parts.end(), [](const Part& part) {
      return part.kind == Part::Kind::text_pointer || part.kind == Part::Kind::array_pointer;
    });
    if (!any) continue;
    const auto data = file_.data(block);
    for (std::size_t at = 0; at + plan.size <= data.size(); at += plan.size)
      for (const Part& part : plan.parts) {
        if (part.kind != Part::Kind::text_pointer && part.kind != Part::Kind::array_pointer) continue;
        const Address address =
            load_address(data.data() + at + part.offset, pointer_size, file_.dna().order());
        const std::uint32_t target = scope_.block_at(address);
        if (target == kNoBlock) continue;
        raw_[target - first] = part.kind == Part::Kind::text_pointer ? Raw::text : Raw::pointers;
      }
  }
}

void DatablockDigests::add_block(std::uint32_t block) {
  const std::uint32_t index = file_.blocks().struct_index(block);
  if (index == 0 || index >= plans_.size() || plan_of(index).size == 0) {
    add_raw(block);
    return;
  }
  const Plan& plan = plan_of(index);
  const auto data = file_.data(block);
  digest_.add(file_.dna().struct_at(index).name);
  digest_.add(data.size());
  std::size_t at = 0;
  for (; at + plan.size <= data.size(); at += plan.size) add_struct(data.subspan(at, plan.size), plan);
  digest_.add(data.subspan(at));
}

void DatablockDigests::add_struct(std::span<const std::byte> data, const Plan& plan) {
  std::size_t at = 0;
  for (const Part& part : plan.parts) {
    digest_.add(data.subspan(at, part.offset - at));
    at = part.offset + part.size;
    const std::byte* value = data.data() + part.offset;
    switch (part.kind) {
      case Part::Kind::ignored:
        break;
      case Part::Kind::text: {
        const auto* end = static_cast<const std::byte*>(std::memchr(value, 0, part.size));
        const std::size_t length = end == nullptr ? part.size : static_cast<std::size_t>(end - value);
        digest_.add(length);
        digest_.add({value, length});
        break;
      }
      case Part::Kind::pointers:
      case Part::Kind::text_pointer:
      case Part::Kind::array_pointer:
        for (std::uint32_t i = 0; i < part.size; i += file_.dna().pointer_size())
          add_address(load_address(value + i, file_.dna().pointer_size(), file_.dna().order()));
        break;
    }
  }
  digest_.add(data.subspan(at));
}

void DatablockDigests::add_raw(std::uint32_t block) {
  const auto data = file_.data(block);
  const std::uint32_t pointer_size = file_.dna().pointer_size();
  switch (raw_[block - first_]) {
    case Raw::pointers:
      for (std::size_t at = 0; at + pointer_size <= data.size(); at += pointer_size)
        add_address(load_address(data.data() + at, pointer_size, file_.dna().order()));
      break;
    case Raw::text: {
      const auto end = std::find(data.begin(), data.end(), std::byte{0});
      const auto length = static_cast<std::size_t>(end - data.begin());
      digest_.add(length);
      digest_.add(data.first(length));
      break;
    }
    case Raw::bytes:
      digest_.add(data.size());
      digest_.add(data);
      break;
  }
}

void DatablockDigests::add_address(Address address) {
  enum Meaning : std::uint64_t { kNothing = 0, kOwn = 1, kDatablock = 2 };
  const std::uint32_t datablock = scope_.datablock_at(address);
  if (datablock != kNoDatablock && scope_.block_at(address) != first_) {
    digest_.add(kDatablock);
    digest_.add(file_.datablocks().name(datablock));
    const std::uint32_t library = file_.datablocks().at(file_.datablocks().library(datablock));
    if (library != kNoDatablock) digest_.add(file_.record_of(library).text("name"));
    return;
  }
  const std::uint32_t block = scope_.block_at(address);
  digest_.add(block == kNoBlock ? kNothing : kOwn);
  if (block != kNoBlock) digest_.add(block - first_);
}

}  // namespace souschef::blend
