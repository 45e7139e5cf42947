// SPDX-License-Identifier: MIT
#include "plugins/blend/inspector.hpp"

#include <map>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/digest.hpp"
#include "plugins/blend/json.hpp"
#include "tests/plugins/blend/traced.hpp"

namespace souschef::blend {
namespace {

// The outline of a file, by kind and name.
class Outline final : public OutlineSink {
 public:
  explicit Outline(const std::string& bytes) : file_(bytes) {
    BlendAnalyser analyser{Host(nullptr)};
    auto opened = analyser.open(file_, std::filesystem::temp_directory_path());
    if (!opened || *opened == nullptr) {
      ADD_FAILURE() << "cannot be opened";
      return;
    }
    analysis_ = std::move(*opened);
    const Status done = BlendInspector().outline(*analysis_, *this);
    EXPECT_TRUE(done) << done.error().line();
  }
  explicit Outline(const BlendWriter& writer) : Outline(writer.bytes()) {}
  bool item(const OutlineItem& item) override {
    items[item.kind + " " + item.name] = item;
    return true;
  }
  [[nodiscard]] auto digest(const std::string& what) const { return items.at(what).digest; }
  std::string run(std::string_view command, std::string_view arguments = "[]") {
    StringSink out;
    const Status done = BlendInspector().run(command, arguments, *analysis_, out);
    return done ? out.text : "failed: " + done.error().line();
  }

  std::map<std::string, OutlineItem> items;

 private:
  MemoryFile file_;
  std::unique_ptr<Analysis> analysis_;
};

// The same scene as two sessions would save it: `shift` moves every address, `noise` fills what only the
// session knows.
BlendWriter& scene_file(BlendWriter& writer, std::uint64_t shift, int noise) {
  BlendNode material = writer.datablock("MA", "Material", "MAred").set_address(0x1000 + shift);
  BlendNode object = writer.datablock("OB", "Object", "OBCube").set_address(0x2000 + shift);
  object.set("id.us", noise).set("id.tag", noise).set("id.icon_id", noise).set("id.session_uuid", noise);
  object.point("id.next", 0x77000 + shift).point("id.newid", static_cast<std::uint64_t>(noise));
  BlendNode array = object.pointers({material}).set_address(0x3000 + shift);
  object.point("mat", array);
  BlendNode modifier = object.data("MeshCacheModifierData").set_address(0x4000 + shift);
  modifier.set("filepath", "//a.mdd").point("modifier.runtime", static_cast<std::uint64_t>(noise));
  object.list("modifiers", {modifier});
  BlendNode text =
      writer.datablock("TX", "Text", "TXnotes").set_address(0x5000 + shift).set("mtime", double(noise));
  BlendNode name =
      text.raw(std::string("//n.py\0", 7) + static_cast<char>(noise)).set_address(0x6000 + shift);
  text.point("name", name);
  return writer;
}

TEST(Outline, DigestDoesNotKnowAddressesAndSessionValues) {
  BlendWriter a, b;
  const Outline first(scene_file(a, 0, 1));
  const Outline second(scene_file(b, 0x100000, 7));
  ASSERT_EQ(first.items.size(), 3U);
  for (const auto& [name, item] : first.items) EXPECT_EQ(item.digest, second.digest(name)) << name;
}

TEST(Outline, DigestIsTheSameInEveryWrapper) {
  BlendWriter writer;
  const std::string bytes = scene_file(writer, 0, 1).bytes();
  EXPECT_EQ(Outline(bytes).digest("object Cube"), Outline(test::zstd_wrapped(bytes)).digest("object Cube"));
}

TEST(Outline, DigestKnowsEveryChange) {
  BlendWriter writer;
  BlendNode object = writer.datablock("OB", "Object", "OBCube");
  BlendNode red = writer.datablock("MA", "Material", "MAred");
  BlendNode blue = writer.datablock("MA", "Material", "MAblue");
  BlendNode array = object.pointers({red, blue});
  object.point("mat", array);
  BlendNode modifier = object.data("MeshCacheModifierData").set("filepath", "//a.mdd");
  object.list("modifiers", {modifier});
  std::vector<std::array<std::uint8_t, 16>> seen = {Outline(writer).digest("object Cube")};
  const auto differs = [&] {
    const auto digest = Outline(writer).digest("object Cube");
    EXPECT_EQ(std::count(seen.begin(), seen.end(), digest), 0);
    seen.push_back(digest);
  };
  object.set("type", 5);
  differs();
  modifier.set("filepath", "//b.mdd");
  differs();
  object.point("mat", object.pointers({blue, red}));
  differs();
  object.point("data", red);
  differs();
  object.raw("more data");
  differs();
}

// A text of the same letters whose rest is left over from an older value.
TEST(Outline, DigestEndsTextsAtTheirNul) {
  BlendWriter a, b;
  a.datablock("IM", "Image", "IMx").set("name", std::string_view("//a.png\0old", 11));
  b.datablock("IM", "Image", "IMx").set("name", "//a.png");
  EXPECT_EQ(Outline(a).digest("image x"), Outline(b).digest("image x"));
}

TEST(Outline, DetailsForPeople) {
  BlendWriter writer;
  writer.datablock("SC", "Scene", "SCShot")
      .set("r.sfra", 1)
      .set("r.efra", 250)
      .set("r.xsch", 1920)
      .set("r.ysch", 1080)
      .set("r.size", 50)
      .set("r.frs_sec", 24)
      .set("r.frs_sec_base", 1.0)
      .set("r.engine", "CYCLES")
      .set("r.pic", "//render/");
  BlendNode library = writer.datablock("LI", "Library", "LIlib").set("name", "//lib.blend");
  writer.placeholder("OBHero", library);
  writer.datablock("IM", "Image", "IMwood").set("name", "//caf\xe9.png");
  writer.datablock("WM", "wmWindowManager", "WMx");
  const Outline outline(writer);
  EXPECT_EQ(outline.items.at("scene Shot").detail,
            "frames 1-250, 1920x1080 at 50 %, 24 fps, CYCLES, to //render/");
  EXPECT_EQ(outline.items.at("object Hero").detail, "linked from //lib.blend");
  EXPECT_EQ(outline.items.at("image wood").detail, "//caf\\xe9.png");
  EXPECT_EQ(outline.items.at("library lib").detail, "//lib.blend");
  EXPECT_EQ(outline.items.size(), 4U);
}

TEST(Debug, CommandsAreListed) {
  const Json list = Json::parse(BlendInspector().commands());
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[0]["name"], "blend-header");
}

TEST(Debug, HeaderBlocksStructsAndPaths) {
  BlendWriter writer;
  BlendNode image = writer.datablock("IM", "Image", "IMwood").set("source", 1).set("name", "//wood.png");
  image.data("ImageTile");
  writer.datablock("OB", "Object", "OBCube");
  Outline file(test::zstd_wrapped(writer.bytes()));
  EXPECT_NE(file.run("blend-header").find("wrapper          zstd, 1 frames, with a seek table"),
            std::string::npos);
  EXPECT_NE(file.run("blend-header").find("version          304"), std::string::npos);
  const std::string all = file.run("blend-blocks");
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 4);
  const std::string images = file.run("blend-blocks", R"(["IM"])");
  EXPECT_EQ(std::count(images.begin(), images.end(), '\n'), 2);
  EXPECT_NE(images.find("IMwood"), std::string::npos);
  EXPECT_NE(images.find("ImageTile"), std::string::npos);
  EXPECT_NE(file.run("blend-struct").find("Image\n"), std::string::npos);
  EXPECT_NE(file.run("blend-struct", R"(["Image"])").find("char name[1024]"), std::string::npos);
  EXPECT_NE(file.run("blend-struct", R"(["Nothing"])").find("no struct Nothing"), std::string::npos);
  EXPECT_NE(
      file.run("blend-paths").find("needs   required  file         //wood.png  (IMwood: Image.filepath)"),
      std::string::npos);
  EXPECT_NE(file.run("blend-nonsense").find("no such command"), std::string::npos);
}

TEST(Digest, PiecesGiveTheSameAsTheWhole) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  Digest whole;
  whole.add(text);
  for (std::size_t step : {1U, 3U, 15U, 16U, 17U, 100U}) {
    Digest pieces;
    for (std::size_t at = 0; at < text.size(); at += step)
      pieces.add(std::string_view(text).substr(at, step));
    EXPECT_EQ(pieces.finish(), whole.finish()) << step;
  }
}

// The reference implementation's answer for seed 0.
TEST(Digest, IsMurmurHash3) {
  Digest digest;
  digest.add("The quick brown fox jumps over the lazy dog");
  std::string text;
  for (const std::uint8_t byte : digest.finish()) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", byte);
    text += two;
  }
  EXPECT_EQ(text, "6c1b07bc7bbc4be347939ac4a93c437a");
}

}  // namespace
}  // namespace souschef::blend
