// SPDX-License-Identifier: MIT
// docs/plugin-guide.md as a stranger follows it: its ```sh blocks, one after the other, in an empty folder,
// with the program and an installed SDK.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/run_program.hpp"
#include "tests/support/plugin_folder.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

struct Block {
  int line = 0;  // of the guide, where it begins
  std::string script;
};

std::vector<Block> blocks_of(const std::string& text) {
  std::vector<Block> blocks;
  std::istringstream in(text);
  int number = 0;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (!inside && line == "```sh") {
      blocks.push_back({number + 1, ""});
      inside = true;
    } else if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back().script += line + "\n";
    }
  }
  return blocks;
}

class Guide : public testing::Test {
 protected:
  RunResult run(std::vector<std::string> command) {
    ProcessOptions options;
    options.command = std::move(command);
    options.folder = folder_ / "work";
    options.errors = Stream::output;
    options.unset = {"SOUSCHEF_PLUGIN_PATH", "CXXFLAGS", "CC", "CXX"};
    options.environment = {{"PATH", std::string(PROGRAM_FOLDER) + ":" + std::getenv("PATH")},
                           {"HOME", folder_ / "home"},
                           {"XDG_DATA_HOME", folder_ / "data"},
                           {"XDG_STATE_HOME", folder_ / "state"},
                           {"XDG_CONFIG_HOME", folder_ / "config"},
                           {"CMAKE_PREFIX_PATH", folder_ / "installed"}};
    RunOptions limits;
    limits.limits.time = std::chrono::minutes(4);
    auto ran = run_program(std::move(options), limits);
    EXPECT_TRUE(ran.has_value()) << ran.error().line();
    return ran ? *ran : RunResult();
  }
  test::TempFolder folder_;
};

TEST_F(Guide, EveryCommandInItWorks) {
  if (!test::have_python() || std::system("c++ --version >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "no python3 or no compiler here";
  for (const char* name : {"work", "home", "installed"}) std::filesystem::create_directories(folder_ / name);
  ASSERT_TRUE(run({CMAKE_PROGRAM, "--install", std::string(SOUSCHEF_BINARY_FOLDER) + "/sdk", "--prefix",
                   folder_ / "installed"})
                  .end.success());
  const auto blocks =
      blocks_of(test::read_file(std::string(SOUSCHEF_SOURCE_FOLDER) + "/docs/plugin-guide.md"));
  ASSERT_GE(blocks.size(), 6U);
  for (const Block& block : blocks) {
    const RunResult ran = run({"/bin/bash", "-euc", block.script});
    EXPECT_TRUE(ran.end.success()) << "docs/plugin-guide.md:" << block.line << " " << ran.end.text() << "\n"
                                   << block.script << ran.output;
  }
}

}  // namespace
}  // namespace souschef::core
