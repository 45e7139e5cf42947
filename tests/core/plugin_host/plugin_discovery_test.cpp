// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_discovery.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/support/plugin_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

std::vector<std::string> names(const std::vector<FoundPlugin>& found) {
  std::vector<std::string> list;
  for (const FoundPlugin& plugin : found)
    list.push_back(std::string(name_of(plugin.origin)) + ":" + plugin.folder.filename().string() +
                   (plugin.manifest ? "" : "!"));
  return list;
}

TEST(PluginDiscovery, PlacesComeInOrderAndFoldersByName) {
  const test::TempFolder first, second;
  test::make_plugin(first, {.id = "b"});
  test::make_plugin(first, {.id = "a"});
  test::make_plugin(second, {.id = "a"});
  const auto found =
      find_plugins({{first.path(), PluginOrigin::project}, {second.path(), PluginOrigin::user}});
  EXPECT_EQ(names(found), (std::vector<std::string>{"project:a", "project:b", "user:a"}));
}

TEST(PluginDiscovery, PlaceThatIsAPluginIsThatPlugin) {
  const test::TempFolder folder;
  const auto plugin = test::make_plugin(folder, {.id = "a"});
  EXPECT_EQ(names(find_plugins({{plugin, PluginOrigin::path}})), std::vector<std::string>{"path:a"});
}

TEST(PluginDiscovery, BrokenManifestIsFoundAsBroken) {
  const test::TempFolder folder;
  folder.write("bad/plugin.json", "{");
  folder.write("empty/plugin.json", "");
  fs::create_directories(folder / "folder/plugin.json");
  fs::create_directory(folder / "dangling");
  fs::create_symlink("nowhere", folder / "dangling/plugin.json");
  EXPECT_EQ(names(find_plugins({{folder.path(), PluginOrigin::user}})),
            (std::vector<std::string>{"user:bad!", "user:dangling!", "user:empty!", "user:folder!"}));
}

TEST(PluginDiscovery, HugeManifestIsRefusedUnread) {
  const test::TempFolder folder;
  folder.write("big/plugin.json", "{\"id\": \"" + std::string(1 << 20, 'x') + "\"}");
  const auto found = find_plugins({{folder.path(), PluginOrigin::user}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].manifest.error().line().find("too long"), std::string::npos);
}

TEST(PluginDiscovery, WhatIsNoPluginIsPassedOver) {
  const test::TempFolder folder;
  folder.write("notes.txt", "");
  folder.write("empty-folder/readme", "");
  folder.write(".hidden/plugin.json", "{}");
  EXPECT_TRUE(
      find_plugins({{folder.path(), PluginOrigin::user}, {folder / "gone", PluginOrigin::user}}).empty());
}

TEST(PluginDiscovery, VariableComesFirst) {
  ::setenv("SOUSCHEF_PLUGIN_PATH", "/one::/two", 1);
  const auto places = plugin_places("/prod/.souschef/plugins");
  ::unsetenv("SOUSCHEF_PLUGIN_PATH");
  ASSERT_GE(places.size(), 5U);
  EXPECT_EQ(places[0].folder, "/one");
  EXPECT_EQ(places[1].folder, "/two");
  EXPECT_EQ(places[1].origin, PluginOrigin::path);
  EXPECT_EQ(places[2].origin, PluginOrigin::project);
  EXPECT_EQ(places[3].origin, PluginOrigin::user);
  EXPECT_EQ(places[4].origin, PluginOrigin::system);
}

}  // namespace
}  // namespace souschef::core
