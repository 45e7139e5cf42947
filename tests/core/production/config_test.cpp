// SPDX-License-Identifier: MIT
#include "core/production/config.hpp"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/production/config_edit.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConfigTest : public testing::Test {
 protected:
  Result<Config> load() {
    return Config::load({.user_file = folder_ / "user.toml",
                         .project_folder = folder_ / "prod/.souschef",
                         .environment = environment_,
                         .flags = flags_});
  }
  void project(std::string_view text) { folder_.write("prod/.souschef/config.toml", text); }

  test::TempFolder folder_;
  std::map<std::string, std::string> environment_;
  std::vector<std::pair<std::string, std::string>> flags_;
};

TEST_F(ConfigTest, NothingIsTheDefaults) {
  const auto config = load();
  ASSERT_TRUE(config);
  EXPECT_EQ(config->text("store.compression"), "fast");
  EXPECT_EQ(config->origin("store.compression"), "default");
  EXPECT_TRUE(config->targets().empty());
}

TEST_F(ConfigTest, LaterLayersWinAndOriginsAreRemembered) {
  folder_.write("user.toml", "[store]\ncompression = \"small\"\nexact_wrappers = true\n");
  project("[store]\ncompression = \"balanced\"\n");
  auto config = load();
  ASSERT_TRUE(config);
  EXPECT_EQ(config->text("store.compression"), "balanced");
  EXPECT_EQ(config->origin("store.compression"), "config.toml:2");
  EXPECT_TRUE(config->boolean("store.exact_wrappers"));
  environment_["SOUSCHEF_CONFIG_STORE_COMPRESSION"] = "small";
  EXPECT_EQ(load()->origin("store.compression"), "SOUSCHEF_CONFIG_STORE_COMPRESSION");
  flags_ = {{"store.compression", "fast"}};
  EXPECT_EQ(load()->text("store.compression"), "fast");
}

TEST_F(ConfigTest, OverlayOfTheSystemChangesOneFieldOfATarget) {
  project(
      "[[target]]\nname = \"lts\"\npath = \"/win/blender\"\nautoexec = true\n[[target]]\nname = "
      "\"new\"\npath = \"/n\"\n");
  folder_.write(std::string("prod/.souschef/") + std::string(overlay_name()),
                "[[target]]\nname = \"lts\"\npath = \"/linux/blender\"\n");
  const auto config = load();
  ASSERT_TRUE(config);
  ASSERT_EQ(config->targets().size(), 2U);
  EXPECT_EQ(config->targets()[0].path, "/linux/blender");
  EXPECT_TRUE(config->targets()[0].autoexec);
  EXPECT_EQ(config->target("")->name, "lts");
}

TEST_F(ConfigTest, TypoInAKeyIsSuggested) {
  project("[store]\ncompresion = \"fast\"\n");
  const auto config = load();
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::bad_input);
  EXPECT_THAT(config.error().line(), HasSubstr("line 2"));
  EXPECT_THAT(config.error().next, HasSubstr("store.compression"));
}
TEST_F(ConfigTest, WrongTypeNamesTheLine) {
  project("\n[store]\nexact_wrappers = \"yes\"\n");
  const auto config = load();
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().what, HasSubstr("true or false"));
  EXPECT_THAT(config.error().line(), HasSubstr("line 3"));
}
TEST_F(ConfigTest, InvalidTomlNamesLineAndColumn) {
  project("default_target = \"4.2\n");
  const auto config = load();
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().line(), HasSubstr("line 1, column"));
}
TEST_F(ConfigTest, TwoTargetsOfOneNameAreRefused) {
  project("[[target]]\nname = \"a\"\n[[target]]\nname = \"a\"\n");
  EXPECT_FALSE(load());
}
TEST_F(ConfigTest, UnknownTargetIsSuggested) {
  project("[[target]]\nname = \"canary\"\npath = \"/x\"\n");
  const auto target = load()->target("canray");
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().code, ErrorCode::not_found);
  EXPECT_THAT(target.error().next, HasSubstr("canary"));
}

TEST_F(ConfigTest, HomeAndVariablesAreExpanded) {
  ::setenv("SOUSCHEF_TEST_VARIABLE", "/opt/x", 1);
  EXPECT_EQ(expand_path("$SOUSCHEF_TEST_VARIABLE/blender"), "/opt/x/blender");
  EXPECT_EQ(expand_path("${SOUSCHEF_TEST_VARIABLE}y"), "/opt/xy");
  EXPECT_EQ(expand_path("~/b"), std::string(std::getenv("HOME")) + "/b");
  EXPECT_EQ(expand_path("a~b/$NOT_SET_ANYWHERE"), "a~b/$NOT_SET_ANYWHERE");
}

TEST_F(ConfigTest, EditKeepsComments) {
  const auto file = folder_.write(
      "e.toml", "# head\ndefault_target = \"a\"  # mine\n\n[store]\n# why\ncompression = \"fast\"\n");
  ASSERT_TRUE(set_config_value(file, "store.compression", "\"small\""));
  ASSERT_TRUE(set_config_value(file, "store.exact_wrappers", "true"));
  ASSERT_TRUE(set_config_value(file, "trace.include_unused", "true"));
  ASSERT_TRUE(add_named_table(file, "target", "lts", {{"path", "/opt/b"}}));
  ASSERT_TRUE(set_config_value(file, "target[lts].autoexec", "true"));
  const std::string text = test::read_file(file);
  EXPECT_EQ(
      text,
      "# head\ndefault_target = \"a\"  # mine\n\n[store]\n# why\ncompression = \"small\"\nexact_wrappers = "
      "true\n\n"
      "[trace]\ninclude_unused = true\n\n[[target]]\nname = \"lts\"\npath = \"/opt/b\"\nautoexec = true\n");
}
TEST_F(ConfigTest, EditThatWouldBreakTheFileChangesNothing) {
  const auto file = folder_.write("e.toml", "default_target = \"a\"\n");
  EXPECT_FALSE(set_config_value(file, "store.compression", "\"open"));
  EXPECT_FALSE(set_config_value(file, "store.nonsense", "1"));
  EXPECT_EQ(test::read_file(file), "default_target = \"a\"\n");
}

}  // namespace
}  // namespace souschef::core
