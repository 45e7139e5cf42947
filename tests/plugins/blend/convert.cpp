// SPDX-License-Identifier: MIT
#include "tests/plugins/blend/convert.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

#include "plugins/blend/group_index.hpp"
#include "tests/plugins/blend/opened.hpp"

namespace souschef::blend {
namespace {

void append_head(std::string& out, const BlockHead& head, HeadLayout layout, ByteOrder order) {
  std::string text(size_of(layout), '\0');
  write_block_head(reinterpret_cast<std::byte*>(text.data()), head, layout, order);
  out += text;
}

void swap_at(std::string& data, std::size_t offset, std::size_t size, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    std::reverse(data.begin() + static_cast<std::ptrdiff_t>(offset + i * size),
                 data.begin() + static_cast<std::ptrdiff_t>(offset + (i + 1) * size));
}

// Swaps the numbers of the catalogue itself: the same walk as the reader's, over counts and tables.
std::string swapped_catalogue(std::string dna) {
  const auto u32 = [&](std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, dna.data() + at, 4);
    return value;
  };
  const auto align = [](std::size_t at) { return (at + 3) / 4 * 4; };
  std::size_t at = 8;
  std::uint32_t types = 0;
  for (int table = 0; table < 2; ++table) {  // NAME, TYPE
    const std::uint32_t count = u32(at);
    types = count;
    swap_at(dna, at, 4, 1);
    at += 4;
    for (std::uint32_t i = 0; i < count; ++i) at = dna.find('\0', at) + 1;
    at = align(at) + 4;
  }
  swap_at(dna, at, 2, types);
  at = align(at + 2 * types) + 4;
  const std::uint32_t structs = u32(at);
  swap_at(dna, at, 4, 1);
  at += 4;
  for (std::uint32_t i = 0; i < structs; ++i) {
    std::uint16_t members = 0;
    std::memcpy(&members, dna.data() + at + 2, 2);
    swap_at(dna, at, 2, 2 + 2 * std::size_t{members});
    at += 4 + 4 * std::size_t{members};
  }
  return dna;
}

std::string swapped_structs(const Sdna& dna, std::uint32_t index, std::string data) {
  const std::size_t size = dna.struct_at(index).size;
  const auto leaves = dna.leaves(index);
  for (std::size_t at = 0; size != 0 && at + size <= data.size(); at += size)
    for (const Sdna::Leaf& leaf : leaves) {
      const std::size_t one = leaf.member->size / leaf.member->count;
      if (one > 1) swap_at(data, at + leaf.offset, one, leaf.member->count);
    }
  return data;
}

// Blocks that a pointer to pointers leads to.
std::set<std::uint32_t> pointer_arrays(const BlendFile& file) {
  std::set<std::uint32_t> all;
  GroupIndex index(file.blocks());
  for (std::uint32_t group = 0; group < file.blocks().groups().size(); ++group) {
    index.enter(group);
    for (std::uint32_t block = file.blocks().groups()[group].first; block < file.blocks().group_end(group);
         ++block) {
      const std::uint32_t type = file.blocks().struct_index(block);
      if (type == 0 || type >= file.dna().struct_count()) continue;
      const auto data = file.data(block);
      const std::size_t size = file.dna().struct_at(type).size;
      for (std::size_t at = 0; size != 0 && at + size <= data.size(); at += size)
        for (const Sdna::Leaf& leaf : file.dna().leaves(type))
          if (leaf.member->stars > 1 && leaf.member->count == 1) {
            const std::uint32_t target =
                index.find(load_address(data.data() + at + leaf.offset, 8, ByteOrder::little));
            if (target != kNoBlock) all.insert(target);
          }
    }
  }
  return all;
}

std::string version_digits(const BlendFile& file, const char* format) {
  char text[16];
  std::snprintf(text, sizeof text, format, file.header().version);
  return text;
}

}  // namespace

std::string with_large_heads(const std::string& blend) {
  const Opened file(blend);
  std::string out = "BLENDER17-01v" + version_digits(*file, "%04u");
  for (std::uint32_t block = 0; block < file->blocks().size(); ++block) {
    append_head(out, file->blocks().head(file->content(), block), HeadLayout::large8, ByteOrder::little);
    out += text_of(file->data(block));
  }
  append_head(out, {.code = kEnd}, HeadLayout::large8, ByteOrder::little);
  return out;
}

std::string big_endian(const std::string& blend) {
  const Opened file(blend);
  const std::set<std::uint32_t> arrays = pointer_arrays(*file);
  std::string out = "BLENDER-V" + version_digits(*file, "%03u");
  for (std::uint32_t block = 0; block < file->blocks().size(); ++block) {
    const BlockHead head = file->blocks().head(file->content(), block);
    append_head(out, head, HeadLayout::small8, ByteOrder::big);
    std::string data = text_of(file->data(block));
    const std::uint32_t type = file->blocks().struct_index(block);
    if (head.code == kDna)
      data = swapped_catalogue(data);
    else if (arrays.contains(block))
      swap_at(data, 0, 8, data.size() / 8);
    else if (type != 0 && type < file->dna().struct_count())
      data = swapped_structs(file->dna(), type, data);
    out += data;
  }
  append_head(out, {.code = kEnd}, HeadLayout::small8, ByteOrder::big);
  return out;
}

}  // namespace souschef::blend
