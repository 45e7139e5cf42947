// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_install.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/base/folder_hash.hpp"
#include "core/plugin_host/plugin_discovery.hpp"
#include "tests/support/temp_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

class PluginInstallTest : public testing::Test {
 protected:
  PluginInstallTest() { write("1.0"); }
  void write(const std::string& version) {
    folder_.write("from/plugin.json", R"({"id": "slate", "version": ")" + version +
                                          R"(", "summary": "x", "kinds": ["stage"], "abi": "1.0",
      "run": {"any": "bin/slate"}})");
    folder_.write("from/bin/slate", "#!/bin/sh\n");
    fs::permissions(folder_ / "from/bin/slate", fs::perms::owner_all);
    folder_.write("from/.git/config", "secret");
  }
  Result<InstalledPlugin> install(IfInstalled if_installed = IfInstalled::refuse) {
    return install_plugin(folder_ / "from", folder_ / "plugins", if_installed);
  }
  // What is there beside the plugin.
  std::size_t rest() {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_ / "plugins"), fs::directory_iterator()));
  }

  test::TempFolder folder_;
};

TEST_F(PluginInstallTest, PluginIsThereAndTheSame) {
  const auto installed = install();
  ASSERT_TRUE(installed.has_value()) << installed.error().line();
  EXPECT_EQ(installed->folder, folder_ / "plugins/slate");
  EXPECT_EQ(*hash_of_folder(installed->folder), *hash_of_folder(folder_ / "from"));
  EXPECT_FALSE(fs::exists(installed->folder / ".git"));
  EXPECT_EQ(rest(), 1U);
  const auto found = find_plugins({{folder_ / "plugins", PluginOrigin::user}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].manifest.has_value());
}

TEST_F(PluginInstallTest, SecondTimeIsRefused) {
  ASSERT_TRUE(install().has_value());
  write("2.0");
  EXPECT_EQ(install().error().code, ErrorCode::exists);
  EXPECT_EQ(read_plugin(folder_ / "plugins/slate", PluginOrigin::user).manifest->version, "1.0");
}

TEST_F(PluginInstallTest, ReplaceTakesThePlace) {
  ASSERT_TRUE(install().has_value());
  folder_.write("plugins/slate/old.txt", "of the old one");
  write("2.0");
  ASSERT_TRUE(install(IfInstalled::replace).has_value());
  EXPECT_EQ(read_plugin(folder_ / "plugins/slate", PluginOrigin::user).manifest->version, "2.0");
  EXPECT_FALSE(fs::exists(folder_ / "plugins/slate/old.txt"));
  EXPECT_EQ(rest(), 1U);
}

TEST_F(PluginInstallTest, LinkThatLeadsOutIsRefusedAndNothingIsLeft) {
  fs::create_symlink("/etc/passwd", folder_ / "from/data");
  EXPECT_EQ(install().error().code, ErrorCode::bad_input);
  EXPECT_FALSE(fs::exists(folder_ / "plugins/slate"));
}

TEST_F(PluginInstallTest, FolderWithoutManifestIsRefused) {
  fs::remove(folder_ / "from/plugin.json");
  EXPECT_FALSE(install().has_value());
  EXPECT_FALSE(fs::exists(folder_ / "plugins"));
}

}  // namespace
}  // namespace souschef::core
