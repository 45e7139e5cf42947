// SPDX-License-Identifier: MIT
// Stages of strangers' plugins that break in every way: each fails in words that name it, and neither the
// runner nor the other stages nor the next order are held up.
#include <gmock/gmock.h>

#include <map>

#include "tests/cli/program.hpp"
#include "tests/support/plugin_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::test {
namespace {

using testing::HasSubstr;

// How each one breaks when it is run, by its name.
const std::map<std::string, std::string> kMisdeeds = {{"crasher", "os.abort()"},
                                                      {"babbler", "raw('this is no answer\\n')"},
                                                      {"quitter", "sys.exit(0)"},
                                                      {"sleeper", "time.sleep(1000)"},
                                                      {"flooder", "while True: raw('x' * 100000)"}};

class BrokenStages : public ProgramTest {
 protected:
  void SetUp() override {
    if (!have_python()) GTEST_SKIP() << "no python3 here";
    ProgramTest::SetUp();
    std::string stages;
    for (const auto& [name, misdeed] : kMisdeeds) {
      PluginFolder plugin;
      plugin.id = name;
      plugin.more = R"(, "limits": {"seconds": 2})";
      plugin.on_request =
          "if request['method'] == 'stage.describe':\n"
          "    answer({'per': 'order', 'outputs': ['" +
          name +
          ".txt'], 'needs': []})\n"
          "else:\n    " +
          misdeed;
      const fs::path folder = make_plugin(folder_, plugin);
      const Ran added = run({"plugin", "add", folder.string(), "--yes"});
      ASSERT_EQ(added.exit_code, 0) << added.err;
      stages += "[[stage]]\nname = \"" + name + "\"\n";
    }
    init();
    ASSERT_EQ(run({"targets", "add", "flat", "/bin/sh"}).exit_code, 0);
    ASSERT_EQ(run({"config", "set", "target[flat].renderer", "null"}).exit_code, 0);
    write(".souschef/config.toml", read_file(root() / ".souschef/config.toml") + stages);
    write("tex.png", "pixels");
    write("a.blend", shot("//tex.png"));
  }
  std::string order(const std::string& output, const std::string& stages) const {
    const Ran ran = run({"order", "a.blend", output, "-t", "flat", "--stages", stages, "--json"});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    const auto records = ran.records();
    return records.empty() ? "" : records.front()["order"].get<std::string>();
  }
};

TEST_F(BrokenStages, FailByNameWhileEverythingElseGoesOn) {
  const std::string broken = order("one/", "render,crasher,babbler,quitter,sleeper,flooder,checksum");
  const std::string next = order("two/", "render,checksum");
  const Ran rendered = run({"render"});
  EXPECT_NE(rendered.exit_code, 0) << "somebody has to look at it: " << rendered.out << rendered.err;

  const core::Json shown = run({"show", broken, "--json"}).records().at(0);
  EXPECT_EQ(shown["frames"].size(), 3U);
  for (const auto& frame : shown["frames"]) EXPECT_EQ(frame["state"], "done");
  std::size_t failed = 0;
  for (const auto& stage : shown["stages"]) {
    const std::string name = stage["stage"];
    if (kMisdeeds.contains(name)) {
      ++failed;
      EXPECT_EQ(stage["state"], "failed") << name;
      EXPECT_THAT(stage.value("why", ""), HasSubstr(name));
    } else {
      EXPECT_EQ(stage["state"], "done") << name << ": " << stage.value("why", "");
    }
  }
  EXPECT_EQ(failed, kMisdeeds.size()) << shown["stages"];
  EXPECT_EQ(run({"show", next, "--json"}).records().at(0)["state"], "done");
  for (const char* folder : {"one", "two"}) {
    std::size_t sums = 0;
    for (const auto& file : fs::directory_iterator(root() / folder)) sums += file.path().extension() == ".b3";
    EXPECT_EQ(sums, 1U) << folder;
  }
}

}  // namespace
}  // namespace souschef::test
