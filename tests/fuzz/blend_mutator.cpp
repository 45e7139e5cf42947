// SPDX-License-Identifier: MIT
// Why not leave it to libFuzzer: a .blend is found by addresses. A byte changed at random makes a pointer
// lead nowhere, and the trace becomes shorter; to build lists in circles, trees that hold themselves or
// arrays of the wrong struct, a pointer must be set to the address of *another block of the file*.
#include "tests/fuzz/blend_mutator.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <vector>

#include "plugins/blend/file_header.hpp"

namespace souschef::fuzz {
namespace {

using blend::BlockHead;
using blend::FileHeader;

struct Block {
  BlockHead head;
  std::string data;
};

class Mutation {
 public:
  Mutation(const FileHeader& header, std::uint32_t seed) : header_(header), random_(seed) {}

  std::string apply(std::string bytes) {
    if (random_() % 8 == 0 || !read(bytes)) return bytes;
    for (std::size_t times = 1 + random_() % 4; times != 0; --times) change();
    return written(bytes);
  }

 private:
  bool read(std::string_view bytes) {
    const std::size_t head_size = size_of(header_.heads);
    std::size_t at = header_.size;
    while (bytes.size() - at >= head_size) {
      Block block;
      block.head = blend::read_block_head(reinterpret_cast<const std::byte*>(bytes.data()) + at,
                                          header_.heads, header_.order);
      at += head_size;
      if (block.head.length < 0 || static_cast<std::uint64_t>(block.head.length) > bytes.size() - at) break;
      const auto length = static_cast<std::size_t>(block.head.length);
      block.data = bytes.substr(at, length);
      at += length;
      blocks_.push_back(std::move(block));
    }
    rest_ = bytes.substr(at);
    return !blocks_.empty();
  }

  [[nodiscard]] std::string written(std::string_view original) const {
    std::string out(original.substr(0, header_.size));
    for (const Block& block : blocks_) {
      std::array<std::byte, 32> head{};
      write_block_head(head.data(), block.head, header_.heads, header_.order);
      out.append(reinterpret_cast<const char*>(head.data()), size_of(header_.heads));
      out += block.data;
    }
    return out + rest_;
  }

  Block& any() { return blocks_[random_() % blocks_.size()]; }
  std::size_t place() { return random_() % (blocks_.size() + 1); }

  void change() {
    switch (random_() % 10) {
      case 0:
        blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(place()), Block(any()));
        break;
      case 1:
        if (blocks_.size() > 1)
          blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(random_() % blocks_.size()));
        break;
      case 2:
        std::swap(any(), any());
        break;
      case 3:
        change_head(any());
        break;
      case 4:
      case 5:
      case 6:
        point(any(), any().head.address);
        break;
      case 7:
        resize(any());
        break;
      default:
        set_number(any());
    }
  }

  void change_head(Block& block) {
    static constexpr std::int64_t kCounts[] = {0, -1, 2, 1 << 16, INT32_MAX, INT64_MAX};
    switch (random_() % 5) {
      case 0:
        block.head.address = any().head.address;
        break;
      case 1:
        block.head.struct_index = any().head.struct_index;
        break;
      case 2:
        block.head.struct_index = static_cast<std::int32_t>(random_());
        break;
      case 3:
        block.head.count = kCounts[random_() % std::size(kCounts)];
        break;
      default:
        block.head.code = any().head.code;
    }
  }

  void point(Block& block, blend::Address to) {
    const std::size_t size = header_.pointer_size;
    if (block.data.size() < size) return;
    auto* at =
        reinterpret_cast<std::byte*>(block.data.data()) + random_() % (block.data.size() / size) * size;
    if (size == 8)
      blend::store(at, to, header_.order);
    else
      blend::store(at, static_cast<std::uint32_t>(to), header_.order);
  }

  void resize(Block& block) {
    block.data.resize(random_() % 2 == 0 ? random_() % (block.data.size() + 1)
                                         : std::min<std::size_t>(block.data.size() * 2, 1U << 16));
    block.head.length = static_cast<std::int64_t>(block.data.size());
  }

  void set_number(Block& block) {
    static constexpr std::uint32_t kNumbers[] = {0, 1, 2, 3, 5, 6, 9, 0xFF, 0x7FFF, 0x7FFFFFFF, 0xFFFFFFFF};
    const std::size_t size = std::size_t{1} << random_() % 3;
    if (block.data.size() < size) return;
    auto* at =
        reinterpret_cast<std::byte*>(block.data.data()) + random_() % (block.data.size() / size) * size;
    const std::uint32_t number =
        random_() % 4 == 0 ? 1U << random_() % 32 : kNumbers[random_() % std::size(kNumbers)];
    if (size == 1) *at = static_cast<std::byte>(number);
    if (size == 2) blend::store(at, static_cast<std::uint16_t>(number), header_.order);
    if (size == 4) blend::store(at, number, header_.order);
  }

  FileHeader header_;
  std::minstd_rand random_;
  std::vector<Block> blocks_;
  std::string rest_;  // behind the last whole block
};

}  // namespace

std::string mutated_blend(std::string bytes, std::uint32_t seed) {
  const auto header = blend::read_file_header(std::as_bytes(std::span(bytes)));
  if (!header) return bytes;
  return Mutation(*header, seed).apply(std::move(bytes));
}

}  // namespace souschef::fuzz
