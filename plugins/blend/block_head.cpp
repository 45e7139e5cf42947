// SPDX-License-Identifier: MIT
#include "plugins/blend/block_head.hpp"

#include <cstring>

namespace souschef::blend {
namespace {

Code read_code(const std::byte* at, ByteOrder order) {
  auto value = load<std::uint32_t>(at, ByteOrder::little);
  // 00 00 'S' 'C' of a big-endian file.
  if (order == ByteOrder::big && (value & 0xFFFFU) == 0) value >>= 16;
  return static_cast<Code>(value);
}

void write_code(std::byte* at, Code code, ByteOrder order) {
  auto value = static_cast<std::uint32_t>(code);
  if (order == ByteOrder::big && (value >> 16) == 0) value <<= 16;
  store(at, value, ByteOrder::little);
}

}  // namespace

std::string text_of(Code code) {
  std::string text;
  for (auto value = static_cast<std::uint32_t>(code); value != 0; value >>= 8) {
    const auto letter = static_cast<char>(value & 0xFFU);
    text += letter > 0x20 && letter < 0x7F ? letter : '?';
  }
  return text;
}

BlockHead read_block_head(const std::byte* at, HeadLayout layout, ByteOrder order) {
  BlockHead head;
  head.code = read_code(at, order);
  switch (layout) {
    case HeadLayout::head4:
      head.length = load<std::int32_t>(at + 4, order);
      head.address = load<std::uint32_t>(at + 8, order);
      head.struct_index = load<std::int32_t>(at + 12, order);
      head.count = load<std::int32_t>(at + 16, order);
      break;
    case HeadLayout::small8:
      head.length = load<std::int32_t>(at + 4, order);
      head.address = load<std::uint64_t>(at + 8, order);
      head.struct_index = load<std::int32_t>(at + 16, order);
      head.count = load<std::int32_t>(at + 20, order);
      break;
    case HeadLayout::large8:
      head.struct_index = load<std::int32_t>(at + 4, order);
      head.address = load<std::uint64_t>(at + 8, order);
      head.length = load<std::int64_t>(at + 16, order);
      head.count = load<std::int64_t>(at + 24, order);
      break;
  }
  return head;
}

void write_block_head(std::byte* at, const BlockHead& head, HeadLayout layout, ByteOrder order) {
  write_code(at, head.code, order);
  switch (layout) {
    case HeadLayout::head4:
      store(at + 4, static_cast<std::int32_t>(head.length), order);
      store(at + 8, static_cast<std::uint32_t>(head.address), order);
      store(at + 12, head.struct_index, order);
      store(at + 16, static_cast<std::int32_t>(head.count), order);
      break;
    case HeadLayout::small8:
      store(at + 4, static_cast<std::int32_t>(head.length), order);
      store(at + 8, head.address, order);
      store(at + 16, head.struct_index, order);
      store(at + 20, static_cast<std::int32_t>(head.count), order);
      break;
    case HeadLayout::large8:
      store(at + 4, head.struct_index, order);
      store(at + 8, head.address, order);
      store(at + 16, head.length, order);
      store(at + 24, head.count, order);
      break;
  }
}

}  // namespace souschef::blend
