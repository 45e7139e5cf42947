// SPDX-License-Identifier: MIT
// docs/coming-from-the-original.md, row by row. What needs a renderer is in tests/core/rendering.
#include <gmock/gmock.h>

#include <map>
#include <sstream>

#include "tests/cli/program.hpp"

namespace fs = std::filesystem;

namespace souschef::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Original : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    init();
    write("a.blend", shot("//tex.png"));
    write("tex.png", "pixels");
  }
  core::Json order(std::vector<std::string> words) const {
    words.insert(words.begin(), {"order", "a.blend"});
    words.emplace_back("--json");
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    const auto records = ran.records();
    return records.empty() ? core::Json::object() : records.front();
  }
  core::Json settings(const core::Json& order) const {
    return run({"show", order["order"].get<std::string>(), "--json"}).records().at(0)["settings"]["settings"];
  }
};

TEST_F(Original, InitNeverWritesOverAConfig) {
  const std::string before = read_file(root() / ".souschef/config.toml");
  EXPECT_EQ(run({"init"}).exit_code, 0);
  EXPECT_EQ(read_file(root() / ".souschef/config.toml"), before);
}

TEST_F(Original, InitWritesAConfigThatIsValid) {
  fs::create_directories(root() / "fresh");
  fs::remove_all(root() / ".souschef");
  ASSERT_EQ(run({"init"}).exit_code, 0);
  EXPECT_EQ(run({"config", "check"}).exit_code, 0);
}

TEST_F(Original, BlendAloneIsAnOrder) {
  const Ran ran = run({"a.blend", "--json"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.records().at(0)["entry"], "a.blend");
}

TEST_F(Original, ListSaysHowEachOrderIs) {
  const std::string name = order({})["order"];
  EXPECT_THAT(name, testing::MatchesRegex("[a-z]{4}")) << "four letters, to be spoken";
  EXPECT_THAT(run({"list"}).out, AllOf(HasSubstr(name), HasSubstr("queued"), HasSubstr("a.blend")));
  EXPECT_EQ(run({"list", "--json"}).records().at(0)["state"], "queued");
}

TEST_F(Original, CleanLeavesWhatIsNotDoneAndHardAsks) {
  const std::string waiting = order({})["order"];
  EXPECT_EQ(run({"clean"}).exit_code, 0);
  EXPECT_EQ(run({"show", waiting}).exit_code, 0);
  EXPECT_NE(run({"clean", "--hard"}).exit_code, 0) << "nobody is there to be asked";
  EXPECT_EQ(run({"show", waiting}).exit_code, 0);
  EXPECT_EQ(run({"clean", "--hard", "--yes"}).exit_code, 0);
  EXPECT_EQ(run({"show", waiting}).exit_code, 4);
}

// With the renderer that writes flat pictures in no time.
TEST_F(Original, RenderMakesTheFramesAndCleanRemovesTheOrderOnly) {
  ASSERT_EQ(run({"targets", "add", "flat", "/bin/sh"}).exit_code, 0);
  ASSERT_EQ(run({"config", "set", "target[flat].renderer", "null"}).exit_code, 0);
  const std::string name = order({"out/", "-t", "flat", "-F", "1-3"})["order"];
  const std::string waiting = order({})["order"];
  ASSERT_EQ(run({"pause", waiting}).exit_code, 0);
  const Ran rendered = run({"render"});
  EXPECT_EQ(rendered.exit_code, 0) << rendered.err;
  const auto frames = [&] {
    const fs::directory_iterator files(root() / "out");
    return std::distance(begin(files), end(files));
  };
  EXPECT_EQ(frames(), 3);
  EXPECT_EQ(run({"clean"}).exit_code, 0);
  EXPECT_EQ(run({"show", name}).exit_code, 4);
  EXPECT_EQ(run({"show", waiting}).exit_code, 0);
  EXPECT_EQ(frames(), 3) << "frames are the artist's";
}

TEST_F(Original, RedoTakesFramesAndDeleteLeavesThem) {
  const std::string name = order({})["order"];
  EXPECT_EQ(run({"redo", name, "-F", "2"}).exit_code, 0);
  write("render/p_0001.png", "a picture");
  EXPECT_EQ(run({"delete", name, "--yes"}).exit_code, 0);
  EXPECT_EQ(run({"show", name}).exit_code, 4);
  EXPECT_TRUE(fs::exists(root() / "render/p_0001.png"));
}

TEST_F(Original, TargetsShowsMissingOnesInRedAndAdds) {
  EXPECT_EQ(run({"targets", "add", "new", "/bin/true"}).exit_code, 0);
  EXPECT_THAT(run({"targets"}).out, AllOf(HasSubstr("lts"), HasSubstr("new")));
  write(".souschef/config_linux.toml", "[[target]]\nname = \"gone\"\npath = \"/nothing/blender\"\n");
  const Ran ran = run({"targets", "--color", "always"});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.out, HasSubstr("\x1b[31mgone"));
}

TEST_F(Original, HelpHasTopicsAndVersionIsSaid) {
  EXPECT_THAT(run({"help", "order"}).out, HasSubstr("--replace"));
  EXPECT_EQ(run({"help", "nothing-of-this-name"}).exit_code, 2);
  EXPECT_EQ(run({"version"}).exit_code, 0);
  EXPECT_EQ(run({"--version"}).exit_code, 0);
}

TEST_F(Original, CacheIsAcceptedAndBanksLikeEveryOrder) {
  EXPECT_EQ(order({"-c"})["job"], order({})["job"]);
}

TEST_F(Original, TargetTakesItsValueAndAnUnknownOneIsAnError) {
  EXPECT_EQ(order({"-t", "lts"})["output"], "");
  const Ran ran = run({"order", "a.blend", "-t", "tls"});
  EXPECT_EQ(ran.exit_code, 4);
  EXPECT_THAT(ran.err, HasSubstr("lts"));
}

TEST_F(Original, OutputIsTheSecondWord) {
  EXPECT_EQ(order({"renders/a/"})["output"], "renders/a/");
}

TEST_F(Original, ReplaceOfAnUnknownOrderIsAnError) {
  EXPECT_EQ(run({"order", "a.blend", "--replace", "nobody"}).exit_code, 4);
  const core::Json first = order({});
  const core::Json second = order({"--replace", first["order"].get<std::string>()});
  EXPECT_EQ(run({"show", first["order"].get<std::string>()}).exit_code, 4);
  EXPECT_EQ(run({"show", second["order"].get<std::string>()}).exit_code, 0);
}

TEST_F(Original, PlaceholdersAndOverwriteTakeYesAndNo) {
  const core::Json chosen = settings(order({"-p", "yes", "-o", "no"}));
  EXPECT_EQ(chosen["placeholders"], true);
  EXPECT_EQ(chosen["overwrite"], false);
  EXPECT_EQ(run({"order", "a.blend", "-o", "perhaps"}).exit_code, 2);
}

TEST_F(Original, ResolutionsHaveTheirWords) {
  const auto size = [&](const char* word) {
    const core::Json resolution = settings(order({"-r", word}))["resolution"];
    return std::to_string(resolution["width"].get<int>()) + "x" +
           std::to_string(resolution["height"].get<int>());
  };
  EXPECT_EQ(size("uhd"), "3840x2160");
  EXPECT_EQ(size("HD"), "1920x1080");
  EXPECT_EQ(size("DCP4K"), "4096x1716");
  EXPECT_EQ(size("DCP2K"), "2048x858");
  EXPECT_EQ(size("640x480"), "640x480");
  EXPECT_EQ(settings(order({"-r", "50%"}))["resolution"]["percentage"], 50);
  write(".souschef/config_linux.toml", "[[resolution]]\nname = \"square\"\nsize = \"1080x1080\"\n");
  EXPECT_EQ(size("square"), "1080x1080");
}

TEST_F(Original, FramesAreAnEndOrARange) {
  EXPECT_EQ(order({"-f", "12"})["frame_list"], "1-12");
  EXPECT_THAT(run({"order", "a.blend", "-f", "12"}).err, HasSubstr("frames 1-12")) << "said aloud";
  EXPECT_EQ(order({"-f", "5:9"})["frame_list"], "5-9");
  EXPECT_EQ(order({"-F", "-3-3x3"})["frame_list"], "-3-3x3");
}

TEST_F(Original, UnknownNamesAreErrors) {
  EXPECT_EQ(run({"redo", "nobody"}).exit_code, 4);
  EXPECT_EQ(run({"delete", "nobody"}).exit_code, 4);
}

TEST_F(Original, OverlaysChangeSingleFields) {
  write(".souschef/config_linux.toml", "[[target]]\nname = \"lts\"\nautoexec = true\n");
  EXPECT_THAT(run({"config", "get", "target[lts].autoexec"}).out, HasSubstr("true"));
  EXPECT_THAT(run({"config", "get", "target[lts].path"}).out, HasSubstr("/bin/true"));
}

TEST_F(Original, HomeIsExpandedInPaths) {
  write(".souschef/config.toml", "[[target]]\nname = \"lts\"\npath = \"~/nothing/blender\"\n");
  EXPECT_THAT(run({"targets"}).out, AllOf(HasSubstr("/home/nothing/blender"), HasSubstr("missing")));
}

TEST_F(Original, ItsOrdersAreTakenOverPaused) {
  const auto legacy = [&](const std::string& name, const std::string& more) {
    write(".souschef/orders/" + name + "/order.toml",
          "name = \"" + name +
              "\"\nblender_target = \"lts\"\nsource_path = \"a.blend\"\ntarget_path = \"a.blend\"\n" + more);
  };
  legacy("fisk", "start_frame = 2\nend_frame = 8\nresolution_x = 480\nresolution_y = 640\noverwrite = 1\n");
  legacy("hake", "complete = true\n");
  legacy("crab", "blender_target = \"gone\"\n");
  write(".souschef/orders/lark/order.toml", "source_path = \"gone.blend\"\n");
  const Ran ran = run({"import-legacy", "--json"});
  EXPECT_EQ(ran.exit_code, 3) << ran.out << ran.err;
  const auto shown = run({"show", "fisk", "--json"}).records();
  ASSERT_EQ(shown.size(), 1U) << ran.out;
  EXPECT_EQ(shown[0]["state"], "paused");
  EXPECT_EQ(shown[0]["settings"]["frames"], "2-8");
  EXPECT_EQ(shown[0]["settings"]["settings"]["resolution"]["width"], 640);
  EXPECT_EQ(shown[0]["settings"]["settings"]["resolution"]["height"], 480);
  EXPECT_EQ(run({"list", "--json"}).records().size(), 1U);
  EXPECT_EQ(run({"import-legacy"}).exit_code, 3) << "again: nothing is made twice";
  EXPECT_EQ(run({"list", "--json"}).records().size(), 1U);
}

TEST_F(Original, APackedCopyIsWhatIsBanked) {
  write(".souschef/orders/fisk/pack/a.blend", shot("//tex.png"));
  write(".souschef/orders/fisk/pack/tex.png", "packed pixels");
  write(".souschef/orders/fisk/order.toml",
        "source_path = \"a.blend\"\ntarget_path = \".souschef/orders/fisk/pack/a.blend\"\n");
  const Ran ran = run({"import-legacy"});
  ASSERT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  const core::Json shown = run({"show", "fisk", "--json"}).records().at(0);
  EXPECT_EQ(shown["entry"], ".souschef/orders/fisk/pack/a.blend");
  EXPECT_EQ(shown["settings"]["output"], "renders/fisk/");
}

// The page promises that each row of its table is a test: these are they.
const std::map<std::string, std::vector<std::string>> kTestsOfRows = {
    {"`init`", {"Original, InitNeverWritesOverAConfig", "Original, InitWritesAConfigThatIsValid"}},
    {"`order FILE.blend [OUTPUT]`, `FILE.blend`",
     {"Original, BlendAloneIsAnOrder", "Original, OutputIsTheSecondWord",
      "OrderingTest, TheJobStaysWhenTheFileChanges"}},
    {"`list`", {"Original, ListSaysHowEachOrderIs"}},
    {"`render`",
     {"Original, RenderMakesTheFramesAndCleanRemovesTheOrderOnly",
      "NullRenderer, FileThatIsNoWholePictureIsNotTaken", "KilledRunner, FinishedFramesAreNotRenderedAgain"}},
    {"`clean`, `clean --hard`",
     {"Original, CleanLeavesWhatIsNotDoneAndHardAsks",
      "Original, RenderMakesTheFramesAndCleanRemovesTheOrderOnly"}},
    {"`redo NAME`",
     {"Original, RedoTakesFramesAndDeleteLeavesThem", "NullRenderer, RedoneFrameMovesTheOldOneAside"}},
    {"`delete NAME`", {"Original, RedoTakesFramesAndDeleteLeavesThem", "Original, UnknownNamesAreErrors"}},
    {"`targets`", {"Original, TargetsShowsMissingOnesInRedAndAdds"}},
    {"`help [topic]`, `version`", {"Original, HelpHasTopicsAndVersionIsSaid"}},
    {"`-c`, `--cache`", {"Original, CacheIsAcceptedAndBanksLikeEveryOrder"}},
    {"`-t`, `--target NAME`", {"Original, TargetTakesItsValueAndAnUnknownOneIsAnError"}},
    {"`--replace NAME`",
     {"Original, ReplaceOfAnUnknownOrderIsAnError", "OrderingTest, AReplacedOrderGoesOnceTheNewOneStands"}},
    {"`-p`, `--placeholders yes", {"Original, PlaceholdersAndOverwriteTakeYesAndNo"}},
    {"`-o`, `--overwrite yes",
     {"Original, PlaceholdersAndOverwriteTakeYesAndNo", "NullRenderer, OlderRenderIsMovedAside",
      "NullRenderer, FramesThatExistAreKeptWhereTheOrderDoesNotOverwrite"}},
    {"`-r`, `--resolution`", {"Original, ResolutionsHaveTheirWords"}},
    {"`-f`, `--frame B`, `A:B`", {"Original, FramesAreAnEndOrARange"}},
    {"`config_linux.toml` and its like", {"Original, OverlaysChangeSingleFields"}},
    {"`~` in paths", {"Original, HomeIsExpandedInPaths"}},
    {"OUTPUT moves File Output nodes along",
     {"Outputs, OverrideKeepsTheStructure", "Outputs, IgnoredNodesStayWhereTheyAre",
      "WrittenFiles, NothingIsRenderedWhereAnOutputCannotBeMoved"}},
    {"locks between machines", {"TwoMachines, RunnerWithoutWatchSaysWhoHoldsTheQueue"}},
};

TEST(OriginalPage, EveryRowHasATestThatExists) {
  const fs::path source = SOUSCHEF_SOURCE_FOLDER;
  std::string tests;
  for (const auto& entry : fs::recursive_directory_iterator(source / "tests"))
    if (entry.path().extension() == ".cpp") tests += read_file(entry.path());
  std::istringstream page(read_file(source / "docs/coming-from-the-original.md"));
  std::size_t rows = 0;
  for (std::string line; std::getline(page, line);) {
    if (line.rfind("## ", 0) == 0) break;  // the first table is of commands and flags
    if (line.rfind("| ", 0) != 0 || line.rfind("| the original", 0) == 0) continue;
    ++rows;
    const std::string first = line.substr(2, line.find_first_of("|\\", 2) - 2);
    const std::string cell = first.substr(0, first.find_last_not_of(' ') + 1);
    const auto row = kTestsOfRows.find(cell);
    ASSERT_NE(row, kTestsOfRows.end()) << "no test is named for the row " << cell;
    for (const std::string& test : row->second)
      EXPECT_NE(tests.find("(" + test + ")"), std::string::npos) << cell << ": there is no test " << test;
  }
  EXPECT_EQ(rows, kTestsOfRows.size());
}

}  // namespace
}  // namespace souschef::test
