// SPDX-License-Identifier: MIT
#include "store/frame.hpp"

#include <random>

#include <gtest/gtest.h>

#include "store/hasher.hpp"

namespace souschef::store {
namespace {

constexpr std::size_t kChunk = 16U << 10;
constexpr std::size_t kChunks = 64;

struct Objects {
  Bytes raw;
  std::vector<ObjectRow> rows;
};

// Chunks that repeat each other, or each with sixteen byte values of its own: those are better alone.
Objects objects(bool alike) {
  std::mt19937 random(7);
  Objects made;
  Bytes chunk(kChunk);
  for (std::size_t i = 0; i < kChunks; ++i) {
    if (!alike || i == 0)
      for (std::byte& byte : chunk) byte = static_cast<std::byte>((alike ? 0 : i % 16 * 16) + random() % 16);
    made.raw.insert(made.raw.end(), chunk.begin(), chunk.end());
    made.rows.push_back({ObjectKind::chunk, hash_of(chunk), static_cast<std::uint32_t>(kChunk), 0});
  }
  return made;
}

Codec codec_of(const Objects& objects, GroupingHint* hint) {
  const auto frame = encode_frame(objects.raw, objects.rows, 1, hint);
  EXPECT_TRUE(frame.has_value());
  return frame ? frame->header.codec : Codec::none;
}

TEST(Grouping, SampleSaysWhetherObjectsAreBetterTogether) {
  EXPECT_EQ(codec_of(objects(true), nullptr), Codec::zstd);
  EXPECT_EQ(codec_of(objects(false), nullptr), Codec::zstd_each);
}

TEST(Grouping, OneFrameOfAStreamInEightIsSampled) {
  const Objects alike = objects(true);
  const Objects different = objects(false);
  GroupingHint hint;
  EXPECT_EQ(codec_of(alike, &hint), Codec::zstd);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(codec_of(different, &hint), Codec::zstd) << "believes the first";
  EXPECT_EQ(codec_of(different, &hint), Codec::zstd_each) << "looks again";
}

}  // namespace
}  // namespace souschef::store
