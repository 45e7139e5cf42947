// SPDX-License-Identifier: MIT
#include "plugins/blend/rewrite.hpp"

#include "tests/plugins/blend/opened.hpp"
#include "tests/plugins/blend/traced.hpp"

namespace souschef::blend {
namespace {

using Changes = std::vector<std::pair<std::string, std::string>>;

std::vector<BlendStyle> all_styles() {
  return {{},
          {.version = 249, .pointer_size = 4},
          {.version = 249, .pointer_size = 4, .big_endian = true},
          {.version = 266, .big_endian = true},
          {.version = 500, .format = 1}};
}

// The file with the paths `from` changed `to`; a failure's text otherwise.
std::string rewritten(const Traced& trace, const Changes& changes) {
  std::vector<PathChange> list;
  for (const auto& [from, to] : changes) list.push_back({trace.number_of(from), to});
  StringSink out;
  const Status done = BlendTracer().rewrite(*trace.analysis, list, out);
  return done ? out.text : "failed: " + done.error().line();
}

// Every block of the old file is in the new one, with the same head but for its length, and with the same
// data unless its number is among `edited`.
void expect_other_blocks_alike(const std::string& before, const std::string& after, std::size_t edited) {
  const Opened a(before);
  const Opened b(after);
  ASSERT_EQ(a.failure(), "");
  ASSERT_EQ(b.failure(), "");
  EXPECT_EQ(a->header(), b->header());
  ASSERT_EQ(a->blocks().size(), b->blocks().size());
  std::size_t different = 0;
  for (std::uint32_t i = 0; i < a->blocks().size(); ++i) {
    BlockHead old_head = a->blocks().head(a->content(), i);
    BlockHead new_head = b->blocks().head(b->content(), i);
    if (text_of(a->data(i)) != text_of(b->data(i))) ++different;
    old_head.length = new_head.length = 0;
    EXPECT_EQ(old_head, new_head);
  }
  EXPECT_EQ(different, edited);
  const auto tail = [](const Opened& file) {
    return text_of(file->content().bytes(file->blocks().end_offset(),
                                         file->content().size() - file->blocks().end_offset()));
  };
  EXPECT_EQ(tail(a), tail(b));
}

BlendNode image(BlendWriter& writer, const char* path) {
  return writer.datablock("IM", "Image", "IMx").set("source", 1).set("name", path);
}

TEST(Rewrite, NoChangeGivesTheSameBytes) {
  for (const BlendStyle& style : all_styles()) {
    BlendWriter writer(style);
    image(writer, "//a.png");
    const Traced trace(writer);
    EXPECT_EQ(rewritten(trace, {}), writer.bytes());
  }
}

TEST(Rewrite, ArrayIsFilledWithZeros) {
  for (const BlendStyle& style : all_styles()) {
    BlendWriter writer(style);
    image(writer, "/home/somebody/private/wood.png");
    image(writer, "//other.png");
    const Traced trace(writer);
    const std::string after = rewritten(trace, {{"/home/somebody/private/wood.png", "//w.png"}});
    EXPECT_EQ(Traced(after).paths(), (std::vector<std::string>{"//w.png", "//other.png"}));
    EXPECT_EQ(after.find("somebody"), std::string::npos);
    EXPECT_EQ(after.size(), writer.bytes().size());
    expect_other_blocks_alike(writer.bytes(), after, 1);
  }
}

TEST(Rewrite, StringGrowsAndShrinks) {
  for (const BlendStyle& style : all_styles())
    for (const std::string& path : {std::string("//t.py"), "//" + std::string(3000, 'x') + "/t.py"}) {
      BlendWriter writer(style);
      BlendNode text = writer.datablock("TX", "Text", "TXscript");
      text.point("name", text.text("/abs/script.py"));
      text.raw("untouched");
      image(writer, "//a.png");
      const Traced trace(writer);
      const std::string after = rewritten(trace, {{"/abs/script.py", path}});
      EXPECT_EQ(Traced(after).paths(), (std::vector<std::string>{path, "//a.png"}));
      expect_other_blocks_alike(writer.bytes(), after, 1);
    }
}

TEST(Rewrite, PropertyKnowsItsNewLength) {
  for (const BlendStyle& style : all_styles()) {
    BlendWriter writer(style);
    BlendNode object = writer.datablock("OB", "Object", "OBx");
    BlendNode property =
        object.data("IDProperty").set("type", 0).set("name", "addon").set("len", 8).set("totallen", 8);
    property.point("data.pointer", object.text("//a.csv"));
    object.point("id.properties", property);
    const Traced trace(writer);
    const std::string after = rewritten(trace, {{"//a.csv", "//somewhere/else/entirely.csv"}});
    const Opened file(after);
    ASSERT_EQ(file.failure(), "");
    EXPECT_EQ(Traced(after).paths(), std::vector<std::string>{"//somewhere/else/entirely.csv"});
    const Record record(file->dna(), file->blocks().struct_index(1), file->data(1), file->blocks().offset(1));
    EXPECT_EQ(record.integer("len"), 30);
    EXPECT_EQ(record.integer("totallen"), 30);
    expect_other_blocks_alike(writer.bytes(), after, 2);
  }
}

TEST(Rewrite, WrappedFileComesOutUnwrapped) {
  BlendWriter writer;
  image(writer, "/abs/a.png");
  const Traced trace(test::zstd_wrapped(writer.bytes(), {.frame_sizes = {1000}}));
  const std::string after = rewritten(trace, {{"/abs/a.png", "//a.png"}});
  EXPECT_EQ(Traced(after).paths(), std::vector<std::string>{"//a.png"});
  EXPECT_TRUE(after.starts_with("BLENDER"));
}

TEST(Rewrite, FileThatIsNotMapped) {
  BlendWriter writer;
  image(writer, "/abs/a.png");
  const Traced trace(writer.bytes(), MemoryFile::Access::read_only);
  EXPECT_EQ(Traced(rewritten(trace, {{"/abs/a.png", "//a.png"}})).paths(),
            std::vector<std::string>{"//a.png"});
}

TEST(Rewrite, PathThatDoesNotFitIsRefused) {
  BlendWriter writer;
  image(writer, "//a.png");
  const Traced trace(writer);
  const std::string longest = "//" + std::string(1021, 'x');
  EXPECT_EQ(Traced(rewritten(trace, {{"//a.png", longest}})).paths(), std::vector<std::string>{longest});
  EXPECT_NE(rewritten(trace, {{"//a.png", longest + "x"}}).find("does not fit"), std::string::npos);
}

TEST(Rewrite, MadeUpPathIsRefused) {
  BlendWriter writer;
  BlendNode object = writer.datablock("OB", "Object", "OBx");
  BlendNode cloth = object.data("ClothModifierData");
  object.list("modifiers", {cloth});
  cloth.list("ptcaches", {object.data("PointCache").set("flag", 0x40)});
  const Traced trace(writer);
  EXPECT_NE(rewritten(trace, {{"", "//x"}}).find("not stored"), std::string::npos);
}

TEST(Rewrite, UnknownReferenceIsRefused) {
  BlendWriter writer;
  const Traced trace(writer);
  StringSink out;
  const PathChange changes[] = {{99, "//x"}};
  const Status status = BlendTracer().rewrite(*trace.analysis, changes, out);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::bad_input);
}

// ------------------------------------------------------------------------------------------ strips

struct Strips {
  Strips() : scene(writer.datablock("SC", "Scene", "SCx").set("r.scemode", 1)) {
    BlendNode editing = scene.data("Editing");
    BlendNode strip = scene.data("Sequence");
    BlendNode data = scene.data("Strip").set("dir", "/abs/imgseq/");
    BlendNode elements = scene.data("StripElem", 3);
    for (int i = 0; i < 3; ++i) elements.element(static_cast<std::size_t>(i)).set("name", names[i]);
    data.point("stripdata", elements);
    strip.point("strip", data);
    editing.list("seqbase", {strip});
    scene.point("ed", editing);
  }
  static constexpr const char* names[] = {"a_1.png", "a_2.png", "a_3.png"};
  BlendWriter writer;
  BlendNode scene;
};

TEST(Rewrite, StripMovesWithItsFolder) {
  const Strips strips;
  const Traced trace(strips.writer);
  const std::string after = rewritten(trace, {{"/abs/imgseq/a_1.png", "//seq/a_1.png"},
                                              {"/abs/imgseq/a_2.png", "//seq/a_2.png"},
                                              {"/abs/imgseq/a_3.png", "//seq/renamed.png"}});
  EXPECT_EQ(Traced(after).paths(),
            (std::vector<std::string>{"//seq/a_1.png", "//seq/a_2.png", "//seq/renamed.png"}));
}

TEST(Rewrite, ElementsOfAStripStayTogether) {
  const Strips strips;
  const Traced trace(strips.writer);
  const std::string after = rewritten(
      trace, {{"/abs/imgseq/a_1.png", "//here/a_1.png"}, {"/abs/imgseq/a_2.png", "//there/a_2.png"}});
  EXPECT_NE(after.find("one folder"), std::string::npos);
}

// -------------------------------------------------------------------------------- packed libraries

std::string packed_in(const std::string& bytes, const char* path, BlendStyle style = {}) {
  BlendWriter writer(std::move(style));
  BlendNode library = writer.datablock("LI", "Library", "LIx").set("name", path);
  BlendNode packed = library.data("PackedFile").set("size", static_cast<int>(bytes.size()));
  packed.point("data", library.raw(bytes + std::string((4 - bytes.size() % 4) % 4, 'x')));
  library.point("packedfile", packed);
  image(writer, "//outer.png");
  return writer.bytes();
}

TEST(Rewrite, PathInAPackedLibraryOfAPackedLibrary) {
  BlendWriter inner;
  BlendNode text = inner.datablock("TX", "Text", "TXx");
  text.point("name", text.text("/abs/t.py"));
  for (const std::string& bytes :
       {inner.bytes(), test::zstd_wrapped(inner.bytes()), test::gzip_wrapped(inner.bytes())}) {
    const std::string file =
        packed_in(packed_in(bytes, "//inner.blend"), "//middle.blend", {.version = 500, .format = 1});
    const Traced trace(file);
    ASSERT_EQ(trace.failure, "");
    const std::string longer = "//" + std::string(500, 'y') + "/t.py";
    const std::string after = rewritten(trace, {{"/abs/t.py", longer}});
    const Traced again(after);
    ASSERT_EQ(again.failure, "");
    EXPECT_FALSE(again.warns("packed_library"));
    EXPECT_EQ(again.paths(), (std::vector<std::string>{"//outer.png", "//outer.png", longer}));
    expect_other_blocks_alike(file, after, 2);
  }
}

// ------------------------------------------------------------------------------ everything at once

TEST(Rewrite, EveryRewritableReferenceComesBackAsWritten) {
  for (const BlendStyle& style : all_styles()) {
    BlendWriter writer(style);
    image(writer, "/a/1.png");
    image(writer, "/a/2.png");
    BlendNode text = writer.datablock("TX", "Text", "TXx");
    text.point("name", text.text("/a/3.py"));
    writer.datablock("LI", "Library", "LIx").set("name", "/a/4.blend");
    writer.datablock("VF", "VFont", "VFx").set("name", "/a/5.ttf");
    BlendNode object = writer.datablock("OB", "Object", "OBx");
    BlendNode cloth = object.data("ClothModifierData");
    BlendNode ocean = object.data("OceanModifierData").set("cached", 1).set("cachepath", "/a/6");
    object.list("modifiers", {cloth, ocean});
    cloth.list("ptcaches", {object.data("PointCache").set("flag", 0x200).set("path", "/a/7")});
    const Traced trace(writer);
    Changes changes;
    std::vector<std::string> expected;
    for (const TracedReference& reference : trace.references) {
      ASSERT_TRUE(reference.rewritable);
      changes.emplace_back(reference.path, "//checkout/_outside" + reference.path);
      expected.push_back(changes.back().second);
    }
    ASSERT_EQ(expected.size(), 7U);
    EXPECT_EQ(Traced(rewritten(trace, changes)).paths(), expected);
  }
}

}  // namespace
}  // namespace souschef::blend
