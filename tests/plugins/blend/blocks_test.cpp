// SPDX-License-Identifier: MIT
#include "plugins/blend/blocks.hpp"

#include "plugins/blend/datablocks.hpp"
#include "plugins/blend/group_index.hpp"
#include "tests/plugins/blend/opened.hpp"

namespace souschef::blend {
namespace {

std::vector<BlendStyle> all_styles() {
  std::vector<BlendStyle> styles;
  for (const int pointer_size : {4, 8})
    for (const bool big : {false, true}) styles.push_back({.pointer_size = pointer_size, .big_endian = big});
  styles.push_back({.version = 500, .format = 1});
  return styles;
}

// Two datablocks, the second with DATA of its own, and a global block.
std::string sample(BlendStyle style) {
  BlendWriter writer(std::move(style));
  writer.block("GLOB", "FileGlobal");
  writer.datablock("OB", "Object", "OBCube");
  BlendNode image = writer.datablock("IM", "Image", "IMwood");
  image.data("PackedFile");
  image.raw("0123456789ab");
  return writer.bytes();
}

TEST(Blocks, EveryLayoutIsWalked) {
  for (const BlendStyle& style : all_styles()) {
    const Opened file(sample(style));
    ASSERT_EQ(file.failure(), "");
    const Blocks& blocks = file->blocks();
    ASSERT_EQ(blocks.size(), 6U);  // with DNA1, without ENDB
    ASSERT_EQ(blocks.groups().size(), 4U);
    EXPECT_EQ(blocks.groups()[1].code, code_of("OB"));
    EXPECT_EQ(blocks.groups()[2].code, code_of("IM"));
    EXPECT_EQ(blocks.groups()[2].first, 2U);
    EXPECT_EQ(blocks.group_end(2), 5U);
    EXPECT_EQ(text_of(file->data(4)), "0123456789ab");
    EXPECT_EQ(blocks.length(4), 12U);
    EXPECT_EQ(blocks.struct_index(4), 0U);
    EXPECT_EQ(blocks.end(), Blocks::End::marker);
    EXPECT_EQ(file->dna().struct_at(blocks.struct_index(3)).name, "PackedFile");
  }
}

TEST(Blocks, HeadIsWhatWasWritten) {
  for (const BlendStyle& style : all_styles()) {
    BlendWriter writer(style);
    BlendNode node = writer.datablock("OB", "Object", "OBCube").set_count(5);
    const Opened file(writer.bytes());
    EXPECT_EQ(file->blocks().head(file->content(), 0),
              (BlockHead{.code = code_of("OB"),
                         .struct_index = writer.struct_index("Object"),
                         .length = static_cast<std::int64_t>(writer.size_of("Object")),
                         .address = node.address(),
                         .count = 5}));
  }
}

TEST(Blocks, GroupOfABlock) {
  const Opened file(sample({}));
  EXPECT_EQ(file->blocks().group_of(0), 0U);
  EXPECT_EQ(file->blocks().group_of(2), 2U);
  EXPECT_EQ(file->blocks().group_of(4), 2U);
  EXPECT_EQ(file->blocks().group_of(5), 3U);
}

TEST(Blocks, EndsThatBlenderTakes) {
  struct Case {
    BlendStyle style;
    Blocks::End end;
  };
  for (const Case& c :
       {Case{{.end = BlendStyle::End::marker, .trailing = std::string(1000, 'x')}, Blocks::End::marker},
        Case{{.version = 240, .end = BlendStyle::End::short_marker}, Blocks::End::marker},
        Case{{.end = BlendStyle::End::none}, Blocks::End::end_of_file},
        Case{{.end = BlendStyle::End::none, .trailing = "abc"}, Blocks::End::cut_short}}) {
    const Opened file(sample(c.style));
    ASSERT_EQ(file.failure(), "");
    EXPECT_EQ(file->blocks().end(), c.end);
    EXPECT_EQ(file->blocks().size(), 6U);
  }
}

TEST(Blocks, FileThatEndsWithinItsMarkerIsCutShort) {
  for (const BlendStyle& style : all_styles()) {
    const std::string whole = sample(style);
    const std::size_t marker = Opened(whole)->blocks().head_size();
    for (std::size_t missing = 1; missing < marker; ++missing) {
      const Opened file(whole.substr(0, whole.size() - missing));
      ASSERT_EQ(file.failure(), "") << missing;
      EXPECT_EQ(file->blocks().end(), Blocks::End::cut_short) << missing;
      EXPECT_EQ(file->blocks().size(), 6U) << missing;
    }
  }
}

TEST(Blocks, EndOffsetIsWhereTheTailBegins) {
  const Opened file(sample({.trailing = "tail"}));
  EXPECT_EQ(file->blocks().end_offset() + 24 + 4, file->content().size());
}

TEST(Blocks, MissingCatalogueSaysWhere) {
  const std::string bytes = sample({});
  EXPECT_NE(Opened(bytes.substr(0, bytes.size() * 6 / 10)).failure().find("cut short after"),
            std::string::npos);
  EXPECT_NE(Opened(sample({.omit_dna = true})).failure().find("DNA1"), std::string::npos);
  EXPECT_NE(Opened(std::string("BLENDER-v279ENDB") + std::string(20, '\0')).failure().find("DNA1"),
            std::string::npos);
}

TEST(Blocks, NegativeLengthEndsTheWalk) {
  BlendWriter writer;
  writer.datablock("OB", "Object", "OBCube").set_length(-5);
  EXPECT_NE(Opened(writer.bytes()).failure().find("a block is damaged after 0 blocks"), std::string::npos);
}

TEST(Blocks, LengthBeyondTheEndEndsTheWalk) {
  for (const std::int64_t length : {std::int64_t{1} << 30, std::int64_t{0x7fffffff}}) {
    BlendWriter writer;
    writer.datablock("OB", "Object", "OBCube").set_length(length);
    EXPECT_NE(Opened(writer.bytes()).failure().find("cut short"), std::string::npos);
  }
  BlendWriter large({.version = 500, .format = 1});
  large.datablock("OB", "Object", "OBCube").set_length(INT64_MAX);
  EXPECT_NE(Opened(large.bytes()).failure().find("cut short"), std::string::npos);
}

TEST(Blocks, StructIndexOutsideTheCatalogueIsNone) {
  for (const int index : {-1, 70000, 0xFFFF}) {
    BlendWriter writer;
    writer.datablock("OB", "Object", "OBCube").set_struct_index(index);
    const Opened file(writer.bytes());
    ASSERT_EQ(file.failure(), "");
    EXPECT_EQ(file->blocks().struct_index(0), Sdna::kNoStruct);
    EXPECT_EQ(file->datablocks().size(), 0U);
  }
}

// The catalogue stands last: without it nothing can be read, without the end marker everything.
TEST(Blocks, EveryTruncationIsReadOrRefused) {
  const std::string bytes = sample({});
  for (std::size_t size = 0; size < bytes.size(); size += 7)
    EXPECT_EQ(Opened(bytes.substr(0, size)).failure().empty(), size >= bytes.size() - 24) << size;
}

TEST(Datablocks, AreFoundByTheirStruct) {
  BlendWriter writer({.structs = "struct Novelty { ID id; int x; }; struct NotAnId { int x; ID id; };"});
  writer.datablock("ZZ", "Novelty", "ZZfuture");
  writer.block("YY", "NotAnId");
  writer.block("GLOB", "FileGlobal");
  BlendNode library = writer.datablock("LI", "Library", "LIlib.blend");
  writer.placeholder("OBlinked", library);
  const Opened file(writer.bytes());
  const Datablocks& all = file->datablocks();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all.name(0), "ZZfuture");
  EXPECT_EQ(all.name(2), "OBlinked");
  EXPECT_TRUE(all.is_placeholder(2));
  EXPECT_EQ(all.at(all.library(2)), 1U);
  EXPECT_EQ(all.at(library.address()), 1U);
  EXPECT_EQ(all.at(0), kNoDatablock);
  EXPECT_EQ(all.at(0x123), kNoDatablock);
  EXPECT_EQ(all.of_group(1), kNoDatablock);
  EXPECT_EQ(all.of_group(3), 1U);
}

TEST(Datablocks, NameWithoutEndIsCut) {
  BlendWriter writer;
  writer.datablock("OB", "Object", "OB" + std::string(100, 'x'));
  EXPECT_EQ(Opened(writer.bytes())->datablocks().name(0).size(), 66U);
}

TEST(Datablocks, FirstOfOneAddressCounts) {
  BlendWriter writer;
  writer.datablock("OB", "Object", "OBfirst").set_address(0x500);
  writer.datablock("OB", "Object", "OBsecond").set_address(0x500);
  const Opened file(writer.bytes());
  EXPECT_EQ(file->datablocks().name(file->datablocks().at(0x500)), "OBfirst");
  EXPECT_EQ(file->datablocks().repeated_addresses(), 1U);
}

TEST(Datablocks, AddressThatIsAlsoDataIsKnown) {
  BlendWriter writer;
  BlendNode object = writer.datablock("OB", "Object", "OBa");
  object.data("PointCache").set_address(0x500);
  writer.datablock("IM", "Image", "IMb").set_address(0x500);
  writer.datablock("IM", "Image", "IMc").set_address(0x600);
  const Opened file(writer.bytes());
  EXPECT_TRUE(file->datablocks().is_also_data(1));
  EXPECT_FALSE(file->datablocks().is_also_data(2));
}

// Addresses of DATA are reused from group to group; each group sees its own.
TEST(GroupIndex, FindsTheGroupsOwnBlock) {
  BlendWriter writer;
  BlendNode a = writer.datablock("OB", "Object", "OBa");
  a.data("PointCache").set_address(0x500);
  a.data("PointCache").set_address(0x600);
  BlendNode b = writer.datablock("OB", "Object", "OBb");
  b.data("PointCache").set_address(0x500);
  b.data("PointCache").set_address(0x500);
  const Opened file(writer.bytes());
  GroupIndex index(file->blocks());
  EXPECT_EQ(index.find(0x500), kNoBlock);
  index.enter(0);
  EXPECT_EQ(index.find(0x500), 1U);
  EXPECT_EQ(index.find(0x600), 2U);
  EXPECT_EQ(index.find(0x700), kNoBlock);
  EXPECT_EQ(index.find(0), kNoBlock);
  EXPECT_EQ(index.repeated_addresses(), 0U);
  index.enter(1);
  EXPECT_EQ(index.find(0x500), 4U);
  EXPECT_EQ(index.find(0x600), kNoBlock);
  EXPECT_EQ(index.repeated_addresses(), 1U);
}

}  // namespace
}  // namespace souschef::blend
