// SPDX-License-Identifier: MIT
// What is really opened while a shot is rendered, seen by the kernel: a render of a banked shot opens nothing
// of the live tree, and a render of the live tree opens nothing that the trace has not named.
#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "tests/cli/program.hpp"
#include "tests/support/blender.hpp"

namespace fs = std::filesystem;

namespace souschef::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class OpenedFiles : public ProgramTest {
 protected:
  void SetUp() override {
    SOUSCHEF_NEEDS_BLENDER();
    ProgramTest::SetUp();
    if (run_program({"sh", "-c", "strace -o /dev/null true"}).exit_code != 0)
      GTEST_SKIP() << "there is no strace here, or it may not look at processes";
    if (run_program({"sh", "-c", "command -v ffmpeg"}).exit_code != 0)
      GTEST_SKIP() << "there is no ffmpeg here";
    write(".souschef/config.toml", "[[target]]\nname = \"lts\"\npath = \"" + blender_program() + "\"\n");
    ASSERT_EQ(run({"init"}).exit_code, 0);
  }

  void make(const std::string& script, std::vector<std::string> words) const {
    std::vector<std::string> command = {blender_program(),
                                        "-b",
                                        "--factory-startup",
                                        "--python-exit-code",
                                        "3",
                                        "--python",
                                        (kScripts / script).string(),
                                        "--"};
    command.insert(command.end(), words.begin(), words.end());
    const Ran made = run_program(std::move(command));
    ASSERT_EQ(made.exit_code, 0) << made.out << made.err;
  }

  // Runs a command and returns every file that it, or anything that it starts, has opened.
  [[nodiscard]] std::set<std::string> opened_by(std::vector<std::string> command) const {
    const std::string log = (folder_ / "strace.log").string();
    const std::vector<std::string> strace = {
        "strace", "-f", "--seccomp-bpf", "-y", "-e", "trace=open,openat,openat2,creat", "-o", log};
    command.insert(command.begin(), strace.begin(), strace.end());
    const Ran ran = run_program(std::move(command));
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    std::set<std::string> opened;
    std::ifstream lines(log);
    // 4711 openat(AT_FDCWD</tmp>, "a.png", O_RDONLY) = 3</tmp/a.png>
    for (std::string line; std::getline(lines, line);) {
      const std::size_t answer = line.rfind(" = ");
      const std::size_t name = line.find("</", answer);
      if (answer == std::string::npos || name == std::string::npos || line.back() != '>') continue;
      opened.insert(line.substr(name + 1, line.size() - name - 2));
    }
    return opened;
  }

  // Those below `folder`, without what Sous Chef keeps in its own and without what is rendered.
  static std::vector<std::string> below(const fs::path& folder, const std::set<std::string>& opened) {
    std::vector<std::string> found;
    for (const std::string& path : opened) {
      const std::string inside = fs::path(path).lexically_relative(folder).string();
      if (inside.starts_with("..") || inside.starts_with(".souschef/") || !fs::is_regular_file(path))
        continue;
      if (inside.find("render/") == std::string::npos) found.push_back(inside);
    }
    return found;
  }

  const fs::path kScripts = fs::path(SOUSCHEF_SOURCE_FOLDER) / "tests/data/blender";
};

class AbsoluteShot : public OpenedFiles {
 protected:
  void SetUp() override {
    OpenedFiles::SetUp();
    if (!IsSkipped()) make("make_linked.py", {folder_.path().string(), "0"});
  }

  // What a Blender that nobody drives makes of the files as they are now.
  [[nodiscard]] std::string plain_render(const std::string& shot) const {
    const std::string to = (folder_ / "plain/p_").string();
    opened_plain_ = opened_by({blender_program(), "-b", (root() / shot).string(), "-o", to, "-f", "1"});
    const std::string pixels = pixels_of(to + "0001.png");
    EXPECT_NE(pixels, "");
    return pixels;
  }

  // Banks the shot, makes everything anew with another look, and renders what was banked.
  void expect_renders_as_banked(const std::string& shot) const {
    const std::string expected = plain_render(shot);
    const Ran banked = run({"snapshot", shot, "--allow-outside", "--json"});
    ASSERT_EQ(banked.exit_code, 0) << banked.err;
    make("make_linked.py", {folder_.path().string(), "1"});
    ASSERT_TRUE(plain_render(shot) != expected) << "the other look is the same";

    const std::string job = banked.records().at(0)["job"];
    ASSERT_EQ(run({"order", job, "-t", "lts"}).exit_code, 0);
    const std::set<std::string> opened = opened_by({SOUSCHEF_PROGRAM, "render"});
    EXPECT_THAT(below(root(), opened), IsEmpty());
    EXPECT_THAT(below(folder_ / "outside", opened), IsEmpty());
    EXPECT_TRUE(pixels_of(root() / "shots/render/p_0001.png") == expected);
  }

  mutable std::set<std::string> opened_plain_;
};

TEST_F(AbsoluteShot, LibrariesNestedTwoDeepRenderFromTheBank) {
  expect_renders_as_banked("shots/nested.blend");
  // What the check would have seen.
  EXPECT_THAT(below(root(), opened_plain_),
              AllOf(Contains("lib/deep/stone.blend"), Contains("lib/deep/tex/stone.png"),
                    Contains("lib/set.blend"), Contains("tex/own.png")));
}

TEST_F(AbsoluteShot, LibraryOutsideTheProductionRendersFromTheBank) {
  expect_renders_as_banked("shots/outside.blend");
  EXPECT_THAT(below(folder_ / "outside", opened_plain_),
              AllOf(Contains("props/barrel.blend"), Contains("props/tex/wood.png")));
}

class EveryKind : public OpenedFiles {
 protected:
  void SetUp() override {
    OpenedFiles::SetUp();
    if (!IsSkipped()) make("make_everything.py", {root().string()});
  }
  // Every file that the trace says a render needs.
  [[nodiscard]] std::set<std::string> traced(const std::string& shot) const {
    const core::Json trace = run({"trace", shot, "--json"}).records().at(0);
    std::set<std::string> files;
    for (const core::Json& blend : trace["blends"]) files.insert(blend);
    for (const core::Json& dependency : trace["dependencies"]) {
      if (dependency["state"] == "not_needed") continue;
      if (dependency.contains("sequence"))
        files.insert(dependency["sequence"].begin(), dependency["sequence"].end());
      else
        files.insert(fs::path(dependency["resolved"].get<std::string>()).lexically_relative(root()));
    }
    return files;
  }
  void expect_all_traced(const std::string& shot, std::size_t least) const {
    const auto opened = below(root(), opened_by({blender_program(), "-b", (root() / shot).string(), "-a"}));
    EXPECT_GE(opened.size(), least);
    const std::set<std::string> files = traced(shot);
    for (const std::string& file : opened)
      EXPECT_TRUE(files.contains(file)) << file << " is not in the trace";
  }
};

TEST_F(EveryKind, OpenedByARenderOfObjectsIsInTheTrace) {
  expect_all_traced("everything.blend", 26);
}

TEST_F(EveryKind, OpenedByARenderOfTheSequencerIsInTheTrace) {
  expect_all_traced("cut.blend", 5);
}

}  // namespace
}  // namespace souschef::test
