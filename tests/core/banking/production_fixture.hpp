// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/banking/snapshot.hpp"
#include "core/jobs/restore.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/config_trust.hpp"
#include "core/production/init_production.hpp"
#include "core/production/production.hpp"
#include "tests/support/blend_writer.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {

// A production in a temporary folder, made and opened, with a home of its own so that nothing of the user's
// counts.
class ProductionFixture : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ / "home");
    ::setenv("HOME", (folder_ / "home").c_str(), 1);
    ::unsetenv("XDG_STATE_HOME");
    ::unsetenv("XDG_CONFIG_HOME");
    ::unsetenv("XDG_CACHE_HOME");
    std::filesystem::create_directories(root());
    const auto made = init_production(root(), {});
    ASSERT_TRUE(made) << made.error().line();
    reopen();
  }
  void reopen() {
    production_.reset();
    auto opened = Production::open(root());
    ASSERT_TRUE(opened) << opened.error().line();
    production_ = std::move(*opened);
  }

  // As `souschef config trust --yes`: whoever wrote the config of a test is this user.
  void trust_config_of_project() {
    const auto plugins = production_->plugins();
    ASSERT_TRUE(plugins) << plugins.error().line();
    const Status trusted = trust_config(production_->config(), **plugins);
    ASSERT_TRUE(trusted) << trusted.error().line();
  }

  [[nodiscard]] std::filesystem::path root() const { return folder_ / "prod"; }
  std::filesystem::path write(const std::string& name, std::string_view content) const {
    return folder_.write("prod/" + name, content);
  }

  // A .blend that uses images and links one object of each library: path as written -> object name.
  static std::string blend(const std::vector<std::string>& images,
                           const std::map<std::string, std::string>& libraries = {},
                           const std::string& own_object = "OBThing") {
    test::BlendWriter writer;
    writer.datablock("SC", "Scene", "SCScene");
    test::BlendNode object = writer.datablock("OB", "Object", own_object)
                                 .set("type", 1);  // a mesh: empties show images in viewports only
    std::vector<test::BlendNode> used;
    for (const std::string& path : images)
      used.push_back(writer.datablock("IM", "Image", "IM" + path.substr(path.rfind('/') + 1))
                         .set("name", path)
                         .set("source", 1));
    for (const auto& [path, name] : libraries) {
      test::BlendNode library =
          writer.datablock("LI", "Library", "LI" + path.substr(path.rfind('/') + 1)).set("name", path);
      used.push_back(writer.placeholder(name, library));
    }
    if (!used.empty()) object.point("mat", object.pointers(used));
    return writer.bytes();
  }

  Result<SnapshotResult> bank(const std::string& name, SnapshotRequest request = {}) {
    request.path = name.empty() ? root() : root() / name;
    return take_snapshot(*production_, request);
  }
  // Into a folder that is made anew each time: what was restored before is gone.
  Result<std::filesystem::path> restore(JobId job) const {
    RestoreRequest request;
    request.job = job;
    request.folder = folder_ / "restored";
    std::filesystem::remove_all(request.folder);
    SOUSCHEF_TRY([[maybe_unused]] const RestoreResult result, restore_job(*production_, request));
    return request.folder;
  }
  Manifest manifest(JobId job) {
    auto loaded = JobStore(*production_).load(job);
    EXPECT_TRUE(loaded) << loaded.error().line();
    return loaded ? *loaded : Manifest();
  }

  test::TempFolder folder_;
  std::unique_ptr<Production> production_;
};

}  // namespace souschef::core
