// SPDX-License-Identifier: MIT
#include "tests/support/blend_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "tests/support/blend_structs.hpp"

namespace souschef::test {
namespace {

[[noreturn]] void wrong(const std::string& what) {
  std::fprintf(stderr, "BlendWriter: %s\n", what.c_str());
  std::abort();
}

// The scalar types, with their sizes; first in the catalogue as in Blender's.
const std::vector<std::pair<std::string, std::size_t>> kScalars = {
    {"char", 1},  {"uchar", 1},  {"short", 2},   {"ushort", 2},   {"int", 4},  {"long", 4},   {"ulong", 4},
    {"float", 4}, {"double", 8}, {"int64_t", 8}, {"uint64_t", 8}, {"void", 0}, {"int8_t", 1}, {"uint8_t", 1}};

std::string_view trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(by);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

// --------------------------------------------------------------------------------------- catalogue

BlendWriter::BlendWriter(BlendStyle style) : style_(std::move(style)), next_address_(style_.first_address) {
  if (style_.format == 1) {
    style_.pointer_size = 8;
    style_.big_endian = false;
  }
  read_structs(kBlendStructs);
  read_structs(style_.structs);
  for (const std::string& name : order_) lay_out(name);
}

void BlendWriter::read_structs(std::string_view text) {
  while (!(text = trimmed(text)).empty()) {
    const std::size_t open = text.find('{');
    const std::size_t close = text.find('}');
    if (!text.starts_with("struct ") || open == std::string_view::npos || close == std::string_view::npos)
      wrong("cannot read the struct at: " + std::string(text.substr(0, 60)));
    const std::string name(trimmed(text.substr(7, open - 7)));
    Struct made;
    for (std::string_view line : split(text.substr(open + 1, close - open - 1), ';')) {
      if (line.empty()) continue;
      const std::size_t space = line.find(' ');
      if (space == std::string_view::npos) wrong("a member without a type in " + name);
      const std::string type(line.substr(0, space));
      for (std::string_view decorated : split(line.substr(space + 1), ',')) {
        Member member;
        member.type = type;
        member.name = decorated;
        member.pointer = decorated.starts_with('*') || decorated.starts_with("(*");
        const std::size_t begin = decorated.find_first_not_of("*(");
        const std::size_t end = decorated.find_first_of(")[", begin);
        member.bare = decorated.substr(begin, end == std::string_view::npos ? end : end - begin);
        if (!decorated.starts_with("(*"))
          for (std::size_t at = decorated.find('['); at != std::string_view::npos;
               at = decorated.find('[', at + 1))
            member.count *= std::strtoul(std::string(decorated.substr(at + 1)).c_str(), nullptr, 10);
        made.members.push_back(std::move(member));
      }
    }
    if (structs_.find(name) == structs_.end()) order_.push_back(name);
    structs_[name] = std::move(made);
    const std::size_t semicolon = text.find(';', close);
    text.remove_prefix(semicolon == std::string_view::npos ? text.size() : semicolon + 1);
  }
}

std::size_t BlendWriter::type_size(const std::string& type) const {
  for (const auto& [name, size] : kScalars)
    if (name == type) return size;
  const auto found = structs_.find(type);
  return found == structs_.end() ? 0 : found->second.size;
}

void BlendWriter::lay_out(const std::string& name, int depth) {
  if (depth > 20) wrong("structs that contain each other: " + name);
  Struct& made = structs_[name];
  if (made.laid_out) return;
  std::size_t offset = 0;
  for (Member& member : made.members) {
    if (!member.pointer && structs_.find(member.type) != structs_.end()) lay_out(member.type, depth + 1);
    member.offset = offset;
    member.size = member.pointer ? static_cast<std::size_t>(style_.pointer_size) : type_size(member.type);
    if (member.size == 0) wrong("type without a size in " + name + ": " + member.type);
    offset += member.size * member.count;
  }
  made.size = offset;
  made.laid_out = true;
}

std::size_t BlendWriter::size_of(std::string_view struct_name) const {
  const auto found = structs_.find(std::string(struct_name));
  if (found == structs_.end()) wrong("no struct " + std::string(struct_name));
  return found->second.size;
}

int BlendWriter::struct_index(std::string_view struct_name) const {
  const auto found = std::find(order_.begin(), order_.end(), struct_name);
  if (found == order_.end()) wrong("no struct " + std::string(struct_name));
  return static_cast<int>(found - order_.begin());
}

BlendWriter::Place BlendWriter::find(const std::string& struct_name, std::string_view path) const {
  Place place;
  std::string type = struct_name;
  for (std::string_view part : split(path, '.')) {
    std::size_t index = 0;
    if (const std::size_t open = part.find('['); open != std::string_view::npos) {
      index = std::strtoul(std::string(part.substr(open + 1)).c_str(), nullptr, 10);
      part = part.substr(0, open);
    }
    const auto found = structs_.find(type);
    if (found == structs_.end()) wrong(type + " is no struct, in " + struct_name + "." + std::string(path));
    place.member = nullptr;
    for (const Member& member : found->second.members)
      if (member.bare == part) place.member = &member;
    if (place.member == nullptr || index >= place.member->count)
      wrong("no member " + struct_name + "." + std::string(path));
    place.offset += place.member->offset + index * place.member->size;
    place.index = index;
    type = place.member->type;
  }
  return place;
}

std::size_t BlendWriter::offset_of(std::string_view struct_name, std::string_view path) const {
  return find(std::string(struct_name), path).offset;
}

std::string BlendWriter::dna() const {
  std::vector<std::string> names;
  std::vector<std::string> types;
  std::map<std::string, std::size_t> name_index;
  std::map<std::string, std::size_t> type_index;
  const auto index_in = [](auto& list, auto& indices, const std::string& text) {
    const auto [at, added] = indices.try_emplace(text, list.size());
    if (added) list.push_back(text);
    return at->second;
  };
  for (const auto& [name, size] : kScalars) index_in(types, type_index, name);
  for (const std::string& name : order_) index_in(types, type_index, name);
  for (const std::string& name : order_)
    for (const Member& member : structs_.at(name).members) {
      index_in(names, name_index, member.name);
      index_in(types, type_index, member.type);
    }

  std::string out = "SDNA";
  const auto number = [&](std::uint64_t value, std::size_t size) {
    out.append(size, '\0');
    put_integer(out, out.size() - size, size, value);
  };
  const auto align = [&] { out.append((4 - out.size() % 4) % 4, '\0'); };
  out += "NAME";
  number(names.size(), 4);
  for (const std::string& name : names) out += name + '\0';
  align();
  out += "TYPE";
  number(types.size(), 4);
  for (const std::string& type : types) out += type + '\0';
  align();
  out += "TLEN";
  for (const std::string& type : types) number(type_size(type), 2);
  align();
  out += "STRC";
  number(order_.size(), 4);
  for (const std::string& name : order_) {
    number(type_index[name], 2);
    number(structs_.at(name).members.size(), 2);
    for (const Member& member : structs_.at(name).members) {
      number(type_index[member.type], 2);
      number(name_index[member.name], 2);
    }
  }
  return out;
}

// ------------------------------------------------------------------------------------------ blocks

void BlendWriter::put_integer(std::string& bytes, std::size_t offset, std::size_t size,
                              std::uint64_t value) const {
  if (offset + size > bytes.size()) wrong("a value beyond the end of its block");
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t at = style_.big_endian ? offset + size - 1 - i : offset + i;
    bytes[at] = static_cast<char>(value >> (8 * i));
  }
}

std::size_t BlendWriter::add(Block block) {
  block.address = next_address_;
  next_address_ += (block.bytes.size() + 31) / 16 * 16;
  if (block.code != "DATA") block.group = blocks_.size();
  // DATA goes behind the last block of its group.
  blocks_.push_back(std::move(block));
  return blocks_.size() - 1;
}

BlendNode BlendWriter::datablock(std::string_view code, std::string_view struct_name,
                                 std::string_view id_name) {
  BlendNode node = block(code, struct_name);
  node.set(struct_name == "ID" ? "name" : "id.name", id_name);
  return node;
}

BlendNode BlendWriter::placeholder(std::string_view id_name, const BlendNode& library) {
  BlendNode node = datablock("ID", "ID", id_name);
  node.point("lib", library);
  return node;
}

BlendNode BlendWriter::block(std::string_view code, std::string_view struct_name, std::string_view bytes) {
  Block made;
  made.code = code;
  made.struct_name = struct_name;
  made.bytes = bytes;
  if (!struct_name.empty()) {
    made.struct_index = struct_index(struct_name);
    made.bytes.resize(size_of(struct_name));
  }
  return BlendNode(this, add(std::move(made)));
}

std::string BlendWriter::head(std::string_view code, std::int64_t length, std::uint64_t address,
                              int struct_index, std::int64_t count) const {
  std::string out(code);
  out.resize(4, '\0');
  if (style_.big_endian && code.size() == 2) out = std::string(2, '\0') + std::string(code);
  const auto number = [&](std::uint64_t value, std::size_t size) {
    out.append(size, '\0');
    put_integer(out, out.size() - size, size, value);
  };
  if (style_.format == 1) {
    number(static_cast<std::uint64_t>(struct_index), 4);
    number(address, 8);
    number(static_cast<std::uint64_t>(length), 8);
    number(static_cast<std::uint64_t>(count), 8);
    return out;
  }
  number(static_cast<std::uint64_t>(length), 4);
  number(address, static_cast<std::size_t>(style_.pointer_size));
  number(static_cast<std::uint64_t>(struct_index), 4);
  number(static_cast<std::uint64_t>(count), 4);
  return out;
}

std::string BlendWriter::bytes() const {
  char version[16];
  std::snprintf(version, sizeof version, style_.format == 1 ? "%04d" : "%03d", style_.version);
  std::string out = "BLENDER";
  if (style_.format == 1) {
    out += "17-01v";
  } else {
    out += style_.pointer_size == 8 ? '-' : '_';
    out += style_.big_endian ? 'V' : 'v';
  }
  out += version;

  // Groups in the order they were begun, each with its DATA behind it.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < blocks_.size(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return blocks_[a].group < blocks_[b].group; });
  for (const std::size_t i : order) {
    const Block& block = blocks_[i];
    const auto length = block.has_length ? block.length : static_cast<std::int64_t>(block.bytes.size());
    out += head(block.code, length, block.address, block.struct_index, block.count) + block.bytes;
  }
  if (!style_.omit_dna) {
    std::string catalogue = dna();
    if (style_.tamper_dna) style_.tamper_dna(catalogue);
    out += head("DNA1", static_cast<std::int64_t>(catalogue.size()), 0x7777, 0, 1) + catalogue;
  }
  if (style_.end == BlendStyle::End::marker) out += head("ENDB", 0, 0, 0, 0);
  if (style_.end == BlendStyle::End::short_marker) out += std::string("ENDB\0\0\0\0", 8);
  return out + style_.trailing;
}

// ------------------------------------------------------------------------------------------- nodes

BlendNode& BlendNode::set(std::string_view path, std::int64_t value) {
  BlendWriter::Block& block = writer_->blocks_[block_];
  const auto place = writer_->find(block.struct_name, path);
  writer_->put_integer(block.bytes, offset_ + place.offset, place.member->size,
                       static_cast<std::uint64_t>(value));
  return *this;
}

BlendNode& BlendNode::set(std::string_view path, double value) {
  BlendWriter::Block& block = writer_->blocks_[block_];
  const auto place = writer_->find(block.struct_name, path);
  const std::uint64_t bits = place.member->size == 4 ? std::bit_cast<std::uint32_t>(static_cast<float>(value))
                                                     : std::bit_cast<std::uint64_t>(value);
  writer_->put_integer(block.bytes, offset_ + place.offset, place.member->size, bits);
  return *this;
}

BlendNode& BlendNode::set(std::string_view path, std::string_view text) {
  BlendWriter::Block& block = writer_->blocks_[block_];
  const auto place = writer_->find(block.struct_name, path);
  const std::size_t room = place.member->count - place.index;
  std::string value(text.substr(0, room));
  value.resize(room, '\0');
  block.bytes.replace(offset_ + place.offset, room, value);
  return *this;
}

BlendNode& BlendNode::point(std::string_view path, const BlendNode& target) {
  return point(path, target.address());
}

BlendNode& BlendNode::point(std::string_view path, std::uint64_t address) {
  return set(path, static_cast<std::int64_t>(address));
}

BlendNode BlendNode::data(std::string_view struct_name, std::size_t count) {
  BlendWriter::Block made;
  made.code = "DATA";
  made.struct_name = struct_name;
  made.struct_index = writer_->struct_index(struct_name);
  made.count = static_cast<std::int64_t>(count);
  made.bytes.resize(writer_->size_of(struct_name) * count);
  made.group = writer_->blocks_[block_].group;
  return BlendNode(writer_, writer_->add(std::move(made)));
}

BlendNode BlendNode::raw(std::string_view bytes) {
  BlendWriter::Block made;
  made.code = "DATA";
  made.bytes = bytes;
  made.group = writer_->blocks_[block_].group;
  return BlendNode(writer_, writer_->add(std::move(made)));
}

BlendNode BlendNode::text(std::string_view text) {
  return raw(std::string(text) + '\0');
}

BlendNode BlendNode::pointers(const std::vector<BlendNode>& targets) {
  const auto size = static_cast<std::size_t>(writer_->style_.pointer_size);
  std::string bytes(targets.size() * size, '\0');
  for (std::size_t i = 0; i < targets.size(); ++i)
    writer_->put_integer(bytes, i * size, size, targets[i].address());
  return raw(bytes);
}

BlendNode& BlendNode::list(std::string_view path, const std::vector<BlendNode>& items) {
  const std::string base(path);
  if (items.empty()) return *this;
  point(base + ".first", items.front()).point(base + ".last", items.back());
  for (std::size_t i = 0; i + 1 < items.size(); ++i) {
    BlendNode item = items[i];
    BlendNode follower = items[i + 1];
    // `next` and `prev` lead every list item, whatever they are called.
    const auto size = static_cast<std::size_t>(writer_->style_.pointer_size);
    writer_->put_integer(writer_->blocks_[item.block_].bytes, item.offset_, size, follower.address());
    writer_->put_integer(writer_->blocks_[follower.block_].bytes, follower.offset_ + size, size,
                         item.address());
  }
  return *this;
}

BlendNode BlendNode::element(std::size_t index) const {
  return BlendNode(writer_, block_, index * writer_->size_of(writer_->blocks_[block_].struct_name));
}

std::uint64_t BlendNode::address() const {
  return writer_->blocks_[block_].address + offset_;
}
BlendNode& BlendNode::set_address(std::uint64_t address) {
  writer_->blocks_[block_].address = address;
  return *this;
}
BlendNode& BlendNode::set_struct_index(int index) {
  writer_->blocks_[block_].struct_index = index;
  return *this;
}
BlendNode& BlendNode::set_count(std::int64_t count) {
  writer_->blocks_[block_].count = count;
  return *this;
}
BlendNode& BlendNode::set_length(std::int64_t length) {
  writer_->blocks_[block_].length = length;
  writer_->blocks_[block_].has_length = true;
  return *this;
}
BlendNode& BlendNode::set_bytes(std::string bytes) {
  writer_->blocks_[block_].bytes = std::move(bytes);
  return *this;
}

}  // namespace souschef::test
