// SPDX-License-Identifier: MIT
// What the documents and help pages say must be what the program does: every command has examples,
// docs/config.md is the table of settings.
#include <fstream>
#include <regex>
#include <set>

#include <gmock/gmock.h>

#include "core/config_schema.hpp"
#include "tests/cli/program.hpp"

namespace fs = std::filesystem;

namespace souschef::test {
namespace {

using testing::HasSubstr;

const fs::path kSource = SOUSCHEF_SOURCE_FOLDER;

class Docs : public ProgramTest {
 protected:
  // The verbs of `souschef help`.
  std::set<std::string> verbs() const {
    std::set<std::string> all;
    const std::string text = run({"help"}).out;
    static const std::regex kLine("\n  ([a-z]+) {2,}[a-z]");
    for (std::sregex_iterator at(text.begin(), text.end(), kLine), end; at != end; ++at) all.insert((*at)[1]);
    return all;
  }
};

TEST_F(Docs, EveryCommandBeginsItsHelpWithExamples) {
  for (const std::string& verb : verbs()) {
    const Ran ran = run({verb, "--help"});
    EXPECT_EQ(ran.exit_code, 0) << verb;
    EXPECT_THAT(ran.out.substr(0, ran.out.find("souschef " + verb) + 20), HasSubstr("souschef " + verb))
        << verb;
    EXPECT_LT(ran.out.find("souschef " + verb), 400U) << verb;
  }
}

// docs/config.md as the table of settings makes it.
std::string config_page() {
  std::string page =
      "# Every setting\n\nMade from `core/config_schema.cpp`; a test keeps it so (`SOUSCHEF_ACCEPT=1` writes "
      "it "
      "anew). Where settings come from and which\nlayer wins: `souschef help config`. What is set here and "
      "now: "
      "`souschef config show`.\n\nA key like `target[].path` stands for a list of tables that are named by "
      "`name`:\n\n```toml\n[[target]]\nname = \"lts\"\npath = \"/opt/blender-4.2/blender\"\n```\n\n"
      "| key | value | default | |\n|---|---|---|---|\n";
  for (const core::ConfigKey& key : core::config_keys())
    page += "| `" + std::string(key.key) + "` | " + std::string(core::name_of(key.type)) +
            (key.unit.empty() ? "" : ", " + std::string(key.unit)) + " | " +
            (key.default_json == "null" ? "" : "`" + std::string(key.default_json) + "`") + " | " +
            std::string(key.doc) + " |\n";
  return page;
}

TEST_F(Docs, ConfigPageIsTheTableOfSettings) {
  const fs::path path = kSource / "docs/config.md";
  const std::string wanted = config_page();
  if (std::getenv("SOUSCHEF_ACCEPT") != nullptr) std::ofstream(path) << wanted;
  EXPECT_EQ(read_file(path), wanted) << "SOUSCHEF_ACCEPT=1 writes it anew";
}

}  // namespace
}  // namespace souschef::test
