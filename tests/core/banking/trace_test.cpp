// SPDX-License-Identifier: MIT
#include "core/banking/trace.hpp"

#include <gmock/gmock.h>

#include "tests/core/banking/production_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::UnorderedElementsAre;

class TraceTest : public ProductionFixture {
 protected:
  std::vector<std::string> traced(const std::string& name, TraceOptions options = {}) {
    auto result = trace_blend(*production_, root() / name, options);
    EXPECT_TRUE(result) << result.error().line();
    if (!result) return {};
    trace_ = std::move(*result);
    std::vector<std::string> files;
    for (const auto& [path, job_path] : files_to_bank(*production_, trace_)) files.push_back(job_path);
    return files;
  }
  DependencyState state_of(const std::string& written) {
    for (const Dependency& dependency : trace_.dependencies)
      if (trace_.reference(dependency).path == written) return dependency.state;
    ADD_FAILURE() << "not in the trace: " << written;
    return DependencyState::missing;
  }
  Trace trace_;
};

TEST_F(TraceTest, FollowsLibrariesRelativeToThemselves) {
  write("shots/a.blend", blend({"//../tex/own.png"}, {{"//../lib/set.blend", "OBSet"}}));
  write("lib/set.blend", blend({"//tex/wall.png"}, {{"//props/well.blend", "OBWell"}}, "OBSet"));
  write("lib/props/well.blend", blend({"//stone.png"}, {}, "OBWell"));
  for (const char* image : {"tex/own.png", "lib/tex/wall.png", "lib/props/stone.png"}) write(image, "x");
  EXPECT_THAT(traced("shots/a.blend"),
              UnorderedElementsAre("shots/a.blend", "tex/own.png", "lib/set.blend", "lib/tex/wall.png",
                                   "lib/props/well.blend", "lib/props/stone.png"));
}

TEST_F(TraceTest, OnlyWhatIsUsedOfALibraryCounts) {
  test::BlendWriter writer;
  test::BlendNode used = writer.datablock("IM", "Image", "IMused").set("name", "//used.png").set("source", 1);
  writer.datablock("IM", "Image", "IMother").set("name", "//other.png").set("source", 1);
  test::BlendNode object = writer.datablock("OB", "Object", "OBSet").set("type", 1);
  object.point("mat", object.pointers({used}));
  write("set.blend", writer.bytes());
  write("a.blend", blend({}, {{"//set.blend", "OBSet"}}));
  write("used.png", "x");
  write("other.png", "x");
  EXPECT_THAT(traced("a.blend"), UnorderedElementsAre("a.blend", "set.blend", "used.png"));
  EXPECT_THAT(traced("a.blend", {.include_unused = true}),
              UnorderedElementsAre("a.blend", "set.blend", "used.png", "other.png"));
}

TEST_F(TraceTest, SecondUserOfALibraryAddsWhatItUses) {
  test::BlendWriter writer;
  std::vector<test::BlendNode> images;
  for (const char* name : {"one", "two"}) {
    test::BlendNode image = writer.datablock("IM", "Image", "IM" + std::string(name))
                                .set("name", "//" + std::string(name) + ".png")
                                .set("source", 1);
    test::BlendNode object = writer.datablock("OB", "Object", "OB" + std::string(name)).set("type", 1);
    object.point("mat", object.pointers({image}));
  }
  write("lib.blend", writer.bytes());
  write("set.blend", blend({}, {{"//lib.blend", "OBtwo"}}, "OBSet"));
  write("a.blend", blend({}, {{"//lib.blend", "OBone"}, {"//set.blend", "OBSet"}}));
  write("one.png", "x");
  write("two.png", "x");
  EXPECT_THAT(traced("a.blend"),
              UnorderedElementsAre("a.blend", "lib.blend", "set.blend", "one.png", "two.png"));
}

TEST_F(TraceTest, LibrariesThatLinkEachOtherEnd) {
  write("a.blend", blend({}, {{"//b.blend", "OBB"}}, "OBA"));
  write("b.blend", blend({"//x.png"}, {{"//a.blend", "OBA"}}, "OBB"));
  write("x.png", "x");
  EXPECT_THAT(traced("a.blend"), UnorderedElementsAre("a.blend", "b.blend", "x.png"));
}

TEST_F(TraceTest, MissingLibraryAndBrokenLibraryAreTold) {
  write("a.blend", blend({}, {{"//gone.blend", "OBX"}, {"//broken.blend", "OBY"}}));
  write("broken.blend", "BLENDER-v304 and then nothing");
  traced("a.blend");
  EXPECT_EQ(state_of("//gone.blend"), DependencyState::missing);
  EXPECT_THAT(trace_.problems, ElementsAre(HasSubstr("broken.blend")));
}

TEST_F(TraceTest, AbsolutePathIntoTheProductionIsRemapped) {
  const auto image = write("tex/a.png", "x");
  write("shots/a.blend", blend({image.string()}));
  EXPECT_THAT(traced("shots/a.blend"), UnorderedElementsAre("shots/a.blend", "tex/a.png"));
  EXPECT_THAT(remaps_of(*production_, trace_),
              ElementsAre(ManifestRemap{"shots/a.blend", image.string(), "", "tex/a.png"}));
}

TEST_F(TraceTest, AbsolutePathFromAnotherMachineIsTakenFromHere) {
  write("tex/wood/a.png", "x");
  write("shots/a.blend", blend({"/home/ana/prod/tex/wood/a.png", "C:\\prod\\tex\\wood\\a.png"}));
  EXPECT_THAT(traced("shots/a.blend"), UnorderedElementsAre("shots/a.blend", "tex/wood/a.png"));
  EXPECT_EQ(state_of("/home/ana/prod/tex/wood/a.png"), DependencyState::found_here);
  EXPECT_EQ(remaps_of(*production_, trace_).size(), 2U);
}

TEST_F(TraceTest, CopyElsewhereOfTheSameBytesIsTakenFromHere) {
  const auto elsewhere = folder_.write("old/prod/tex/a.png", "same");
  write("tex/a.png", "same");
  write("a.blend", blend({elsewhere.string()}));
  EXPECT_THAT(traced("a.blend"), UnorderedElementsAre("a.blend", "tex/a.png"));
  write("tex/a.png", "else");
  traced("a.blend");
  EXPECT_EQ(state_of(elsewhere.string()), DependencyState::outside);
}

TEST_F(TraceTest, WrongCaseIsBankedAndRemapped) {
  write("Tex/Wood.png", "x");
  write("a.blend", blend({"//tex/wood.png"}));
  EXPECT_THAT(traced("a.blend"), UnorderedElementsAre("a.blend", "Tex/Wood.png"));
  EXPECT_EQ(state_of("//tex/wood.png"), DependencyState::wrong_case);
  EXPECT_THAT(remaps_of(*production_, trace_),
              ElementsAre(ManifestRemap{"a.blend", "//tex/wood.png", "", "Tex/Wood.png"}));
}

TEST_F(TraceTest, PrefixMapOfTheConfigIsUsed) {
  folder_.write("mnt/lib/a.png", "x");
  write(".souschef/config.toml",
        "[trace]\nprefix_map = { \"R:/lib\" = \"" + (folder_ / "mnt/lib").string() + "\" }\n");
  reopen();
  write("a.blend", blend({"R:\\lib\\a.png"}));
  EXPECT_THAT(traced("a.blend"),
              UnorderedElementsAre("a.blend", "_outside" + (folder_ / "mnt/lib/a.png").string()));
}

TEST_F(TraceTest, JsonIsWhatScriptsRelyOn) {
  write("a.blend", blend({"//gone.png", "//there.png", "C:\\far\\away.png"}));
  write("there.png", "x");
  traced("a.blend");
  const Json json = trace_json(*production_, trace_);
  EXPECT_EQ(json["file"], "a.blend");
  ASSERT_EQ(json["missing"].size(), 2U);
  EXPECT_EQ(json["missing"][0]["path"], "//gone.png");
  EXPECT_EQ(json["missing"][1]["path"], "C:\\far\\away.png") << "as written";
  for (const Json& dependency : json["dependencies"])
    for (const char* key : {"path", "resolved", "kind", "from", "exists", "required"})
      EXPECT_TRUE(dependency.contains(key)) << key;
}

TEST_F(TraceTest, NotABlendIsSaidSo) {
  write("a.blend", "GIF89a");
  const auto result = trace_blend(*production_, root() / "a.blend", {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::bad_input);
  write("b.blend", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n");
  EXPECT_EQ(trace_blend(*production_, root() / "b.blend", {}).error().next, "git lfs pull");
  EXPECT_EQ(trace_blend(*production_, root() / "c.blend", {}).error().code, ErrorCode::not_found);
}

TEST_F(TraceTest, WhyAPathCannotBeTracedIsSaid) {
  const auto why = [&](const char* name) {
    const auto result = trace_blend(*production_, root() / name, {});
    return result || result.error().why.empty() ? std::string() : result.error().why.front();
  };
  write("empty.blend", "");
  write("archive.blend", "PK\3\4 and so on");
  fs::create_directory(root() / "folder");
  fs::create_symlink("circle.blend", root() / "circle.blend");
  EXPECT_EQ(why("empty.blend"), "it is empty");
  EXPECT_EQ(why("archive.blend"), "it is a zip archive");
  EXPECT_EQ(why("folder"), "it is a folder");
  EXPECT_EQ(why("circle.blend"), "it is a symbolic link that leads nowhere");
}

}  // namespace
}  // namespace souschef::core
