// SPDX-License-Identifier: MIT
#include "core/production/plugin_options.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

class PluginOptionsTest : public testing::Test {
 protected:
  void load(std::string_view text) {
    folder_.write(".souschef/config.toml", text);
    auto loaded = Config::load(
        {.user_file = {}, .project_folder = folder_ / ".souschef", .environment = {}, .flags = {}});
    ASSERT_TRUE(loaded.has_value()) << loaded.error().line();
    config_.emplace(std::move(*loaded));
    PluginCatalogOptions options = plugin_options(*config_, {});
    options.places.clear();
    auto opened = PluginCatalog::open(std::move(options));
    ASSERT_TRUE(opened.has_value());
    plugins_ = std::move(*opened);
  }
  Result<StageDefinition> stage(std::string_view name, const std::vector<std::string>& overrides = {}) {
    return stage_definition(*config_, *plugins_, name, overrides);
  }

  test::TempFolder folder_;
  std::optional<Config> config_;
  std::unique_ptr<PluginCatalog> plugins_;
};

TEST_F(PluginOptionsTest, ConfigTellsSettingsAndReplacements) {
  load(
      "[[plugin]]\nname = \"mine\"\nreplaces = \"ffmpeg\"\nsettings = { crf = 20 }\n"
      "[store]\nallow_filters = [\"usd\"]\n");
  const PluginCatalogOptions options = plugin_options(*config_, folder_ / ".souschef/plugins");
  EXPECT_EQ(options.settings.at("mine"), Json({{"crf", 20}}));
  EXPECT_EQ(options.replace.at("ffmpeg"), "mine");
  EXPECT_EQ(options.allow_filters, std::vector<std::string>{"usd"});
  EXPECT_EQ(options.places.at(0).folder, folder_ / ".souschef/plugins");
}

TEST_F(PluginOptionsTest, StagePluginIsAStageByItsOwnName) {
  load("");
  const auto found = stage("echo");
  ASSERT_TRUE(found.has_value()) << found.error().line();
  EXPECT_EQ(found->plugin, "echo");
  EXPECT_EQ(found->settings, Json({{"loud", false}}));
}

TEST_F(PluginOptionsTest, StageOfTheConfigHasItsSettings) {
  load(
      "[[plugin]]\nname = \"echo\"\nsettings = { loud = false }\n"
      "[[stage]]\nname = \"shout\"\nplugin = \"echo\"\nsettings = { loud = true }\n");
  const auto found = stage("shout");
  ASSERT_TRUE(found.has_value()) << found.error().line();
  EXPECT_EQ(found->plugin, "echo");
  EXPECT_EQ(found->settings, Json({{"loud", true}}));
}

TEST_F(PluginOptionsTest, OverridesAreTypedAndChecked) {
  load("");
  EXPECT_EQ(stage("echo", {"loud=yes"})->settings, Json({{"loud", true}}));
  EXPECT_EQ(stage("echo", {"loud=maybe"}).error().line(),
            "echo.loud = maybe cannot be: expected true or false");
  EXPECT_EQ(stage("echo", {"lod=yes"}).error().next, "did you mean echo.loud?");
  EXPECT_EQ(stage("echo", {"loud"}).error().code, ErrorCode::usage);
}

TEST_F(PluginOptionsTest, UnknownStageGetsASuggestion) {
  load("[[stage]]\nname = \"preview\"\nplugin = \"echo\"\n");
  const auto missing = stage("preveiw");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().what, "no such stage: preveiw");
  EXPECT_EQ(missing.error().next, "did you mean preview?");
}

TEST_F(PluginOptionsTest, StageWithAPluginThatIsNotThereSaysSo) {
  load("[[stage]]\nname = \"preview\"\nplugin = \"ecko\"\n");
  EXPECT_EQ(stage("preview").error().line(), "the stage \"preview\" cannot be used: no such plugin: ecko");
}

TEST_F(PluginOptionsTest, PluginOfAnotherKindIsNoStage) {
  load("");
  EXPECT_EQ(stage("reverse").error().code, ErrorCode::unsupported);
}

TEST_F(PluginOptionsTest, NamesAreThoseOfConfigAndPlugins) {
  load("[[stage]]\nname = \"preview\"\nplugin = \"echo\"\n");
  EXPECT_EQ(stage_names(*config_, *plugins_), (std::vector<std::string>{"preview", "echo", "sulk"}));
}

TEST_F(PluginOptionsTest, ListenersAreRead) {
  load(
      "[[event]]\nname = \"team\"\nevents = [\"order_done\"]\nsettings = { to = \"slack\" }\n[[event]]\nname "
      "= \"log\"\n"
      "plugin = \"echo\"\n");
  const auto listeners = event_listeners(*config_);
  ASSERT_EQ(listeners.size(), 2U);
  EXPECT_EQ(listeners[0].plugin, "notify");
  EXPECT_EQ(listeners[0].events, std::vector<std::string>{"order_done"});
  EXPECT_EQ(listeners[0].settings, Json({{"to", "slack"}}));
  EXPECT_EQ(listeners[1].plugin, "echo");
}

}  // namespace
}  // namespace souschef::core
