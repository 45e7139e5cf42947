// SPDX-License-Identifier: MIT
#include "plugins/blend/file_header.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace souschef::blend {
namespace {

Result<FileHeader> read(std::string_view text) {
  return read_file_header(std::as_bytes(std::span(text)));
}

TEST(FileHeader, Format0WithBothPointerSizesAndByteOrders) {
  EXPECT_EQ(*read("BLENDER-v304"), (FileHeader{.version = 304}));
  EXPECT_EQ(*read("BLENDER_v249"),
            (FileHeader{.version = 249, .pointer_size = 4, .heads = HeadLayout::head4}));
  EXPECT_EQ(*read("BLENDER-V266"), (FileHeader{.version = 266, .order = ByteOrder::big}));
}

TEST(FileHeader, Format1ImpliesLargeHeads) {
  EXPECT_EQ(*read("BLENDER17-01v0500REND"),
            (FileHeader{.size = 17, .format = 1, .version = 500, .heads = HeadLayout::large8}));
}

TEST(FileHeader, VersionDoesNotDecideTheLayout) {
  const auto header = read("BLENDER-v501");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->format, 0U);
  EXPECT_EQ(header->heads, HeadLayout::small8);
}

TEST(FileHeader, UnknownFormatIsUnsupportedAndNamed) {
  for (const char* text : {"BLENDER17-02v0600", "BLENDER19-01v060000"}) {
    const auto header = read(text);
    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, ErrorCode::unsupported) << text;
  }
}

TEST(FileHeader, DamageIsBadInput) {
  for (const char* text :
       {"BLENDER", "BLENDER-v3", "BLENDER-x304", "BLENDER-v3a4", "BLENDERxxxxxx", "BLENDER17-01v05",
        "BLENDER17_01v0500", "BLENDER17-01V0500", "BLENDER17-01v05o0", "PNG"}) {
    const auto header = read(text);
    ASSERT_FALSE(header) << text;
    EXPECT_EQ(header.error().code, ErrorCode::bad_input) << text;
  }
}

TEST(BlockHead, EveryLayoutRoundTrips) {
  const BlockHead head{
      .code = code_of("SC"), .struct_index = 7, .length = 1234, .address = 0x12345678, .count = 3};
  for (const HeadLayout layout : {HeadLayout::head4, HeadLayout::small8, HeadLayout::large8})
    for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
      std::byte bytes[32];
      write_block_head(bytes, head, layout, order);
      EXPECT_EQ(read_block_head(bytes, layout, order), head);
    }
}

TEST(BlockHead, LargeLayoutHasItsOwnOrderOfMembers) {
  const std::string_view text("OB\0\0\x05\0\0\0\x10\0\0\0\0\0\0\0\x20\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0", 32);
  EXPECT_EQ(
      read_block_head(std::as_bytes(std::span(text)).data(), HeadLayout::large8, ByteOrder::little),
      (BlockHead{
          .code = code_of("OB"), .struct_index = 5, .length = 0x100000020, .address = 0x10, .count = 2}));
}

TEST(BlockHead, BigEndianTwoLetterCodeHasItsZerosInFront) {
  std::byte bytes[24];
  write_block_head(bytes, {.code = code_of("SC")}, HeadLayout::small8, ByteOrder::big);
  EXPECT_EQ(std::string_view(reinterpret_cast<char*>(bytes), 4), std::string_view("\0\0SC", 4));
  write_block_head(bytes, {.code = kData}, HeadLayout::small8, ByteOrder::big);
  EXPECT_EQ(std::string_view(reinterpret_cast<char*>(bytes), 4), "DATA");
}

TEST(BlockHead, CodeShowsLetters) {
  EXPECT_EQ(text_of(kData), "DATA");
  EXPECT_EQ(text_of(code_of("SC")), "SC");
  EXPECT_EQ(text_of(code_of("\x01\xffzz")), "??zz");
}

}  // namespace
}  // namespace souschef::blend
