// SPDX-License-Identifier: MIT
#include "core/production/config_trust.hpp"

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/production/plugin_options.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A production whose config somebody else wrote, and a user who trusts nothing yet. "echo" is a plugin of the
// test program: its `command` is config_only, its `key` a secret.
class ConfigTrustTest : public testing::Test {
 protected:
  void load(std::string_view project, std::string_view user = "",
            std::map<std::string, std::string> environment = {}) {
    folder_.write("prod/.souschef/config.toml", project);
    folder_.write("user.toml", user);
    auto loaded = Config::load({.user_file = folder_ / "user.toml",
                                .project_folder = folder_ / "prod/.souschef",
                                .environment = std::move(environment),
                                .flags = {}});
    ASSERT_TRUE(loaded.has_value()) << loaded.error().line();
    config_.emplace(std::move(*loaded));
    PluginCatalogOptions options = plugin_options(*config_, {});
    options.places.clear();
    options.trust = TrustStore(folder_ / "trust");
    auto opened = PluginCatalog::open(std::move(options));
    ASSERT_TRUE(opened.has_value());
    plugins_ = std::move(*opened);
  }
  std::vector<std::string> demands() {
    std::vector<std::string> keys;
    for (const ConfigDemand& demand : config_demands(*config_, *plugins_)) keys.push_back(demand.key);
    return keys;
  }
  ConfigTrust state() { return config_trust(*config_, *plugins_); }
  void trust() {
    const Status done = trust_config(*config_, *plugins_);
    ASSERT_TRUE(done) << done.error().line();
  }

  test::TempFolder folder_;
  std::optional<Config> config_;
  std::unique_ptr<PluginCatalog> plugins_;
};

constexpr std::string_view kTarget = "[[target]]\nname = \"lts\"\npath = \"/somewhere/blender\"\n";
constexpr std::string_view kStage =
    "[[stage]]\nname = \"publish\"\nplugin = \"echo\"\nsettings = { command = [\"tools/publish.sh\"], "
    "loud = true }\n";

TEST_F(ConfigTrustTest, EmptyConfigNeedsNone) {
  load("");
  EXPECT_EQ(state(), ConfigTrust::not_needed);
  EXPECT_TRUE(check_config_trust(*config_, *plugins_, ""));
}

TEST_F(ConfigTrustTest, TargetsProgramNeedsIt) {
  load(kTarget);
  EXPECT_THAT(demands(), ElementsAre("target[lts].path"));
  const Status checked = check_config_trust(*config_, *plugins_, "target[lts].");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::denied);
  EXPECT_THAT(checked.error().what, HasSubstr("target[lts].path = \"/somewhere/blender\"  (config.toml:3)"));
  EXPECT_THAT(checked.error().next, HasSubstr("souschef config trust"));
}

TEST_F(ConfigTrustTest, ShellOfTheSystemIsNoBlender) {
  load("[[target]]\nname = \"lts\"\npath = \"/bin/sh\"\n");
  EXPECT_THAT(demands(), ElementsAre("target[lts].path"));
}

TEST_F(ConfigTrustTest, BlenderOfTheSystemNeedsNone) {
  if (::access("/usr/bin/blender", X_OK) != 0) GTEST_SKIP() << "no /usr/bin/blender here";
  load("[[target]]\nname = \"lts\"\npath = \"/usr/bin/blender\"\nautoexec = false\naddons = []\n");
  EXPECT_EQ(state(), ConfigTrust::not_needed);
}

TEST_F(ConfigTrustTest, WhatBringsCodeIntoATrustedBlenderNeedsItToo) {
  load(
      "[[target]]\nname = \"lts\"\nautoexec = true\naddons = [\"evil\"]\narguments = [\"--python\", "
      "\"x.py\"]\n"
      "environment = { PYTHONPATH = \"x\" }\n",
      kTarget);
  EXPECT_THAT(demands(), ElementsAre("target[lts].addons", "target[lts].arguments", "target[lts].autoexec",
                                     "target[lts].environment"));
}

TEST_F(ConfigTrustTest, UsersOwnWordsNeedNone) {
  load("", std::string(kTarget) + std::string(kStage), {{"SOUSCHEF_CONFIG_TRACE_ALLOW_PATHS", "/mnt"}});
  EXPECT_EQ(state(), ConfigTrust::not_needed);
}

TEST_F(ConfigTrustTest, SettingsThatNameProgramsOrSecretsNeedItOthersDoNot) {
  load(kStage);
  EXPECT_THAT(demands(), ElementsAre("stage[publish].settings.command"));
  load("[[plugin]]\nname = \"echo\"\nsettings = { key = \"file:/etc/shadow\", loud = true }\n");
  EXPECT_THAT(demands(), ElementsAre("plugin[echo].settings.key"));
  load("[[event]]\nname = \"me\"\nplugin = \"echo\"\nsettings = { command = [\"x\"] }\n");
  EXPECT_THAT(demands(), ElementsAre("event[me].settings.command"));
  load("[[stage]]\nname = \"echo\"\nsettings = { loud = true }\n");
  EXPECT_THAT(demands(), IsEmpty());
}

TEST_F(ConfigTrustTest, FoldersOutsideNeedIt) {
  load("[trace]\nallow_paths = [\"/home\"]\n");
  EXPECT_THAT(demands(), ElementsAre("trace.allow_paths"));
}

TEST_F(ConfigTrustTest, TrustedIsTrustedUntilForgotten) {
  load(kTarget);
  EXPECT_EQ(state(), ConfigTrust::unknown);
  trust();
  EXPECT_EQ(state(), ConfigTrust::trusted);
  EXPECT_TRUE(check_config_trust(*config_, *plugins_, "target[lts]."));
  ASSERT_TRUE(forget_config(*config_, *plugins_));
  EXPECT_EQ(state(), ConfigTrust::unknown);
}

TEST_F(ConfigTrustTest, ChangeAsksAgain) {
  load(kTarget);
  trust();
  load(std::string(kTarget) + "arguments = [\"--python\", \"x.py\"]\n");
  EXPECT_EQ(state(), ConfigTrust::changed);
  const Status checked = check_config_trust(*config_, *plugins_, "target[lts].");
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().why.at(0), HasSubstr("changed"));
}

TEST_F(ConfigTrustTest, ChangeOfSomethingElseAsksNobody) {
  load(kTarget);
  trust();
  load(std::string(kTarget) + "[gc]\nkeep_days = 3\n");
  EXPECT_EQ(state(), ConfigTrust::trusted);
}

TEST_F(ConfigTrustTest, ScriptInTheProductionIsTrustedWithItsContent) {
  folder_.write("prod/tools/publish.sh", "cp");
  load(kStage);
  trust();
  EXPECT_EQ(state(), ConfigTrust::trusted);
  folder_.write("prod/tools/publish.sh", "rm -rf ~");
  EXPECT_EQ(state(), ConfigTrust::changed);
}

TEST_F(ConfigTrustTest, ScriptNamedByTheProductionsFieldIsFoundToo) {
  folder_.write("prod/tools/publish.sh", "cp");
  load("[[stage]]\nname = \"echo\"\nsettings = { command = [\"sh\", \"{production}/tools/publish.sh\"] }\n");
  trust();
  folder_.write("prod/tools/publish.sh", "rm -rf ~");
  EXPECT_EQ(state(), ConfigTrust::changed);
}

TEST_F(ConfigTrustTest, SameWordsInAnotherProductionAreNotTrusted) {
  load(kTarget);
  trust();
  folder_.write("other/.souschef/config.toml", kTarget);
  auto other = Config::load(
      {.user_file = {}, .project_folder = folder_ / "other/.souschef", .environment = {}, .flags = {}});
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(config_trust(*other, *plugins_), ConfigTrust::unknown);
}

TEST_F(ConfigTrustTest, StageOfAnUntrustedConfigIsRefusedByName) {
  load(kStage);
  const auto refused = stage_definition(*config_, *plugins_, "publish");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::denied);
  EXPECT_THAT(refused.error().what, HasSubstr("stage[publish].settings.command"));
  EXPECT_TRUE(stage_definition(*config_, *plugins_, "echo").has_value());
  trust();
  EXPECT_TRUE(stage_definition(*config_, *plugins_, "publish").has_value());
}

}  // namespace
}  // namespace souschef::core
