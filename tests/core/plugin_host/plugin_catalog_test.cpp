// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_catalog.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/base/folder_hash.hpp"
#include "tests/support/plugin_folder.hpp"

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
  EXPECT_EQ(calls.error().what, "the plugin \"echo\" is not a renderer");
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

// Foreign plugins in a place of the test's own.
class ForeignPlugins : public PluginCatalogTest {
 protected:
  void SetUp() override {
    if (!test::have_python()) GTEST_SKIP() << "no python3 here";
    options_.trust = TrustStore(state_ / "trust");
    options_.program = PLUGIN_HOST_PROGRAM;
  }
  void open_with(PluginOrigin origin) {
    options_.places = {{folder_.path(), origin}};
    open(options_);
  }
  void make_library(const std::string& kinds) {
    folder_.write("foreign/plugin.json",
                  R"({"id": "foreign", "version": "1.0.0", "summary": "A library.", "kinds": )" + kinds +
                      R"(, "abi": "1.0", "library": {"any": "foreign.so"},
                                             "accepts": [{"hex": "46"}]})");
    std::filesystem::copy_file(FOREIGN_MODULE, folder_ / "foreign/foreign.so");
  }
  void trust(const char* name) {
    ASSERT_TRUE(
        options_.trust->trust(TrustKind::plugin, *hash_of_folder(folder_ / name), (folder_ / name).string()));
  }
  Result<std::string> run(std::string_view id) {
    auto calls = catalog_->calls(id, PluginKind::stage);
    if (!calls) return calls.error();
    QuietCall quiet;
    return (*calls)->call(quiet, "stage.run", R"({"x":1})");
  }

  test::TempFolder folder_, state_;
  PluginCatalogOptions options_;
};

TEST_F(ForeignPlugins, ExecutableOfTheUserRunsWithoutTrust) {
  test::make_plugin(folder_, {});
  open_with(PluginOrigin::user);
  EXPECT_EQ(*run("slate"), R"({"x":1})");
  EXPECT_EQ(record("slate")->origin, PluginOrigin::user);
}

TEST_F(ForeignPlugins, ExecutableOfTheProjectRunsOnceTrusted) {
  test::make_plugin(folder_, {});
  open_with(PluginOrigin::project);
  const auto refused = run("slate");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().line(),
            "the plugin \"slate\" cannot be used: nobody has said yet that it may run here");
  EXPECT_EQ(refused.error().next, "souschef plugin trust slate");
  EXPECT_EQ(record("slate")->state, PluginState::untrusted);
  trust("slate");
  open_with(PluginOrigin::project);
  EXPECT_TRUE(run("slate").has_value());
}

TEST_F(ForeignPlugins, ChangedFileIsNotTrustedAnyMore) {
  test::make_plugin(folder_, {});
  trust("slate");
  folder_.write("slate/more.py", "import os");
  open_with(PluginOrigin::project);
  EXPECT_EQ(run("slate").error().line(),
            "the plugin \"slate\" cannot be used: its files have changed since it was trusted");
}

TEST_F(ForeignPlugins, FileThatChangesWhileWeRunStopsTheNextProcess) {
  test::make_plugin(folder_, {.on_request = "sys.exit(1)"});
  trust("slate");
  open_with(PluginOrigin::project);
  EXPECT_NE(run("slate").error().line().find("it ended before it answered"), std::string::npos);
  folder_.write("slate/plugin.py", "import os");
  EXPECT_EQ(run("slate").error().line(),
            "the plugin \"slate\" cannot be used: its files have changed since it was trusted");
}

TEST_F(ForeignPlugins, LibraryOfTheUserNeedsTrustAndRunsOutside) {
  make_library(R"(["stage", "tracer"])");
  open_with(PluginOrigin::user);
  EXPECT_EQ(record("foreign")->state, PluginState::untrusted);
  trust("foreign");
  open_with(PluginOrigin::user);
  EXPECT_EQ(*run("foreign"), R"({"x":1})");
}

TEST_F(ForeignPlugins, CrashIsTheCallsAndNobodyElses) {
  make_library(R"(["stage"])");
  trust("foreign");
  open_with(PluginOrigin::user);
  auto calls = catalog_->calls("foreign", PluginKind::stage);
  ASSERT_TRUE(calls.has_value()) << calls.error().line();
  QuietCall quiet;
  EXPECT_FALSE((*calls)->call(quiet, "stage.crash", "{}").has_value());
  EXPECT_TRUE((*calls)->call(quiet, "stage.run", "{}").has_value());
  EXPECT_TRUE(run("echo").has_value());
}

TEST_F(ForeignPlugins, OtherAbiIsRefusedWithBothNumbers) {
  test::make_plugin(folder_, {.abi = "2.3"});
  open_with(PluginOrigin::user);
  EXPECT_EQ(record("slate")->state, PluginState::refused);
  EXPECT_EQ(record("slate")->reason, "the plugin needs plugin ABI 2.3, this program has " + abi_text());
}

TEST_F(ForeignPlugins, OtherSystemIsRefused) {
  folder_.write("slate/plugin.json",
                R"({"id": "slate", "version": "1.0.0", "summary": "x", "kinds": ["stage"],
    "abi": "1.0", "run": {"amiga-m68k": "slate"}})");
  open_with(PluginOrigin::user);
  EXPECT_EQ(record("slate")->reason, "it is made for amiga-m68k, this is " + std::string(system_name()));
}

TEST_F(ForeignPlugins, BrokenOneIsListedByItsFolder) {
  folder_.write("odd/plugin.json", "{");
  test::make_plugin(folder_, {});
  open_with(PluginOrigin::user);
  ASSERT_NE(record("odd"), nullptr);
  EXPECT_EQ(record("odd")->state, PluginState::broken);
  EXPECT_TRUE(run("slate").has_value());
  EXPECT_EQ(run("odd").error().what, "the plugin \"odd\" cannot be used");
}

TEST_F(ForeignPlugins, WrongSchemaIsBroken) {
  test::make_plugin(folder_, {.more = R"(, "settings": {"a": {"type": "txt", "description": "x"}})"});
  open_with(PluginOrigin::user);
  EXPECT_EQ(record("slate")->state, PluginState::broken);
}

TEST_F(ForeignPlugins, FirstOfTwoIsUsedAndTheOtherListed) {
  const test::TempFolder other;
  test::make_plugin(folder_, {.on_request = "answer({'which': 'first'})"});
  test::make_plugin(other, {.on_request = "answer({'which': 'second'})"});
  options_.places = {{folder_.path(), PluginOrigin::path}, {other.path(), PluginOrigin::user}};
  open(options_);
  EXPECT_EQ(*run("slate"), R"({"which":"first"})");
  const auto list = catalog_->plugins();
  EXPECT_EQ(list.back()->state, PluginState::duplicate);
  EXPECT_EQ(list.back()->reason, "the plugin of this id in " + (folder_ / "slate").string() + " comes first");
}

TEST_F(ForeignPlugins, BrokenOneDoesNotHideAGoodOne) {
  const test::TempFolder other;
  test::make_plugin(folder_, {.abi = "9.0"});
  test::make_plugin(other, {});
  options_.places = {{folder_.path(), PluginOrigin::path}, {other.path(), PluginOrigin::user}};
  open(options_);
  EXPECT_TRUE(run("slate").has_value());
}

TEST_F(ForeignPlugins, NameOfABuiltInIsADuplicate) {
  test::make_plugin(folder_, {.id = "echo"});
  open_with(PluginOrigin::user);
  EXPECT_EQ(catalog_->plugins().back()->state, PluginState::duplicate);
  EXPECT_EQ(record("echo")->origin, PluginOrigin::builtin);
}

TEST_F(ForeignPlugins, ReplacementTakesABuiltInsPlace) {
  test::make_plugin(folder_, {.on_request = "answer({'which': 'mine'})"});
  options_.replace = {{"echo", "slate"}};
  open_with(PluginOrigin::user);
  EXPECT_EQ(*run("echo"), R"({"which":"mine"})");
}

TEST_F(ForeignPlugins, MissingReplacementIsAnError) {
  options_.replace = {{"echo", "slte"}};
  test::make_plugin(folder_, {});
  open_with(PluginOrigin::user);
  const auto refused = run("echo");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().what, "no such plugin: slte");
  EXPECT_EQ(refused.error().next, "did you mean slate?");
}

TEST_F(ForeignPlugins, TracerIsAskedForItsOwnFilesOnly) {
  test::make_plugin(folder_,
                    {.kinds = R"(["tracer"])", .more = R"(, "accepts": [{"offset": 1, "hex": "5a5a"}])"});
  open_with(PluginOrigin::user);
  EXPECT_EQ(*catalog_->tracer_for(head("BLENDER")), nullptr);
  const auto found = catalog_->tracer_for(head("xZZ"));
  ASSERT_TRUE(found.has_value()) << found.error().line();
  ASSERT_NE(*found, nullptr);
  EXPECT_EQ((*found)->record->manifest.id, "slate");
  EXPECT_EQ((*catalog_->tracer_for(head("Rest")))->record->manifest.id, "reverse");
}

TEST_F(ForeignPlugins, ReplacedTracerIsNotAskedAgain) {
  test::make_plugin(folder_, {.kinds = R"(["tracer"])", .more = R"(, "accepts": [{"hex": "52"}])"});
  options_.replace = {{"reverse", "slate"}};
  open_with(PluginOrigin::user);
  EXPECT_EQ((*catalog_->tracer_for(head("Rest")))->record->manifest.id, "slate");
  EXPECT_EQ(catalog_->filters().accepting(head("Rest"))->id, "reverse");
}

TEST_F(ForeignPlugins, UntrustedTracerIsInNobodysWay) {
  test::make_plugin(folder_, {.kinds = R"(["tracer"])", .more = R"(, "accepts": [{"hex": "5a"}])"});
  open_with(PluginOrigin::project);
  const auto found = catalog_->tracer_for(head("Z"));
  ASSERT_TRUE(found.has_value()) << found.error().line();
  EXPECT_EQ(*found, nullptr);
}

TEST_F(ForeignPlugins, FilterIsRefusedUnlessTheStoreAllowsIt) {
  make_library(R"(["filter"])");
  trust("foreign");
  open_with(PluginOrigin::user);
  EXPECT_EQ(record("foreign")->state, PluginState::refused);
  EXPECT_EQ(catalog_->filters().named("foreign"), nullptr);
  options_.allow_filters = {"foreign"};
  open_with(PluginOrigin::user);
  ASSERT_NE(catalog_->filters().named("foreign"), nullptr);
  EXPECT_EQ(catalog_->filters().accepting(head("F"))->id, "foreign");
}

TEST_F(ForeignPlugins, SettingsComeInLayers) {
  test::make_plugin(folder_, {.more = R"(, "settings": {
                                "a": {"type": "integer", "default": 1, "description": "x"},
                                "b": {"type": "integer", "default": 1, "description": "x"},
                                "c": {"type": "integer", "default": 1, "description": "x"},
                                "d": {"type": "string", "required": true, "description": "x"}})",
                              .on_request = "answer(hello['params']['settings'])"});
  options_.settings["slate"] = {{"b", 2}, {"c", 2}};
  open_with(PluginOrigin::user);
  EXPECT_EQ(*run("slate"), R"({"a":1,"b":2,"c":2})");
  EXPECT_EQ(*catalog_->settings_for("slate", {{"c", 3}, {"d", "x"}}, "stage.s"),
            Json({{"a", 1}, {"b", 2}, {"c", 3}, {"d", "x"}}));
  EXPECT_EQ(catalog_->settings_for("slate", {{"c", 3}}, "stage.s").error().what, "stage.s.d must be set");
  EXPECT_EQ(catalog_->settings_for("slate", {{"e", 3}}, "stage.s").error().what,
            "no such setting: stage.s.e");
}

TEST_F(ForeignPlugins, WrongSettingsKeepItFromStarting) {
  test::make_plugin(folder_, {});
  options_.settings["slate"] = {{"a", 1}};
  open_with(PluginOrigin::user);
  EXPECT_EQ(run("slate").error().what, "no such setting: plugin.slate.a");
}

TEST_F(ForeignPlugins, FoldersAreNotListedForABuiltIn) {
  open_with(PluginOrigin::user);
  ASSERT_TRUE(run("echo").has_value());
  test::make_plugin(folder_,
                    {});  // after the catalogue was opened, before anybody asked for more than a built-in
  EXPECT_TRUE(run("slate").has_value());
}

}  // namespace
}  // namespace souschef::core
