// SPDX-License-Identifier: MIT
#include "plugins/blend/address_code.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace souschef::blend {
namespace {

struct Blocks {
  std::vector<Address> addresses;
  std::vector<std::uint64_t> lengths;
  void add(std::uint64_t length, Address address) {
    lengths.push_back(length);
    addresses.push_back(address);
  }
};

std::vector<std::byte> coded(const Blocks& blocks) {
  AddressPredictor predictor(8);
  std::vector<std::byte> page;
  write_address_page(predictor, blocks.addresses, blocks.lengths, page);
  return page;
}

std::vector<Address> decoded(std::span<const std::byte> page, const Blocks& blocks) {
  AddressPredictor predictor(8);
  std::vector<Address> out(address_page_count(page).value_or(0));
  if (out.size() != blocks.lengths.size() || !read_address_page(predictor, page, blocks.lengths, out))
    return {};
  return out;
}

// Two slabs of one class, then another class in between, as jemalloc hands them out.
TEST(AddressCode, RegularSlabsCostNextToNothing) {
  Blocks blocks;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    blocks.add(120, 0x7F0000001008 + i * 128);
    blocks.add(40, 0x7F0000401008 + i * 48);
  }
  const auto page = coded(blocks);
  EXPECT_LT(page.size(), 40U);
  EXPECT_EQ(decoded(page, blocks), blocks.addresses);
}

// A jump must not be taken for the new distance: it would surprise twice.
TEST(AddressCode, AJumpSurprisesOnce) {
  Blocks regular;
  Blocks jumping;
  for (std::uint64_t i = 0; i < 200; ++i) {
    regular.add(120, 0x10008 + i * 128);
    jumping.add(120, 0x10008 + i * 128 + (i < 100 ? 0 : 0x500000));
  }
  EXPECT_LE(coded(jumping).size(), coded(regular).size() + 6);
  EXPECT_EQ(decoded(coded(jumping), jumping), jumping.addresses);
}

// Blender 5: numbers in steps of 16 from a start that nothing foretells.
TEST(AddressCode, NumbersOfBlender5CostNextToNothing) {
  Blocks blocks;
  std::mt19937_64 random(3);
  for (int i = 0; i < 1000; ++i)
    blocks.add(8 * (random() % 500), 0x5A5A5A5A5A5A0000 + 16 * static_cast<Address>(i));
  const auto page = coded(blocks);
  EXPECT_LT(page.size(), 30U);
  EXPECT_EQ(decoded(page, blocks), blocks.addresses);
}

TEST(AddressCode, AnyAddressesComeBack) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 200; ++round) {
    Blocks blocks;
    const std::size_t count = 1 + random() % 300;
    for (std::size_t i = 0; i < count; ++i) {
      const Address any[] = {0,           random(),        random() & 0xFFFFFFFF,
                             ~Address{0}, 0x1000 + 16 * i, Address{1} << 63};
      blocks.add(random() >> (random() % 64), any[random() % 6]);
      blocks.lengths.back() &= ~std::uint64_t{0} >> 1;
    }
    ASSERT_EQ(decoded(coded(blocks), blocks), blocks.addresses);
  }
}

TEST(AddressCode, EveryCutPageIsDamaged) {
  Blocks blocks;
  std::mt19937_64 random(5);
  for (int i = 0; i < 20; ++i) blocks.add(64, random());
  const auto page = coded(blocks);
  for (std::size_t size = 0; size < page.size(); ++size)
    EXPECT_TRUE(decoded(std::span(page).first(size), blocks).empty()) << size;
}

}  // namespace
}  // namespace souschef::blend
