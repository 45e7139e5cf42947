// SPDX-License-Identifier: MIT
// What the documents and help pages say must be what the program does: every command and every option that
// stands in an example exists, every command has examples, docs/config.md is the table of settings.
#include <fstream>
#include <regex>
#include <set>

#include <gmock/gmock.h>

#include "core/production/config_schema.hpp"
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
    static const std::regex kLine("\n  ([a-z-]+) {2,}[a-z]");
    for (std::sregex_iterator at(text.begin(), text.end(), kLine), end; at != end; ++at) all.insert((*at)[1]);
    return all;
  }
  static std::vector<fs::path> documents() {
    std::vector<fs::path> all = {kSource / "README.md"};
    for (const char* folder : {"docs", "cli/help"})  // docs/format is about bytes
      for (const auto& entry : fs::directory_iterator(kSource / folder))
        if (entry.path().extension() == ".md") all.push_back(entry.path());
    return all;
  }
  // Lines of fenced blocks that begin with "souschef ", and `souschef ...` in running text.
  static std::vector<std::string> examples(const fs::path& document) {
    std::vector<std::string> all;
    std::ifstream file(document);
    bool code = false;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("```")) {
        code = !code;
      } else if (code && line.starts_with("souschef ")) {
        all.push_back(line);
      } else if (!code) {
        static const std::regex kQuoted("`(souschef [^`]*)`");
        for (std::sregex_iterator at(line.begin(), line.end(), kQuoted), end; at != end; ++at)
          all.push_back((*at)[1]);
      }
    }
    return all;
  }
  // The command of an example without what is said about it: two spaces end it.
  static std::vector<std::string> words_of(const std::string& example) {
    std::vector<std::string> words;
    std::istringstream in(example.substr(0, example.find("  ")));
    for (std::string word; in >> word;) words.push_back(word);
    return words;
  }
};

TEST_F(Docs, EveryCommandBeginsItsHelpWithExamples) {
  for (const std::string& verb : verbs()) {
    const Ran ran = run({verb, "--help"});
    EXPECT_EQ(ran.exit_code, 0) << verb;
    EXPECT_LT(ran.out.find("souschef " + verb), 400U) << verb;
  }
}

TEST_F(Docs, WhoeverAsksForHelpAtFirstSeesTheOverview) {
  const std::string overview = run({"help"}).out;
  EXPECT_NE(overview.find("souschef init"), std::string::npos);
  EXPECT_EQ(run({"--help"}).out, overview);
  EXPECT_EQ(run({"-h"}).out, overview);
}

TEST_F(Docs, OptionsBesideTheWishForHelpDoNotChangeTheAnswer) {
  const std::string overview = run({"help"}).out;
  EXPECT_EQ(run({"-q", "--help"}).out, overview);
  EXPECT_EQ(run({"-h", "-C", "/", "--help"}).out, overview);
}

TEST_F(Docs, EveryExampleNamesACommandAndItsOptions) {
  const std::set<std::string> known = verbs();
  ASSERT_GT(known.size(), 20U);
  std::map<std::string, std::string> help;
  for (const fs::path& document : documents())
    for (const std::string& example : examples(document)) {
      const std::vector<std::string> words = words_of(example);
      if (words.size() < 2) continue;
      std::string verb = words[1];
      static const std::regex kPlaceholder("[A-Z]+.*|\\.\\.\\.|--?[a-z].*");
      if (std::regex_match(verb, kPlaceholder)) continue;
      if (verb.ends_with(".blend")) verb = "order";
      if (verb == "inspect") verb = "trace";
      EXPECT_TRUE(known.contains(verb)) << document << ": " << example;
      if (!known.contains(verb)) continue;
      std::string& page = help[verb];
      if (page.empty()) page = run({verb, "--help"}).out;
      for (const std::string& word : words) {
        static const std::regex kOption("\\[?(--[a-z-]+).*");
        std::smatch option;
        if (!std::regex_match(word, option, kOption) || option[1] == "--help") continue;
        EXPECT_THAT(page, HasSubstr(option[1].str())) << document << ": " << example;
      }
    }
}

// docs/config.md as the table of settings makes it.
std::string config_page() {
  std::string page =
      "# Every setting\n\nMade from `core/production/config_schema.cpp`; a test keeps it so "
      "(`SOUSCHEF_ACCEPT=1` writes "
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
