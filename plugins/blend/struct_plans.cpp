// SPDX-License-Identifier: MIT
// Which pointers are followed. Blender's own list of "what uses what" is code in every type; following every
// pointer that leads to a datablock finds the same and more, whatever the version, and needs no code per
// type. Left out are:
//
//   - those of ID itself: next, newid, orig_id and the like are meaningless on disk, lib is handled apart,
//   and what
//     properties and override_library lead to is in blocks of its own
//   - pointers to functions, and members named runtime or ..._runtime
//   - ImageUser.scene: Blender sets it to null when it loads, and it would pull in whole scenes with a
//   texture
//   - pointers to structs that the file knows and that are no datablocks: MDeformVert.dw leads nowhere, and
//   the
//     hundred thousand weights behind it need not be read
//
// Which texts are looked at: char arrays from 64 bytes on and pointers to char, unless residual_rules.cpp
// knows what they are.
#include "plugins/blend/struct_plans.hpp"

#include <algorithm>

#include "plugins/blend/limits.hpp"
#include "plugins/blend/residual_rules.hpp"

namespace souschef::blend {
namespace {

// Real files have some 100 000 leaves in all structs together.
constexpr std::size_t kMaxLeaves = 1U << 21;

bool is_runtime(std::string_view name) {
  return name == "runtime" || name.ends_with("_runtime");
}

StructPlan::Special special_of(std::string_view name) {
  if (name == "IDProperty") return StructPlan::Special::property;
  if (name == "ChannelDriver") return StructPlan::Special::driver;
  if (name == "CameraBGImage") return StructPlan::Special::camera_background;
  return StructPlan::Special::none;
}

}  // namespace

bool StructPlans::may_lead_to_datablock(const Sdna::Leaf& leaf) const {
  const Sdna::Member& member = *leaf.member;
  if (!member.pointer() || member.function || is_runtime(member.name)) return false;
  const std::string_view owner = dna_->struct_at(leaf.owner).name;
  if (owner == "ID") return false;
  if (owner == "ImageUser" && member.name == "scene") return false;
  const std::uint32_t target = dna_->struct_of_type(member.type);
  // "void", or a struct that the file only points to; not "char" or "float".
  if (target == Sdna::kNoStruct) return dna_->type_size(member.type) == 0;
  if (target == id_) return true;
  const auto members = dna_->members(target);
  if (members.empty()) return true;  // not sound: who knows
  return !members[0].pointer() && dna_->struct_of_type(members[0].type) == id_;
}

void StructPlans::make(std::uint32_t index, Slot& slot) {
  slot.made = true;
  StructPlan& plan = slot.plan;
  plan.size = dna_->struct_at(index).size;
  if (exhausted_) return;
  const std::vector<Sdna::Leaf> leaves = dna_->leaves(index);
  leaves_ += leaves.size();
  exhausted_ = leaves_ > kMaxLeaves;
  plan.special = leaves.empty() ? StructPlan::Special::none : special_of(dna_->struct_at(index).name);
  for (const Sdna::Leaf& leaf : leaves) {
    const Sdna::Member& member = *leaf.member;
    const bool text_pointer =
        member.stars == 1 && member.count == 1 && dna_->type_name(member.type) == "char";
    if (text_pointer || (member.scalar == Scalar::character && member.size >= kLeastSuspiciousArray)) {
      const std::uint32_t size = text_pointer ? 0 : member.size;
      if (!is_explained(dna_->struct_at(leaf.owner).name, member.name, size))
        plan.texts.push_back({leaf.offset, size, leaf.owner, member.name});
    } else if (may_lead_to_datablock(leaf)) {
      plan.pointers.push_back({leaf.offset, member.count, member.stars > 1});
    }
  }
}

}  // namespace souschef::blend
