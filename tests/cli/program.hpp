// SPDX-License-Identifier: MIT
// The program as a person runs it: words in, text and an exit code out, in a home of its own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/json_text.hpp"
#include "core/base/run_program.hpp"
#include "tests/support/blend_writer.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::test {

struct Ran {
  int exit_code = -1;
  std::string out, err;

  // The records of --json but those of progress: how many of these there are depends on the machine's mood.
  [[nodiscard]] std::vector<core::Json> records() const {
    std::vector<core::Json> all;
    for (std::size_t start = 0; start < out.size();) {
      const std::size_t end = std::min(out.find('\n', start), out.size());
      const auto json = core::parse_json(std::string_view(out).substr(start, end - start));
      if (json && json->value("type", "") != "progress") all.push_back(*json);
      start = end + 1;
    }
    return all;
  }
};

class ProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ / "home");
    std::filesystem::create_directories(root());
  }
  [[nodiscard]] std::filesystem::path root() const { return folder_ / "prod"; }
  std::filesystem::path write(const std::string& name, std::string_view content) const {
    return folder_.write("prod/" + name, content);
  }

  // souschef WORDS, in the production's folder.
  [[nodiscard]] Ran run(std::vector<std::string> words) const {
    words.insert(words.begin(), SOUSCHEF_PROGRAM);
    return run_program(std::move(words));
  }
  // Any program, in the production's folder.
  [[nodiscard]] Ran run_program(std::vector<std::string> command) const {
    core::RunOptions options;
    options.limits.time = std::chrono::minutes(4);
    const auto ran = core::run_program(process_options(std::move(command)), options);
    EXPECT_TRUE(ran) << ran.error().line();
    return ran ? Ran{ran->end.exit_code, ran->output, ran->errors} : Ran();
  }
  [[nodiscard]] core::ProcessOptions process_options(std::vector<std::string> command) const {
    core::ProcessOptions process;
    process.command = std::move(command);
    process.folder = root();
    const std::string home = (folder_ / "home").string();
    process.environment = {{"HOME", home},
                           {"XDG_STATE_HOME", home + "/state"},
                           {"XDG_CACHE_HOME", home + "/cache"},
                           {"SOUSCHEF_DEVICES", home + "/devices"}};
    process.unset = {"XDG_CONFIG_HOME", "SOUSCHEF_PLUGIN_PATH"};
    return process;
  }

  // A production whose target is a program that is there and is no Blender.
  void init() const {
    write(".souschef/config.toml", "[[target]]\nname = \"lts\"\npath = \"/bin/true\"\n");
    const Ran made = run({"init"});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    trust();
  }
  // What the config of the production runs is this user's wish.
  void trust() const { ASSERT_EQ(run({"config", "trust", "--yes"}).exit_code, 0); }
  // Frames 1 to 3 with one image.
  static std::string shot(const std::string& image) {
    BlendWriter writer;
    writer.datablock("SC", "Scene", "SCShot").set("r.sfra", 1).set("r.efra", 3);
    BlendNode object = writer.datablock("OB", "Object", "OBThing").set("type", 1);
    BlendNode used = writer.datablock("IM", "Image", "IMtex").set("name", image).set("source", 1);
    object.point("mat", object.pointers({used}));
    return writer.bytes();
  }

  TempFolder folder_;
};

}  // namespace souschef::test
