// SPDX-License-Identifier: MIT
// Streams come from disk: whatever they hold, the worst is an error.
#include "plugins/blend/decoder.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/plugins/blend/filter_files.hpp"
#include "tests/plugins/blend/filtered.hpp"

namespace souschef::blend {
namespace {

std::string page(std::uint8_t kind, const std::string& content) {
  std::vector<std::byte> head{static_cast<std::byte>(kind)};
  put_number(head, content.size());
  return std::string(reinterpret_cast<const char*>(head.data()), head.size()) + content;
}

// Header and fields of an empty file.
std::string beginning() {
  return page(0xF0, std::string("\x08\x00\x01", 3)) + page(0xF1, std::string(1, '\0'));
}

TEST(Decoder, EveryCutStreamIsDamaged) {
  const Filtered file(file_of({.objects = 2}));
  const std::string stream = file.stream();
  const std::size_t size = file.content().size();
  for (std::size_t cut = 0; cut < stream.size(); cut += cut < 4000 ? 1 : 211)
    ASSERT_NE(decode(std::string_view(stream).substr(0, cut), size).failure, "") << cut;
}

TEST(Decoder, FlippedBytesNeverGiveTheContentUnnoticedOrCrash) {
  const Filtered file(file_of({.objects = 2}));
  const std::string stream = file.stream();
  const std::string content = file.content();
  std::mt19937_64 random(7);
  for (int round = 0; round < 1000; ++round) {
    std::string damaged = stream;
    const std::size_t at = random() % (round % 2 == 0 ? 6000 : stream.size());
    damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1 + random() % 255));
    const Decoded decoded = decode(damaged, content.size());
    ASSERT_LE(decoded.content.size(), content.size());
    ASSERT_TRUE(!decoded.failure.empty() || decoded.content.size() == content.size());
  }
}

TEST(Decoder, AnotherContentSizeIsDamage) {
  const Filtered file(file_of({.objects = 2}));
  const std::size_t size = file.content().size();
  EXPECT_NE(decode(file.stream(), size - 1).failure, "");
  EXPECT_NE(decode(file.stream(), size + 1).failure, "");
  EXPECT_NE(decode(file.stream(), 0).failure, "");
}

TEST(Decoder, NothingIsDamage) {
  EXPECT_NE(decode("", 0).failure, "");
}

TEST(Decoder, PagesOutOfOrderAreDamage) {
  const std::string group = std::string("\0CODE\1\4\0", 8);  // one block without data
  const std::string structure = page(0xF2, group);
  const std::string addresses = page(0xF3, std::string("\0\1\1\1", 4));
  const std::string fields = page(0xF1, std::string(1, '\0'));
  EXPECT_EQ(decode(beginning() + structure + addresses, 24).failure, "");
  EXPECT_NE(decode(fields + beginning() + structure + addresses, 24).failure, "");
  EXPECT_NE(decode(beginning() + fields + structure + addresses, 24).failure, "");
  EXPECT_NE(decode(beginning() + addresses + structure, 24).failure, "");
  EXPECT_NE(decode(beginning() + structure, 24).failure, "");
  EXPECT_NE(decode(beginning() + structure + addresses + structure, 24).failure, "");
  EXPECT_NE(decode(beginning() + structure + addresses + page(0xF9, ""), 24).failure, "");
}

TEST(Decoder, PromisesBeyondTheContentAreRefusedBeforeMemoryIsTaken) {
  // One head, repeated 2^40 times.
  std::vector<std::byte> group;
  put_number(group, 0);
  for (const char c : {'D', 'A', 'T', 'A'}) group.push_back(static_cast<std::byte>(c));
  put_number(group, 1ULL << 40);
  for (const int token : {2 + 2, 0, 0}) put_number(group, static_cast<std::uint64_t>(token));
  put_number(group, (1ULL << 40) - 2);
  const std::string text(reinterpret_cast<const char*>(group.data()), group.size());
  EXPECT_NE(decode(beginning() + page(0xF2, text), 1ULL << 50).failure, "");
  EXPECT_NE(decode(std::string("\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11), 100).failure, "");
}

TEST(Decoder, PointersOutOfTheirGroupAreDamage) {
  // Two groups of one block each; an array of pointers that leads from the first into the second.
  const std::string groups(
      "\1aCODE\1\5\10"
      "\1bCODE\1\5\10",
      18);
  const std::string structure = page(0xF2, groups);
  const std::string addresses = page(0xF3, std::string("\0\2\1\2", 4));
  const auto word = [](char value) { return page(0, value + std::string(7, '\0')); };
  const std::string start = beginning() + structure + addresses;
  EXPECT_EQ(decode(start + word(1) + word(1), 64).failure, "");
  EXPECT_NE(decode(start + word(3) + word(1), 64).failure, "");
  EXPECT_NE(decode(start + word(2) + word(1), 64).failure, "");
  EXPECT_NE(decode(start + page(0, std::string(7, '\1') + '\x80') + word(1), 64).failure, "");
}

}  // namespace
}  // namespace souschef::blend
