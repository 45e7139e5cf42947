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

// Two File Output nodes, one of them in a group, a muted one, one whose label says "ignore", and the
// composite.
class WrittenFiles : public OpenedFiles {
 protected:
  void SetUp() override {
    OpenedFiles::SetUp();
    if (IsSkipped()) return;
    fs::create_directories(root() / "shots");
    fs::copy_file(blender_scenes() / "nodes.blend", root() / "shots/nodes.blend");
  }

  // Runs a command and returns every name that it, or anything that it starts, has opened for writing, made
  // or renamed something to.
  [[nodiscard]] std::set<std::string> written_by(std::vector<std::string> command, int exit_code) const {
    const std::string log = (folder_ / "strace.log").string();
    const std::vector<std::string> strace = {
        "strace",
        "-f",
        "--seccomp-bpf",
        "-s",
        "4096",
        "-y",
        "-e",
        "trace=openat,openat2,open,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat",
        "-o",
        log};
    command.insert(command.begin(), strace.begin(), strace.end());
    const Ran ran = run_program(std::move(command));
    EXPECT_EQ(ran.exit_code, exit_code) << ran.out << ran.err;
    std::set<std::string> written;
    std::ifstream lines(log);
    for (std::string line; std::getline(lines, line);) {
      if (line.find(" = -1 ") != std::string::npos) continue;
      const bool opens = line.find(" open") != std::string::npos || line.find(" creat(") != std::string::npos;
      const bool to_write = line.find("O_WRONLY") != std::string::npos ||
                            line.find("O_RDWR") != std::string::npos ||
                            line.find("creat(") != std::string::npos;
      if (opens && !to_write) continue;
      // The last name in quotes; where it is relative, behind the folder in front of it.
      const std::size_t end = line.rfind('"');
      const std::size_t begin = end == std::string::npos ? end : line.rfind('"', end - 1);
      if (begin == std::string::npos) continue;
      std::string name = line.substr(begin + 1, end - begin - 1);
      if (!name.starts_with('/')) {
        const std::size_t folder = line.rfind("</", begin), close = line.find('>', folder);
        if (folder == std::string::npos || close > begin) continue;
        name = line.substr(folder + 1, close - folder - 1) + "/" + name;
      }
      written.insert(fs::path(name).lexically_normal());
    }
    return written;
  }

  // Without what belongs to Sous Chef, to the test's home and to the system's devices.
  [[nodiscard]] std::vector<std::string> elsewhere(const std::set<std::string>& written,
                                                   const std::vector<fs::path>& allowed) const {
    std::vector<std::string> found;
    for (const std::string& name : written) {
      const auto is_below = [&](const fs::path& folder) { return name.starts_with(folder.string() + "/"); };
      bool known = is_below(root() / ".souschef") || is_below(folder_ / "home") || is_below("/dev") ||
                   is_below("/proc") || is_below("/sys");
      for (const fs::path& folder : allowed) known = known || is_below(folder);
      if (!known) found.push_back(name);
    }
    return found;
  }
  [[nodiscard]] std::set<std::string> files_below(const fs::path& folder) const {
    std::set<std::string> files;
    if (fs::exists(folder))
      for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files.insert(entry.path());
    return files;
  }
};

TEST_F(WrittenFiles, FramesArriveAsTheDryRunSaidAndNothingIsWrittenElsewhere) {
  std::set<std::string> said;
  for (const core::Json& record :
       run({"order", "shots/nodes.blend", "out/here/", "-F", "7", "--dry-run", "--json"}).records())
    if (record["type"] == "output") said.insert(record["first_files"].begin(), record["first_files"].end());
  EXPECT_EQ(said.size(), 5U)
      << "the composite, two slots of a node, one of the group's, and the ignored one's";
  const std::string kept = (root() / "shots/kept/k_0007.png").string();
  EXPECT_TRUE(said.contains(kept)) << "its label says ignore: it stays where the file says";

  ASSERT_EQ(run({"order", "shots/nodes.blend", "out/here/", "-F", "7"}).exit_code, 0);
  const auto before = files_below(root() / "shots");
  const auto written = written_by({SOUSCHEF_PROGRAM, "render"}, 0);
  std::set<std::string> made = files_below(root() / "out");
  for (const std::string& file : files_below(root() / "shots"))
    if (!before.contains(file)) made.insert(file);
  EXPECT_EQ(made, said);
  // The ignored node's place is the file's own: the frames are staged above both.
  std::vector<fs::path> allowed = {root() / "out", root() / "shots/kept"};
  for (const auto& name : written)
    if (name.starts_with((root() / ".souschef-staging").string()))
      allowed.emplace_back(root() / ".souschef-staging");
  EXPECT_THAT(elsewhere(written, allowed), IsEmpty());
}

// What the worker changes in the opened file does not take: the artist's own paths are still there.
TEST_F(WrittenFiles, NothingIsRenderedWhereAnOutputCannotBeMoved) {
  write("sabotage.py",
        "import builtins\n"
        "was = builtins.setattr\n"
        "def setattr(thing, name, value):\n"
        "    if name != 'base_path': was(thing, name, value)\n"
        "builtins.setattr = setattr\n");
  write(".souschef/config.toml", "[[target]]\nname = \"lts\"\npath = \"" + blender_program() +
                                     "\"\narguments = [\"--python\", \"" + (root() / "sabotage.py").string() +
                                     "\"]\n");
  trust();
  ASSERT_EQ(run({"order", "shots/nodes.blend", "out/here/", "-F", "7", "--name", "fisk"}).exit_code, 0);
  const auto before = files_below(root() / "shots");
  const auto written = written_by({SOUSCHEF_PROGRAM, "render"}, 3);
  EXPECT_THAT(run({"show", "fisk"}).out, HasSubstr("does not take the path"));
  EXPECT_TRUE(files_below(root() / "out").empty());
  EXPECT_EQ(files_below(root() / "shots"), before);
  for (const std::string& name : written)
    EXPECT_FALSE(name.ends_with(".png") || name.ends_with(".exr")) << name;
}

}  // namespace
}  // namespace souschef::test
