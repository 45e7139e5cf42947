// SPDX-License-Identifier: MIT
#include "core/plugin_catalog.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

std::span<const std::byte> head(std::string_view text) {
  return std::as_bytes(std::span(text));
}

class PluginCatalogTest : public testing::Test {
 protected:
  void SetUp() override { open({}); }
  void open(PluginCatalogOptions options) {
    auto opened = PluginCatalog::open(std::move(options));
    ASSERT_TRUE(opened.has_value()) << opened.error().line();
    catalog_ = std::move(*opened);
  }
  const PluginRecord* record(std::string_view id) {
    for (const PluginRecord* record : catalog_->plugins())
      if (record->manifest.id == id) return record;
    return nullptr;
  }
  std::unique_ptr<PluginCatalog> catalog_;
};

TEST_F(PluginCatalogTest, BuiltInsAreListedWithoutBeingStarted) {
  const PluginRecord* echo = record("echo");
  ASSERT_NE(echo, nullptr);
  EXPECT_EQ(echo->state, PluginState::ok);
  EXPECT_EQ(echo->origin, PluginOrigin::builtin);
  EXPECT_EQ(record("sulk")->state, PluginState::ok);
}

TEST_F(PluginCatalogTest, BrokenManifestIsShownWithItsReason) {
  const PluginRecord* nameless = record("nameless");
  ASSERT_NE(nameless, nullptr);
  EXPECT_EQ(nameless->state, PluginState::broken);
  EXPECT_EQ(nameless->reason, "plugin.json: \"version\" is wrong: it is missing");
}

TEST_F(PluginCatalogTest, CallsReachThePlugin) {
  auto calls = catalog_->calls("echo", PluginKind::stage);
  ASSERT_TRUE(calls.has_value()) << calls.error().line();
  QuietCall quiet;
  EXPECT_EQ(*(*calls)->call(quiet, "stage.run", R"({"x":1})"), R"({"x":1})");
}

TEST_F(PluginCatalogTest, SettingsAndLogReachThePlugin) {
  std::string logged;
  PluginCatalogOptions options;
  options.settings["echo"] = {{"loud", true}};
  options.log = [&](std::string_view plugin, LogLevel, std::string_view message) {
    logged += std::string(plugin) + ": " + std::string(message);
  };
  open(std::move(options));
  QuietCall quiet;
  auto calls = catalog_->calls("echo", PluginKind::stage);
  ASSERT_TRUE(calls.has_value());
  EXPECT_EQ(*(*calls)->call(quiet, "stage.settings", "{}"), R"({"loud":true})");
  EXPECT_EQ(logged, "echo: started");
}

TEST_F(PluginCatalogTest, AnotherKindIsUnsupported) {
  const auto calls = catalog_->calls("echo", PluginKind::renderer);
  ASSERT_FALSE(calls.has_value());
  EXPECT_EQ(calls.error().code, ErrorCode::unsupported);
  EXPECT_EQ(calls.error().what, "\"echo\" is not a renderer");
}

TEST_F(PluginCatalogTest, UnknownIdIsNotFound) {
  const auto calls = catalog_->calls("ecko", PluginKind::stage);
  ASSERT_FALSE(calls.has_value());
  EXPECT_EQ(calls.error().code, ErrorCode::not_found);
}

TEST_F(PluginCatalogTest, PluginThatDoesNotStartTurnsBroken) {
  const auto calls = catalog_->calls("sulk", PluginKind::stage);
  ASSERT_FALSE(calls.has_value());
  EXPECT_EQ(calls.error().line(), "the plugin \"sulk\" did not start: there is no spoon");
  EXPECT_EQ(calls.error().next, "buy a spoon");
  EXPECT_EQ(record("sulk")->state, PluginState::broken);
  EXPECT_FALSE(catalog_->faces("sulk").has_value());
}

TEST_F(PluginCatalogTest, FilterAndTracerShareTheirAnalyser) {
  const store::FilterEntry* filter = catalog_->filters().accepting(head("Rest"));
  ASSERT_NE(filter, nullptr);
  EXPECT_EQ(filter->id, "reverse");
  const auto tracer = catalog_->tracer_for(head("Rest"));
  ASSERT_TRUE(tracer.has_value());
  ASSERT_NE(*tracer, nullptr);
  EXPECT_EQ((*tracer)->analyser, filter->analyser);
  EXPECT_NE((*tracer)->tracer, nullptr);
}

TEST_F(PluginCatalogTest, FileThatNobodyTracesIsNobodys) {
  const auto tracer = catalog_->tracer_for(head("BLENDER"));
  ASSERT_TRUE(tracer.has_value());
  EXPECT_EQ(*tracer, nullptr);
  EXPECT_EQ(catalog_->filters().accepting(head("BLENDER")), nullptr);
}

}  // namespace
}  // namespace souschef::core
