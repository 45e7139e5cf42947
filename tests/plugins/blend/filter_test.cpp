// SPDX-License-Identifier: MIT
// The filter on files of every era: what goes in comes out, and what was not edited does not change.
#include "plugins/blend/filter.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugins/blend/filter_files.hpp"
#include "tests/plugins/blend/filtered.hpp"
#include "tests/support/blend_wrap.hpp"

namespace souschef::blend {
namespace {

using test::BlendNode;
using test::BlendStyle;
using test::BlendWriter;
using test::MemoryFile;

std::vector<BlendStyle> eras() {
  std::vector<BlendStyle> all;
  for (const bool big : {false, true})
    for (const int width : {4, 8}) all.push_back({.version = 249, .pointer_size = width, .big_endian = big});
  all.push_back({.version = 500, .format = 1});
  all.push_back({.version = 500});
  return all;
}

TEST(Filter, FilesOfEveryEraComeBack) {
  for (const BlendStyle& style : eras()) {
    const Filtered file(file_of({.style = style}));
    EXPECT_TRUE(comes_back(file)) << style.format << style.pointer_size << style.big_endian;
  }
}

TEST(Filter, FilesThatCannotBeMappedComeBack) {
  const Filtered file(file_of({}), MemoryFile::Access::read_only);
  EXPECT_TRUE(comes_back(file));
}

TEST(Filter, CompressedFilesComeBackUnwrapped) {
  EXPECT_TRUE(comes_back(Filtered(test::zstd_wrapped(file_of({})))));
  EXPECT_TRUE(comes_back(Filtered(test::gzip_wrapped(file_of({})))));
}

TEST(Filter, PiecesMayHaveAnySize) {
  const Filtered file(file_of({.objects = 5}));
  for (const std::size_t step : {1U, 7U, 1000U}) EXPECT_TRUE(comes_back(file, step)) << step;
}

// The heart of the matter, for pointers of both sizes.
TEST(Filter, AnotherSessionChangesAddressesAndValuesOnly) {
  for (const BlendStyle& style : eras()) {
    const Filtered first(file_of({.style = style, .session = 1}));
    const Filtered second(file_of({.style = style, .session = 2}));
    for (const std::string& chunk : new_chunks(first, second))
      EXPECT_THAT(kind_of(chunk), ::testing::AnyOf(static_cast<std::uint8_t>(PageKind::addresses),
                                                   static_cast<std::uint8_t>(PageKind::values)));
  }
}

TEST(Filter, AnInsertedDatablockChangesWhatIsAroundIt) {
  const Filtered before(file_of({.objects = 300}));
  const Filtered after(file_of({.objects = 300, .new_object = 150}));
  std::size_t body = 0;
  for (const std::string& chunk : new_chunks(before, after))
    if (is_body(kind_of(chunk))) body += chunk.size();
  EXPECT_GT(body, 0U);
  EXPECT_LT(body, 20'000U);
}

TEST(Filter, AMovedVertexChangesOnePiece) {
  const Filtered before(file_of({}));
  const Filtered after(file_of({.moved_vertex = 2000}));
  const auto fresh = new_chunks(before, after);
  ASSERT_EQ(fresh.size(), 1U);
  EXPECT_LT(fresh[0].size(), 25'000U);
}

// A weight block for each vertex: the pointers to them must not all move when one is inserted before.
TEST(Filter, ABlockInsertedIntoAGroupDoesNotMoveItsOtherPointers) {
  const auto list = [](bool inserted) {
    BlendWriter file;
    BlendNode mesh = file.datablock("ME", "Mesh", "MEbody");
    if (inserted) mesh.text("one more block in front of all others");
    BlendNode weights = mesh.data("MDeformVert", 20'000);
    for (std::size_t i = 0; i < 20'000; ++i) {
      BlendNode weight = mesh.data("MDeformWeight");
      weight.set("weight", 0.001 * static_cast<double>(i * 7919 % 10'007));
      weights.element(i).point("dw", weight);
    }
    mesh.point("dvert", weights);
    return file.bytes();
  };
  const Filtered before(list(false));
  const Filtered after(list(true));
  EXPECT_TRUE(comes_back(after));
  std::size_t body = 0;
  for (const std::string& chunk : new_chunks(before, after))
    if (is_body(kind_of(chunk))) body += chunk.size();
  EXPECT_LT(body, 80'000U);
}

TEST(Filter, RepeatedNamesAndAddressesComeBack) {
  const auto repeat = [](BlendWriter& file) {
    for (int i = 0; i < 50; ++i) {
      BlendNode object = file.datablock("OB", "Object", "OBsame");
      object.set_address(0x5000);  // also the address of others
      BlendNode modifier = object.data("SubsurfModifierData");
      modifier.set_address(0x5000);
      object.point("modifiers.first", modifier).point("parent", 0x5000);
    }
  };
  EXPECT_TRUE(comes_back(Filtered(file_of({.objects = 3, .add = repeat}))));
}

// Blender 5: ID.name[258].
TEST(Filter, LongNamesComeBack) {
  BlendStyle style{.version = 500, .format = 1};
  style.structs = R"(struct ID {
    void *next, *prev; ID *newid; Library *lib; char name[258]; short flag; int tag, us, icon_id, recalc, session_uuid;
    IDProperty *properties; IDOverrideLibrary *override_library; ID *orig_id; void *py_instance;
    LibraryWeakReference *library_weak_reference; };)";
  const auto named = [](BlendWriter& file) {
    BlendNode first = file.datablock("OB", "Object", "OB" + std::string(256, 'x'));
    file.datablock("OB", "Object", "OB" + std::string(255, 'x') + 'y').point("parent", first);
  };
  EXPECT_TRUE(comes_back(Filtered(file_of({.style = style, .add = named}))));
}

TEST(Filter, HeadsThatLieComeBack) {
  const auto lies = [](BlendWriter& file) {
    BlendNode object = file.datablock("OB", "Object", "OBliar");
    object.data("MDeformVert", 10).set_count(3);
    object.data("MDeformVert", 10).set_count(-5);
    object.data("MDeformVert", 10).set_count(1'000'000'000);
    object.data("MDeformVert", 2).set_struct_index(30'000);
    object.data("MDeformVert", 2).set_struct_index(-1);
    object.data("MDeformVert", 2).set_bytes("odd length: 13");
    object.data("Object").set_bytes("");
    object.raw("");
    object.raw("abc");
  };
  for (const BlendStyle& style : eras())
    EXPECT_TRUE(comes_back(Filtered(file_of({.style = style, .objects = 2, .add = lies}))));
}

// Words of untyped blocks that look like what the filter writes.
TEST(Filter, RawWordsThatLookLikeNamesComeBack) {
  const auto words = [](BlendWriter& file) {
    BlendNode object = file.datablock("OB", "Object", "OBraw");
    std::string tricky;
    for (const std::uint64_t word : {0ULL, 1ULL, 2ULL, 0x8000000000000000ULL, 0x800000FFFFFFFFFFULL, ~0ULL})
      tricky.append(reinterpret_cast<const char*>(&word), sizeof word);
    object.raw(tricky);
    // An array of pointers with words among them that lead nowhere.
    BlendNode array = object.pointers({object, object, object});
    std::string mixed;
    for (const std::uint64_t word :
         {object.address(), std::uint64_t{1}, std::uint64_t{0}, object.address(), ~std::uint64_t{0}})
      mixed.append(reinterpret_cast<const char*>(&word), sizeof word);
    object.raw(mixed);
    (void)array;
  };
  EXPECT_TRUE(comes_back(Filtered(file_of({.objects = 1, .add = words}))));
}

TEST(Filter, WhateverFollowsTheLastBlockComesBack) {
  for (const auto end : {BlendStyle::End::marker, BlendStyle::End::short_marker, BlendStyle::End::none})
    for (const std::size_t size : {0U, 5U, 40'000U})
      EXPECT_TRUE(comes_back(
          Filtered(file_of({.style = {.end = end, .trailing = std::string(size, 'z')}, .objects = 1}))));
}

TEST(Filter, EveryCutFileComesBackOrIsDeclined) {
  const std::string whole = file_of({.objects = 2});
  for (std::size_t size = whole.size() - 20'000; size < whole.size(); size += 97) {
    const Filtered file(whole.substr(0, size));
    EXPECT_TRUE(!file.done() || comes_back(file)) << size;
  }
}

TEST(Filter, FilesWithoutCatalogueAreDeclined) {
  const Filtered file(file_of({.style = {.omit_dna = true}}));
  EXPECT_FALSE(file.done());
  EXPECT_EQ(file.failure(), "");
}

TEST(Filter, ASinkThatHasEnoughEndsIt) {
  test::MemoryFile file(file_of({.style = {.trailing = std::string(9U << 20, 'z')}}));
  auto analysis = BlendAnalyser(Host(nullptr)).open(file, std::filesystem::temp_directory_path());
  ChunkSink sink;
  sink.stop_after = 1;
  const auto encoded = BlendFilter().encode(**analysis, sink);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, ErrorCode::cancelled);
}

TEST(Filter, AVersionFromTheFutureIsUnsupported) {
  StringSink out;
  const auto decoder = BlendFilter().decode(kFilterVersion + 1, 100, out);
  ASSERT_FALSE(decoder);
  EXPECT_EQ(decoder.error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace souschef::blend
