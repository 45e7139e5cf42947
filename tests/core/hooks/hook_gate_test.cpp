// SPDX-License-Identifier: MIT
#include "core/hooks/hook_gate.hpp"

#include <gmock/gmock.h>

#include "tests/core/hooks/repository_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HookGateTest : public RepositoryFixture {
 protected:
  void SetUp() override {
    RepositoryFixture::SetUp();
    init_git();
    configure("hooks.entries", R"(["shots/**/*.blend"])");
  }
  // "path: reason" of each finding about what is staged.
  std::vector<std::string> findings() {
    const auto repository = Repository::find(root());
    const auto found = look_at_gate(*production_, **repository);
    EXPECT_TRUE(found) << found.error().line();
    std::vector<std::string> lines;
    if (found)
      for (const GateFinding& each : *found) lines.push_back(each.path + ": " + each.reason);
    return lines;
  }
  void stage() const { git({"add", "--all"}); }
};

TEST_F(HookGateTest, WholeShotPasses) {
  write_shot();
  stage();
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(HookGateTest, MissingFileIsFound) {
  write_shot();
  fs::remove(root() / "tex/a.png");
  stage();
  EXPECT_THAT(findings(), ElementsAre("//../tex/a.png: is missing"));
}

TEST_F(HookGateTest, AbsolutePathIsFoundThoughItLeadsHere) {
  write("tex/a.png", "x");
  write("shots/a.blend", blend({(root() / "tex/a.png").string()}));
  stage();
  EXPECT_THAT(findings(), ElementsAre((root() / "tex/a.png").string() + ": is an absolute path"));
}

TEST_F(HookGateTest, FileOutsideTheRepositoryIsFound) {
  folder_.write("elsewhere/wood.png", "x");
  write("shots/a.blend", blend({"//../../elsewhere/wood.png"}));
  stage();
  EXPECT_THAT(findings(), ElementsAre("//../../elsewhere/wood.png: is outside the repository"));
}

TEST_F(HookGateTest, ForgottenFileIsFoundAndAnIgnoredOneIsNot) {
  write_shot();
  write(".gitignore", "lib/tex/\n");
  git({"add", "shots", "lib/set.blend", ".gitignore"});
  EXPECT_THAT(findings(), ElementsAre("tex/a.png: was not added to the commit"));
}

TEST_F(HookGateTest, WhatIsStagedCountsNotTheWorkingCopy) {
  write_shot();
  stage();
  write("shots/a.blend", blend({"//gone.png"}));
  EXPECT_THAT(findings(), IsEmpty());
  stage();
  write_shot();
  EXPECT_THAT(findings(), ElementsAre("//gone.png: is missing"));
}

TEST_F(HookGateTest, ShotThatACommitDoesNotTouchIsLeftAlone) {
  write("shots/old.blend", blend({"//gone.png"}));
  commit("one");
  write("notes.txt", "x");
  stage();
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(HookGateTest, RemovedTextureIsFoundInTheShotsThatUseIt) {
  write_shot();
  commit("one");
  git({"rm", "--quiet", "lib/tex/wall.png"});
  EXPECT_THAT(findings(), ElementsAre("//tex/wall.png: is missing"));
}

}  // namespace
}  // namespace souschef::core
