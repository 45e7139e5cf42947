// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_check.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "core/plugin_host/plugin_template.hpp"
#include "tests/support/plugin_folder.hpp"

namespace souschef::core {
namespace {

class PluginCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::have_python()) GTEST_SKIP() << "no python3 here";
  }
  void check(const std::filesystem::path& plugin) {
    PluginCheckOptions options;
    options.host = PLUGIN_HOST_PROGRAM;
    options.on_result = [&](const CheckResult& result) { results_.push_back(result); };
    const auto checked = check_plugin(plugin, options);
    ASSERT_TRUE(checked.has_value()) << checked.error().line();
    summary_ = *checked;
  }
  // A stage that does what it should, with a word changed here and there.
  void check_stage(const std::string& run, const std::string& more = "") {
    test::PluginFolder plugin;
    plugin.more = more;
    plugin.on_request = R"(
p = request['params']
if request['method'] == 'stage.describe': answer({'per': 'order', 'outputs': ['fisk.txt']})
elif request['method'] != 'stage.run': say({'id': request['id'], 'error': {'code': 'unsupported', 'what': 'no'}})
elif not isinstance(p.get('frames'), list): say({'id': request['id'], 'error': {'code': 'bad_input', 'what': 'no'}})
else:
  import os
  out = p['output_folder'] + '/'
  open(out + 'fisk.txt', 'w').write('x')
  good = lambda: answer({'outputs': ['fisk.txt']})
)" + run;
    check(make_plugin(folder_, plugin));
  }
  [[nodiscard]] CheckResult result(const std::string& name) const {
    const auto found = std::find_if(results_.begin(), results_.end(),
                                    [&](const CheckResult& each) { return each.name == name; });
    EXPECT_NE(found, results_.end()) << name;
    return found == results_.end() ? CheckResult() : *found;
  }
  [[nodiscard]] std::string all() const {
    std::string text;
    for (const CheckResult& each : results_)
      text += std::string(name_of(each.state)) + " " + each.name + ": " + each.note + "\n";
    return text;
  }

  test::TempFolder folder_;
  std::vector<CheckResult> results_;
  PluginCheckSummary summary_;
};

TEST_F(PluginCheckTest, StageThatKeepsTheRulesPasses) {
  check_stage("  good()\n");
  EXPECT_EQ(summary_.failed, 0U) << all();
  EXPECT_EQ(result("run").state, CheckState::passed);
}

TEST_F(PluginCheckTest, StageThatDiesFailsThatCheckAlone) {
  check_stage("  os._exit(7)\n");
  EXPECT_EQ(result("run").state, CheckState::failed);
  EXPECT_NE(result("run").note.find("exit code 7"), std::string::npos) << result("run").note;
  EXPECT_EQ(result("end").state, CheckState::passed) << all();
}

TEST_F(PluginCheckTest, OutputThatIsNotThereIsNamed) {
  check_stage("  os.unlink(out + 'fisk.txt'); good()\n");
  EXPECT_EQ(result("run").state, CheckState::failed);
  EXPECT_EQ(result("run").note, "it says that it made fisk.txt, which is not there");
}

TEST_F(PluginCheckTest, FileThatNobodyDeclaredIsNamed) {
  check_stage("  open(out + 'rest.tmp', 'w').write('y'); good()\n");
  EXPECT_EQ(result("run").note, "it left rest.tmp in the output folder and did not say so");
}

TEST_F(PluginCheckTest, TouchedFrameFails) {
  check_stage(
      "  f = p['sequences'][0]['folder']; open(f + '/' + os.listdir(f)[0], 'a').write('z'); good()\n");
  EXPECT_EQ(result("run").state, CheckState::failed);
  EXPECT_EQ(result("run").note, "it changed the folder of the frames");
}

TEST_F(PluginCheckTest, PluginThatDoesNotStartIsSaid) {
  test::PluginFolder plugin;
  plugin.at_start = "raise SystemExit('no licence')";
  check(make_plugin(folder_, plugin));
  EXPECT_EQ(result("start").state, CheckState::failed);
  EXPECT_NE(result("start").note.find("no licence"), std::string::npos) << result("start").note;
  EXPECT_EQ(results_.back().name, "start");
}

TEST_F(PluginCheckTest, AnswerToAnUnknownMethodFails) {
  check(make_plugin(folder_, {}));
  EXPECT_EQ(result("unknown method").state, CheckState::failed);
}

TEST_F(PluginCheckTest, ManifestThatCannotBeReadIsSaid) {
  folder_.write("bad/plugin.json", "{");
  check(folder_ / "bad");
  EXPECT_EQ(result("plugin.json").state, CheckState::failed);
  EXPECT_EQ(summary_.failed, 1U);
}

TEST_F(PluginCheckTest, UnknownMemberIsAWarning) {
  check_stage("  good()\n", R"(, "colour": "red")");
  EXPECT_EQ(result("plugin.json").state, CheckState::warning);
  EXPECT_EQ(summary_.failed, 0U) << all();
}

TEST_F(PluginCheckTest, ChecksOfThePluginsOwnAreCompared) {
  folder_.write("slate/check.jsonl", R"({"method": "stage.run", "result": {"outputs": ["fisk.txt"]}}
{"method": "stage.run", "files": {"fisk.txt": "y"}}
{"method": "stage.run", "params": {"frames": 7}, "error": "bad_input"}
{"method": 7}
)");
  check_stage("  good()\n");
  EXPECT_EQ(result("check.jsonl, line 1").state, CheckState::passed) << all();
  EXPECT_EQ(result("check.jsonl, line 2").note, "fisk.txt holds \"x\"");
  EXPECT_EQ(result("check.jsonl, line 3").state, CheckState::passed) << all();
  EXPECT_EQ(result("check.jsonl, line 4").state, CheckState::failed);
}

class NewPluginInPython : public PluginCheckTest, public testing::WithParamInterface<PluginKind> {};

TEST_P(NewPluginInPython, PassesEveryCheck) {
  ASSERT_TRUE(make_plugin_folder(folder_ / "9new", GetParam(), "9new", PluginLanguage::python));
  check(folder_ / "9new");
  EXPECT_EQ(summary_.failed + summary_.warnings + summary_.skipped, 0U) << all();
}

INSTANTIATE_TEST_SUITE_P(Kinds, NewPluginInPython,
                         testing::Values(PluginKind::tracer, PluginKind::renderer, PluginKind::stage,
                                         PluginKind::event, PluginKind::inspect),
                         [](const auto& kind) { return std::string(name_of(kind.param)); });

TEST_F(PluginCheckTest, ForeignLibraryIsChecked) {
  folder_.write("foreign/plugin.json", R"({"id": "foreign", "version": "1.0.0", "summary": "A library.",
    "kinds": ["tracer", "inspect"], "abi": "1.0", "library": {"any": "foreign.so"}})");
  std::filesystem::copy_file(FOREIGN_MODULE, folder_ / "foreign/foreign.so");
  check(folder_ / "foreign");
  EXPECT_EQ(result("start").state, CheckState::passed) << all();
  EXPECT_EQ(result("trace nonsense0").state, CheckState::passed) << all();
}

TEST(PluginTemplate, KindWithoutATemplateIsRefused) {
  const test::TempFolder folder;
  const Status made = make_plugin_folder(folder / "x", PluginKind::filter, "x", PluginLanguage::cpp);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::unsupported);
  EXPECT_FALSE(std::filesystem::exists(folder / "x"));
}

TEST(PluginTemplate, NameThatIsNoIdIsRefused) {
  const test::TempFolder folder;
  EXPECT_EQ(make_plugin_folder(folder / "X Y", PluginKind::stage, "X Y", PluginLanguage::cpp).error().code,
            ErrorCode::usage);
}

TEST(PluginTemplate, FolderThatIsThereIsKept) {
  const test::TempFolder folder;
  folder.write("lister/precious.txt", "mine");
  EXPECT_EQ(
      make_plugin_folder(folder / "lister", PluginKind::stage, "lister", PluginLanguage::cpp).error().code,
      ErrorCode::exists);
  EXPECT_EQ(test::read_file(folder / "lister/precious.txt"), "mine");
}

}  // namespace
}  // namespace souschef::core
