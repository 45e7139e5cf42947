// SPDX-License-Identifier: MIT
#include "store/chunker.hpp"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "store/hasher.hpp"
#include "tests/support/random_bytes.hpp"

namespace souschef::store {
namespace {

using test::random_bytes;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::vector<std::size_t> cut(const Chunker& chunker, std::string_view text) {
  std::vector<std::size_t> lengths;
  while (!text.empty()) {
    lengths.push_back(chunker.first_cut(bytes(text)));
    text.remove_prefix(lengths.back());
  }
  return lengths;
}

constexpr ChunkerParameters kSmall{.minimum = 1024, .average = 4096, .maximum = 16384, .normalization = 2};

TEST(Chunker, LengthsStayWithinTheLimits) {
  const auto lengths = cut(Chunker(kSmall), random_bytes(1 << 20, 1));
  for (std::size_t i = 0; i + 1 < lengths.size(); ++i) {
    EXPECT_GE(lengths[i], kSmall.minimum);
    EXPECT_LE(lengths[i], kSmall.maximum);
  }
}

TEST(Chunker, LengthsGatherAroundTheAverage) {
  const auto lengths = cut(Chunker(kSmall), random_bytes(4 << 20, 1));
  const double average = double(4 << 20) / double(lengths.size());
  EXPECT_GT(average, 0.8 * kSmall.average);
  EXPECT_LT(average, 1.5 * kSmall.average);
}

TEST(Chunker, AnInsertionMovesFewCuts) {
  const std::string before = random_bytes(1 << 20, 1);
  const std::string after = before.substr(0, 300'000) + "inserted" + before.substr(300'000);
  const Chunker chunker(kSmall);
  std::set<Hash> known;
  std::size_t at = 0;
  for (const std::size_t length : cut(chunker, before)) {
    known.insert(hash_of(std::string_view(before).substr(at, length)));
    at += length;
  }
  std::size_t fresh = 0;
  at = 0;
  for (const std::size_t length : cut(chunker, after)) {
    fresh += known.contains(hash_of(std::string_view(after).substr(at, length))) ? 0 : 1;
    at += length;
  }
  EXPECT_LE(fresh, 3U);
}

TEST(Chunker, MoreBytesBehindACutDoNotMoveIt) {
  const std::string text = random_bytes(1 << 20, 2);
  const Chunker chunker(kSmall);
  const std::size_t first = chunker.first_cut(bytes(text));
  for (const std::size_t size : {first + 1, first + 100, std::size_t{16384}, std::size_t{50'000}})
    EXPECT_EQ(chunker.first_cut(bytes(text).first(size)), first);
}

TEST(Chunker, EqualBytesAreCutAtTheMaximum) {
  EXPECT_EQ(cut(Chunker(kSmall), std::string(40'000, '\0')), (std::vector<std::size_t>{16384, 16384, 7232}));
}

TEST(Chunker, ShortInputIsOneChunk) {
  EXPECT_EQ(Chunker(kSmall).first_cut(bytes("abc")), 3U);
}

// The cuts of one known input: if this fails, every store in the world is cut anew.
TEST(Chunker, GoldenCuts) {
  const auto lengths = cut(Chunker(ChunkerParameters{}), random_bytes(8 << 20, 42));
  EXPECT_EQ(lengths, (std::vector<std::size_t>{1536570, 1283069, 1596721, 1635327, 1056394, 1271505, 9022}));
}

TEST(ChunkerParameters, SenselessOnesAreNotValid) {
  EXPECT_TRUE(ChunkerParameters{}.valid());
  EXPECT_FALSE((ChunkerParameters{.minimum = 10}.valid()));
  EXPECT_FALSE((ChunkerParameters{.average = 1'000'000}.valid()));
  EXPECT_FALSE((ChunkerParameters{.maximum = 64U << 20}.valid()));
  EXPECT_FALSE((ChunkerParameters{.minimum = 2U << 20}.valid()));
  EXPECT_FALSE((ChunkerParameters{.normalization = 9}.valid()));
}

}  // namespace
}  // namespace souschef::store
