// SPDX-License-Identifier: MIT
#include "store/store_format.hpp"

#include <gtest/gtest.h>

#include "store/generation.hpp"
#include "store/hasher.hpp"

namespace souschef::store {
namespace {

StoreFormat example() {
  StoreFormat format;
  format.uuid = "7b0c52f1-0000-4000-8000-000000000001";
  return format;
}

std::string with_check(std::string text) {
  return text + "check " + hash_of(text).hex().substr(0, 16) + "\n";
}

TEST(StoreFormat, GoldenText) {
  EXPECT_EQ(serialize(example()),
            with_check(
                "souschef-store 1\n"
                "uuid 7b0c52f1-0000-4000-8000-000000000001\n"
                "hash blake3-256\n"
                "chunker fastcdc-gear-blake3 minimum=524288 average=1048576 maximum=4194304 normalization=2\n"
                "needed-to-read -\n"
                "needed-to-write -\n"
                "needed-to-gc -\n"));
}

TEST(StoreFormat, ReadsWhatItWrites) {
  StoreFormat format = example();
  format.chunker.minimum = 4096;
  format.needed_to_gc = {"a", "b"};
  const StoreFormat read = *parse_format(serialize(format));
  EXPECT_EQ(read.uuid, format.uuid);
  EXPECT_EQ(read.chunker, format.chunker);
  EXPECT_EQ(read.needed_to_gc, format.needed_to_gc);
}

TEST(StoreFormat, EveryTruncationAndFlippedBitIsRefused) {
  const std::string text = serialize(example());
  for (std::size_t at = 0; at < text.size(); ++at) {
    EXPECT_FALSE(parse_format(text.substr(0, at))) << at;
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_FALSE(parse_format(damaged)) << at;
  }
}

TEST(StoreFormat, ANewerVersionIsUnsupportedWithBothNumbers) {
  const auto parsed = parse_format("souschef-store 7\nwhatever comes then\n");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::unsupported);
  EXPECT_NE(parsed.error().line().find('7'), std::string::npos);
}

TEST(StoreFormat, AnotherHashOrChunkerIsUnsupported) {
  for (const char* line : {"hash sha1\n", "chunker rabin minimum=1\n"}) {
    std::string text = serialize(example());
    text.resize(text.rfind("check "));
    const std::string key(line, std::string_view(line).find(' ') + 1);
    const std::size_t at = text.find("\n" + key) + 1;
    text.replace(at, text.find('\n', at) + 1 - at, line);
    EXPECT_EQ(parse_format(with_check(text)).error().code, ErrorCode::unsupported) << line;
  }
}

TEST(StoreFormat, ImpossibleChunkersAreRefused) {
  StoreFormat format = example();
  format.chunker.maximum = 1U << 30;
  EXPECT_EQ(parse_format(serialize(format)).error().code, ErrorCode::corrupt);
}

TEST(StoreFormat, WhatIsNeededToWriteKeepsWritersOutOnly) {
  StoreFormat format = example();
  format.needed_to_write = {"telepathy"};
  EXPECT_TRUE(check_abilities(format, Purpose::read));
  EXPECT_EQ(check_abilities(format, Purpose::write).error().code, ErrorCode::unsupported);
  EXPECT_EQ(check_abilities(format, Purpose::gc).error().code, ErrorCode::unsupported);
  EXPECT_NE(check_abilities(format, Purpose::gc).error().line().find("telepathy"), std::string::npos);
}

TEST(StoreFormat, WhatIsNeededToGcKeepsOnlyGcOut) {
  StoreFormat format = example();
  format.needed_to_gc = {"telepathy"};
  EXPECT_TRUE(check_abilities(format, Purpose::write));
  EXPECT_FALSE(check_abilities(format, Purpose::gc));
}

TEST(Generation, ReadsWhatItWrites) {
  const Generation generation{7, {PackId(hash_of("a")), PackId(hash_of("b"))}};
  EXPECT_EQ(*parse_generation(serialize(generation)), generation);
}

TEST(Generation, EveryTruncationAndFlippedBitIsRefused) {
  const std::string text = serialize(Generation{7, {PackId(hash_of("a"))}});
  for (std::size_t at = 0; at < text.size(); ++at) {
    EXPECT_FALSE(parse_generation(text.substr(0, at))) << at;
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_FALSE(parse_generation(damaged)) << at;
  }
}

}  // namespace
}  // namespace souschef::store
