// SPDX-License-Identifier: MIT
#include "plugins/blend/visit.hpp"

#include <utility>

#include "plugins/blend/file_notes.hpp"

namespace souschef::blend {
namespace {

// Blender 5: a datablock that is stored in full but belongs to a library ("linked and packed").
constexpr std::uint32_t kLinkedAndPacked = 1U << 15;

// The path that relative paths of a packed datablock are relative to: that of its archive library.
std::string archive_path(const BlendFile& file, std::uint32_t datablock) {
  const Datablocks& datablocks = file.datablocks();
  if (datablocks.is_placeholder(datablock) || (datablocks.flag(datablock) & kLinkedAndPacked) == 0) return {};
  const std::uint32_t archive = datablocks.at(datablocks.library(datablock));
  if (archive == kNoDatablock) return {};
  const Record library = file.record_of(archive);
  if (const auto path = library.text("name"); !path.empty()) return std::string(path);
  const std::uint32_t parent = datablocks.at(library.pointer("archive_parent_library"));
  return parent == kNoDatablock ? std::string() : std::string(file.record_of(parent).text("name"));
}

}  // namespace

void Visit::enter(std::uint32_t datablock) {
  datablock_ = datablock;
  scope_.enter_datablock(datablock);
  id_ = scope_.head();
  base_ = unit().base;
  if (std::string archive = archive_path(file(), datablock); !archive.empty())
    base_ = joined_base(unit().base, archive);
}

std::string_view Visit::plain_name() const {
  const std::string_view name = file().datablocks().name(datablock_);
  return name.size() > 2 ? name.substr(2) : std::string_view();
}

Found Visit::in_array(const Record& owner, MemberName name, std::string property) const {
  Found found = made_up(std::string(owner.text(name)), std::move(property));
  if (const Sdna::Member* member = owner.find(name); member != nullptr) {
    found.spot.kind = Spot::Kind::array;
    found.spot.offset = owner.offset() + member->offset;
    found.spot.capacity = member->size;
  }
  return found;
}

Found Visit::in_string(const Record& owner, MemberName name, std::string property) {
  const Address address = owner.pointer(name);
  Found found = made_up(std::string(scope_.string_at(address).value_or("")), std::move(property));
  found.spot.block = scope_.block_at(address);
  if (found.spot.block != kNoBlock) {
    found.spot.kind = Spot::Kind::string;
    found.spot.offset = file().blocks().offset(found.spot.block);
  }
  return found;
}

Found Visit::made_up(std::string path, std::string property) const {
  Found found;
  found.reference.path = std::move(path);
  found.reference.property = std::move(property);
  found.spot.unit = unit_;
  return found;
}

std::uint32_t Visit::add(Found found) {
  if (found.spot.kind != Spot::Kind::none) notes_.explained.insert(found.spot.offset);
  TracedReference& reference = found.reference;
  if (reference.path.empty() && reference.expansion != Expansion::point_cache) return kNone;
  reference.datablock = datablock();
  if (reference.base.empty()) reference.base = base_;
  return sink_.reference(std::move(found));
}

void Visit::add(TracedOutput output) {
  output.datablock = datablock();
  sink_.output(std::move(output));
}

void Visit::add(TracedSimulation simulation) {
  simulation.datablock = datablock();
  sink_.simulation(std::move(simulation));
}

void Visit::warn(std::string code, std::string message) {
  sink_.warning({datablock(), std::move(code), std::move(message)});
}

}  // namespace souschef::blend
