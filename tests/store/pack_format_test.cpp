// SPDX-License-Identifier: MIT
#include "store/pack_format.hpp"

#include <gtest/gtest.h>

#include "store/frame.hpp"
#include "store/hasher.hpp"
#include "tests/support/random_bytes.hpp"

namespace souschef::store {
namespace {

using test::random_bytes;
using test::random_words;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string hex(std::span<const std::byte> data) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : data) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

ObjectRow row_of(ObjectKind kind, std::string_view content) {
  return {kind, hash_of(content), static_cast<std::uint32_t>(content.size()), 0};
}

struct BuiltPack {
  Bytes bytes;
  PackId id;
};

// A pack in memory with one frame for each list of contents.
BuiltPack build(const std::vector<std::vector<std::string>>& frames) {
  Bytes header;
  append_header(header, {"write-01ABC.1"});
  BuiltPack pack{header, {}};
  Bytes frame_headers;
  for (const auto& contents : frames) {
    std::string raw;
    std::vector<ObjectRow> rows;
    for (const std::string& content : contents) {
      raw += content;
      rows.push_back(row_of(ObjectKind::chunk, content));
    }
    const EncodedFrame frame = *encode_frame(bytes(raw), rows, 1);
    append_frame_header(frame_headers, frame.header);
    append_frame_header(pack.bytes, frame.header);
    pack.bytes.insert(pack.bytes.end(), frame.stored.begin(), frame.stored.end());
  }
  const std::uint64_t place = pack.bytes.size();
  pack.id =
      append_footer(pack.bytes, header, static_cast<std::uint32_t>(frames.size()), place, frame_headers);
  return pack;
}

Result<PackTable> parse(std::span<const std::byte> pack, const PackId& id) {
  SOUSCHEF_TRY(const PackTail tail, parse_tail(pack));
  if (tail.footer_size + kPackTailBytes > pack.size()) return Error(ErrorCode::corrupt, "cut off");
  return parse_footer(pack.subspan(pack.size() - kPackTailBytes - tail.footer_size, tail.footer_size), id);
}

// What docs/format/pack.md says, byte by byte. If this fails, the format has changed.
TEST(PackFormat, GoldenBytes) {
  const std::string header =
      "5343504b"
      "0100"
      "1d00"
      "77726974652d30314142432e31"
      "fb41d9ff62a14704";
  const std::string frame_header =
      "53434652"
      "00"
      "00"
      "0000"
      "01000000"
      "05000000"
      "05000000"
      "00000000"
      "ea8f163db38682925e4491c5e58d4bb3"
      "ea8f163db38682925e4491c5e58d4bb3506ef8c14eb78a86e908c5624a67200f"
      "05000001"
      "2d3de0247c542241";
  const std::string footer =
      "53434654"
      "01000000"
      "7600000000000000" +
      header + frame_header;
  const std::string tail =
      "81000000"
      "0fcc954b634d88e21b29c5d9884ee80d73dafc7f750d47af65d3fe01ab7c9222"
      "53435045";
  EXPECT_EQ(hex(build({{"hello"}}).bytes), header + frame_header + "68656c6c6f" + footer + tail);
}

TEST(PackFormat, FooterTellsWhatTheFramesHold) {
  const BuiltPack pack = build({{"one", "two"}, {random_words(50'000, 1)}});
  const PackTable table = *parse(pack.bytes, pack.id);
  EXPECT_EQ(table.header.lease, "write-01ABC.1");
  ASSERT_EQ(table.frames.size(), 2U);
  EXPECT_EQ(table.frames[0].header.rows[1].id, hash_of("two"));
  EXPECT_EQ(table.frames[1].header.raw_size, 50'000U);
  EXPECT_EQ(table.frames[1].offset, table.frames[0].offset + table.frames[0].size());
}

TEST(PackFormat, EveryTruncationIsRefused) {
  const BuiltPack pack = build({{"one", "two"}, {"three"}});
  for (std::size_t size = 0; size < pack.bytes.size(); ++size)
    EXPECT_FALSE(parse(std::span(pack.bytes).first(size), pack.id)) << size;
}

TEST(PackFormat, EveryFlippedBitOfFooterAndTailIsRefused) {
  const BuiltPack pack = build({{"one", "two"}});
  const std::size_t footer_size = parse_tail(pack.bytes)->footer_size;
  for (std::size_t at = pack.bytes.size() - kPackTailBytes - footer_size; at < pack.bytes.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes damaged = pack.bytes;
      damaged[at] ^= static_cast<std::byte>(1U << bit);
      const bool only_the_copy_of_its_name =
          at >= damaged.size() - 4 - Hash::kSize && at < damaged.size() - 4;
      // The name in the tail is compared with the pack's name by the reader of the file.
      if (only_the_copy_of_its_name)
        EXPECT_NE(parse_tail(damaged)->footer_hash, pack.id.hash);
      else
        EXPECT_FALSE(parse(damaged, pack.id)) << at;
    }
}

TEST(PackFormat, EveryFlippedBitOfAFrameHeaderIsRefused) {
  FrameHeader header = encode_frame(bytes("hello"), {row_of(ObjectKind::chunk, "hello")}, 1)->header;
  Bytes good;
  append_frame_header(good, header);
  ASSERT_TRUE(parse_frame_header(good));
  for (std::size_t at = 0; at < good.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes damaged = good;
      damaged[at] ^= static_cast<std::byte>(1U << bit);
      EXPECT_FALSE(parse_frame_header(damaged)) << at;
    }
}

TEST(PackFormat, AnotherVersionIsUnsupportedWithBothNumbers) {
  Bytes header;
  append_header(header, {"lease"});
  header[4] = std::byte{9};
  const auto parsed = parse_header(header);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ErrorCode::unsupported);
  EXPECT_NE(parsed.error().line().find('9'), std::string::npos);
  EXPECT_NE(parsed.error().line().find('1'), std::string::npos);
}

TEST(PackFormat, AnotherCodecIsUnsupported) {
  Bytes header;
  append_frame_header(header, encode_frame(bytes("hello"), {row_of(ObjectKind::chunk, "hello")}, 1)->header);
  header[4] = std::byte{7};
  EXPECT_EQ(parse_frame_header(header).error().code, ErrorCode::unsupported);
}

TEST(PackFormat, ClaimedSizesAreCheckedBeforeMemoryIsTaken) {
  Bytes header;
  append_frame_header(header, encode_frame(bytes("hello"), {row_of(ObjectKind::chunk, "hello")}, 1)->header);
  for (std::size_t i = 8; i < 12; ++i) header[i] = std::byte{0xFF};
  EXPECT_FALSE(parse_frame_header(header));
}

TEST(Frame, ObjectsComeBackWhateverTheCodec) {
  const std::vector<std::vector<std::string>> kinds = {
      {random_bytes(9000, 1), random_bytes(8000, 2)},                             // incompressible
      {random_words(20'000, 1), random_words(20'000, 1)},                         // alike
      {std::string(20'000, 'a'), random_bytes(500, 3) + std::string(9000, 'b')},  // unlike
      {"", "x", ""}};
  for (const auto& contents : kinds) {
    std::string raw;
    std::vector<ObjectRow> rows;
    for (const std::string& content : contents) {
      raw += content;
      rows.push_back(row_of(ObjectKind::chunk, content));
    }
    const EncodedFrame encoded = *encode_frame(bytes(raw), rows, 1);
    Bytes stored;
    append_frame_header(stored, encoded.header);
    stored.insert(stored.end(), encoded.stored.begin(), encoded.stored.end());
    const auto frame = *LoadedFrame::parse(stored);
    EXPECT_TRUE(frame->stored_bytes_match());
    Bytes scratch;
    for (std::size_t i = 0; i < contents.size(); ++i) {
      const auto object = *frame->object(i, scratch);
      EXPECT_EQ(hash_of(object), hash_of(contents[i]));
    }
  }
}

TEST(Frame, IncompressibleDataIsStoredAsItIs) {
  const std::string raw = random_bytes(100'000, 1);
  EXPECT_EQ(encode_frame(bytes(raw), {row_of(ObjectKind::chunk, raw)}, 1)->header.codec, Codec::none);
}

TEST(Frame, ObjectsThatRepeatEachOtherAreCompressedTogether) {
  const std::string one = random_bytes(10'000, 1);
  std::vector<ObjectRow> rows(20, row_of(ObjectKind::chunk, one));
  std::string raw;
  for (int i = 0; i < 20; ++i) raw += one;
  const EncodedFrame frame = *encode_frame(bytes(raw), rows, 1);
  EXPECT_EQ(frame.header.codec, Codec::zstd);
  EXPECT_LT(frame.stored.size(), 30'000U);
}

TEST(Frame, ASecondSizeThanTheIndexSaysIsCorrupt) {
  const EncodedFrame encoded = *encode_frame(bytes("hello"), {row_of(ObjectKind::chunk, "hello")}, 1);
  Bytes stored;
  append_frame_header(stored, encoded.header);
  EXPECT_EQ(LoadedFrame::parse(stored).error().code, ErrorCode::corrupt);
}

TEST(Frame, AnObjectThatIsNotThereIsCorrupt) {
  const EncodedFrame encoded = *encode_frame(bytes("hello"), {row_of(ObjectKind::chunk, "hello")}, 1);
  Bytes stored;
  append_frame_header(stored, encoded.header);
  stored.insert(stored.end(), encoded.stored.begin(), encoded.stored.end());
  Bytes scratch;
  EXPECT_EQ((*LoadedFrame::parse(stored))->object(1, scratch).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace souschef::store
