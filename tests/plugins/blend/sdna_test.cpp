// SPDX-License-Identifier: MIT
#include "plugins/blend/sdna.hpp"

#include <cstring>

#include "tests/plugins/blend/opened.hpp"

namespace souschef::blend {
namespace {

const char* const kStructs = R"(
struct Inner { int number; char letters[4]; };
struct Everything {
  Everything *next, *prev; char text[64]; short pair[2]; Inner inner; Inner inners[3]; float matrix[4][4]; Inner **table;
  void *pointers[8]; void (*call)(); double real; int64_t wide; uchar small; char _pad[7]; };
)";

TEST(Sdna, MembersHaveOffsetsAndSizesOfTheFile) {
  for (const int pointer_size : {4, 8})
    for (const bool big : {false, true}) {
      const BlendWriter writer({.pointer_size = pointer_size, .big_endian = big, .structs = kStructs});
      const Opened file(writer.bytes());
      ASSERT_EQ(file.failure(), "");
      const Sdna& dna = file->dna();
      const std::uint32_t index = dna.find_struct("Everything");
      ASSERT_NE(index, Sdna::kNoStruct);
      EXPECT_EQ(dna.struct_at(index).size, writer.size_of("Everything"));
      EXPECT_TRUE(dna.struct_at(index).sound);
      for (const char* name : {"next", "text", "pair", "inner", "inners", "matrix", "table", "pointers",
                               "call", "real", "wide", "small"}) {
        const Sdna::Member* member = dna.find_member(index, MemberName(std::string_view(name)));
        ASSERT_NE(member, nullptr) << name;
        EXPECT_EQ(member->offset, writer.offset_of("Everything", name)) << name;
      }
    }
}

class SdnaOf : public testing::Test {
 protected:
  SdnaOf() : file_(BlendWriter({.structs = kStructs}).bytes()), dna_(file_->dna()) {}
  const Sdna::Member& member(std::string_view name) {
    return *dna_.find_member(dna_.find_struct("Everything"), MemberName(name));
  }
  Opened file_;
  const Sdna& dna_;
};

TEST_F(SdnaOf, DecorationsAreTakenApart) {
  EXPECT_EQ(member("next").stars, 1);
  EXPECT_EQ(member("table").stars, 2);
  EXPECT_EQ(member("pointers").count, 8U);
  EXPECT_EQ(member("pointers").size, 64U);
  EXPECT_EQ(member("matrix").count, 16U);
  EXPECT_TRUE(member("call").function);
  EXPECT_FALSE(member("next").function);
  EXPECT_EQ(member("inners").size, 24U);
}

TEST_F(SdnaOf, ScalarsAreKnown) {
  EXPECT_EQ(member("text").scalar, Scalar::character);
  EXPECT_EQ(member("pair").scalar, Scalar::i16);
  EXPECT_EQ(member("matrix").scalar, Scalar::f32);
  EXPECT_EQ(member("real").scalar, Scalar::f64);
  EXPECT_EQ(member("wide").scalar, Scalar::i64);
  EXPECT_EQ(member("small").scalar, Scalar::u8);
  EXPECT_EQ(member("inner").scalar, Scalar::none);
  EXPECT_EQ(member("next").scalar, Scalar::none);
}

TEST_F(SdnaOf, MissingNamesAreNotFound) {
  EXPECT_EQ(dna_.find_struct("NoSuchStruct"), Sdna::kNoStruct);
  EXPECT_EQ(dna_.find_member(dna_.find_struct("Everything"), "none"), nullptr);
  EXPECT_EQ(dna_.find_member(Sdna::kNoStruct, "next"), nullptr);
}

TEST_F(SdnaOf, LeavesReachIntoEmbeddedStructs) {
  const auto leaves = dna_.leaves(dna_.find_struct("Everything"));
  std::size_t numbers = 0;
  std::uint32_t at = 0;
  for (const Sdna::Leaf& leaf : leaves) {
    EXPECT_EQ(leaf.offset, at);
    at += leaf.member->size;
    if (leaf.member->name == "number") ++numbers;
  }
  EXPECT_EQ(at, dna_.struct_at(dna_.find_struct("Everything")).size);
  EXPECT_EQ(numbers, 4U);
}

std::string failure_with(const std::function<void(std::string&)>& tamper) {
  return Opened(BlendWriter({.tamper_dna = tamper}).bytes()).failure();
}

TEST(Sdna, EveryTruncationIsBadInput) {
  std::size_t size = 0;
  ASSERT_EQ(failure_with([&](std::string& dna) { size = dna.size(); }), "");
  for (std::size_t cut = 0; cut < size; cut += 97)
    EXPECT_NE(failure_with([&](std::string& dna) { dna.resize(cut); }), "") << cut;
  EXPECT_NE(failure_with([&](std::string& dna) { dna.resize(size - 1); }), "");
}

TEST(Sdna, FlippedBytesNeverCrash) {
  std::size_t size = 0;
  failure_with([&](std::string& dna) { size = dna.size(); });
  for (std::size_t at = 0; at < size; at += 53)
    for (const char value : {'\0', '\xff', '\x7f'}) failure_with([&](std::string& dna) { dna[at] = value; });
}

TEST(Sdna, StructThatDoesNotAddUpIsSetAside) {
  std::string found;
  const Opened file(BlendWriter({.structs = kStructs,
                                 .tamper_dna =
                                     [](std::string& dna) {
                                       // "number" becomes an array: Inner no longer adds up, nothing else is
                                       // touched.
                                       const std::size_t at = dna.find("letters[4]");
                                       dna.replace(at, 10, "letters[9]");
                                     }})
                        .bytes());
  ASSERT_EQ(file.failure(), "");
  const Sdna& dna = file->dna();
  EXPECT_FALSE(dna.struct_at(dna.find_struct("Inner")).sound);
  EXPECT_TRUE(dna.members(dna.find_struct("Inner")).empty());
  EXPECT_TRUE(dna.struct_at(dna.find_struct("Everything")).sound);
}

TEST(Sdna, HugeArraysDoNotOverflow) {
  const Opened file(BlendWriter({.structs = kStructs,
                                 .tamper_dna =
                                     [](std::string& dna) {
                                       const std::size_t at = dna.find("matrix[4][4]");
                                       dna.replace(at, 12, "m[65535][99]");
                                     }})
                        .bytes());
  ASSERT_EQ(file.failure(), "");
  EXPECT_FALSE(file->dna().struct_at(file->dna().find_struct("Everything")).sound);
}

TEST(Sdna, PointerSizeMustAgreeWithTheHeader) {
  std::string bytes = BlendWriter().bytes();
  std::string dna32;
  BlendWriter small({.pointer_size = 4, .tamper_dna = [&](std::string& dna) { dna32 = dna; }});
  (void)small.bytes();
  EXPECT_NE(failure_with([&](std::string& dna) { dna = dna32; }).find("pointers"), std::string::npos);
}

// A contains B contains A: only possible where the sizes allow it, and then without end.
TEST(Sdna, StructsThatContainEachOtherEnd) {
  const Opened file(BlendWriter({.structs = "struct Aa { Bb b; }; struct Bb { int64_t x; };",
                                 .tamper_dna =
                                     [](std::string& dna) {
                                       // Bb's member "x" of type int64_t gets the type of Aa, of the same
                                       // size.
                                       Sdna parsed =
                                           *Sdna::parse(std::as_bytes(std::span(dna)), 8, ByteOrder::little);
                                       const auto aa = parsed.struct_at(parsed.find_struct("Aa")).type;
                                       const std::uint16_t bb =
                                           parsed.struct_at(parsed.find_struct("Bb")).type;
                                       const std::size_t at = dna.size() - 8;
                                       std::uint16_t found = 0;
                                       std::memcpy(&found, dna.data() + at, 2);
                                       ASSERT_EQ(found, bb);
                                       std::memcpy(dna.data() + at + 4, &aa, 2);
                                     }})
                        .bytes());
  ASSERT_EQ(file.failure(), "");
  EXPECT_TRUE(file->dna().leaves(file->dna().find_struct("Aa")).empty());
}

TEST(SdnaCache, FilesOfOneBlenderShareTheirCatalogue) {
  const Opened one(BlendWriter().bytes());
  BlendWriter writer;
  writer.datablock("OB", "Object", "OBother");
  const Opened two(writer.bytes());
  const Opened other(BlendWriter({.structs = kStructs}).bytes());
  EXPECT_EQ(&one->dna(), &two->dna());
  EXPECT_NE(&one->dna(), &other->dna());
  EXPECT_NE(other->dna().find_struct("Everything"), Sdna::kNoStruct);
}

TEST(SdnaCache, CatalogueOutlivesWhatCameAfterIt) {
  const Opened first(BlendWriter({.structs = "struct First { int x; };"}).bytes());
  for (int i = 0; i < 10; ++i) {
    const Opened later(BlendWriter({.structs = "struct Later" + std::to_string(i) + " { int x; };"}).bytes());
    EXPECT_EQ(later->dna().find_struct("First"), Sdna::kNoStruct);
  }
  EXPECT_EQ(first->dna().struct_at(first->dna().find_struct("First")).name, "First");
}

}  // namespace
}  // namespace souschef::blend
