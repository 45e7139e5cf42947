// SPDX-License-Identifier: MIT
// What the tracer says, held against what Blender says of files that it has just made. Skipped where there is
// no Blender.
#include <cstdlib>
#include <fstream>

#include "plugins/blend/json.hpp"
#include "tests/plugins/blend/closure.hpp"
#include "tests/plugins/blend/convert.hpp"
#include "tests/plugins/blend/opened.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::blend {
namespace {

namespace fs = std::filesystem;

bool has_blender() {
  return std::system("command -v blender >/dev/null 2>&1") == 0;
}

int run_blender(const std::string& arguments, const fs::path& log) {
  const std::string command =
      "blender -b --factory-startup " + arguments + " >'" + log.string() + "' 2>&1 </dev/null";
  return std::system(command.c_str());
}

const fs::path kScripts = fs::path(SOUSCHEF_SOURCE_FOLDER) / "tests/plugins/blend";

class Blender : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_blender()) GTEST_SKIP() << "no blender on this machine";
    run_blender(
        "--python '" + (kScripts / "make_files.py").string() + "' -- '" + folder_.path().string() + "'",
        folder_ / "log");
    ASSERT_TRUE(fs::exists(folder_ / "main_packed.blend.json")) << test::read_file(folder_ / "log");
  }
  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
      if (entry.path().string().ends_with(".blend") && fs::exists(entry.path().string() + ".json"))
        all.push_back(entry.path());
    std::sort(all.begin(), all.end());
    return all;
  }
  [[nodiscard]] static Json said_of(const fs::path& blend) {
    return Json::parse(test::read_file(blend.string() + ".json"));
  }
  test::TempFolder folder_;
};

TEST_F(Blender, EverythingThatItListsIsInTheTrace) {
  ASSERT_GE(files().size(), 9U);
  for (const fs::path& blend : files()) {
    const Closure closure(blend);
    EXPECT_TRUE(closure.missing.empty());
    for (const Json& path : said_of(blend)["all"]) {
      // Blender lists caches in their default folder as empty.
      if (path.get<std::string>().empty()) continue;
      EXPECT_TRUE(closure.paths.contains(path.get<std::string>())) << blend << " lacks " << path;
    }
  }
}

TEST_F(Blender, WhatItForgetsIsInTheTraceToo) {
  const std::string root = folder_.path().string();
  const Closure simulations(folder_ / "simulations.blend");
  for (const char* path : {"/blendcache_simulations", "/sbext", "/cache_fluid_x"})
    EXPECT_TRUE(simulations.paths.contains(root + path)) << path;
  EXPECT_TRUE(Closure(folder_ / "nodes.blend").paths.contains(root + "/some/path.csv"));
  // What is in a library and not used is not.
  EXPECT_FALSE(Closure(folder_ / "main.blend").paths.contains(root + "/lib/tex/unused.png"));
  // Packed libraries are read in memory.
  const Closure packed(folder_ / "main_packed.blend");
  EXPECT_TRUE(packed.paths.contains(root + "/lib/tex/deep.png"));
  EXPECT_FALSE(packed.paths.contains(root + "/lib/deep.blend"));

  const Traced trace(test::read_file(folder_ / "simulations.blend"));
  std::multiset<std::string> kinds;
  for (const TracedSimulation& simulation : trace.simulations) kinds.insert(simulation.kind);
  EXPECT_EQ(kinds, (std::multiset<std::string>{"cloth", "dynamic_paint", "fluid", "particles", "rigid_body",
                                               "soft_body"}));
}

TEST_F(Blender, FactsAreThoseOfTheScene) {
  const Traced trace(test::read_file(folder_ / "nodes.blend"));
  const Json facts = Json::parse(trace.facts_json);
  const Json& scene = facts["scenes"][0];
  EXPECT_EQ(scene["engine"], "CYCLES");
  EXPECT_EQ(scene["samples"], 77);
  EXPECT_EQ(scene["cycles"]["adaptive"], false);
  EXPECT_EQ(scene["size"], Json({320, 180}));
  EXPECT_EQ(scene["frame_end"], 5);
  EXPECT_NEAR(scene["fps_base"].get<double>(), 1.001, 1e-6);
  EXPECT_EQ(scene["compositor"], true);
  EXPECT_EQ(scene["output"]["path"], "//render/img_");
  EXPECT_EQ(facts["scripts"]["python_drivers"].size(), 1U);
  std::vector<std::string> outputs;
  for (const TracedOutput& output : trace.outputs)
    if (output.kind == OutputKind::file_node && !output.muted)
      outputs.push_back(output.node + " " + output.path + output.slot);
  EXPECT_EQ(outputs,
            (std::vector<std::string>{"File Output //comp/Image", "Group/File Output //grouped/Image"}));
}

// Every path of a file is changed, and the file opened: Blender has the new ones.
TEST_F(Blender, OpensWhatWasRewritten) {
  std::map<std::string, std::set<std::string>> expected;
  for (const char* name : {"images", "media", "simulations", "nodes", "main"}) {
    const Traced trace(test::read_file(folder_ / (std::string(name) + ".blend")));
    std::vector<PathChange> changes;
    for (std::uint32_t i = 0; i < trace.references.size(); ++i) {
      const TracedReference& reference = trace.references[i];
      if (!reference.rewritable || reference.path.empty()) continue;
      const std::size_t slash = reference.path.find_last_of("/\\");
      changes.push_back({i, "//moved/to/a/place/that/is/further/down/" + reference.path.substr(slash + 1)});
      expected[name].insert(changes.back().path);
    }
    StringSink out;
    const Status done = BlendTracer().rewrite(*trace.analysis, changes, out);
    ASSERT_TRUE(done) << done.error().line();
    folder_.write(std::string(name) + "_moved.blend", out.text);
  }
  folder_.write("ask.py",
                "import bpy, json, sys\n"
                "said = {}\n"
                "for name in sys.argv[sys.argv.index('--') + 2:]:\n"
                "    bpy.ops.wm.open_mainfile(filepath=sys.argv[sys.argv.index('--') + 1] + '/' + name + "
                "'_moved.blend')\n"
                "    said[name] = bpy.utils.blend_paths(absolute=False, packed=False, local=True)\n"
                "    for lib in bpy.data.libraries: said[name].append(lib.filepath)\n"
                "json.dump(said, open(sys.argv[sys.argv.index('--') + 1] + '/said.json', 'w'))\n");
  run_blender("--python '" + (folder_ / "ask.py").string() + "' -- '" + folder_.path().string() +
                  "' images media simulations nodes main",
              folder_ / "log");
  ASSERT_TRUE(fs::exists(folder_ / "said.json")) << test::read_file(folder_ / "log");
  const Json said = Json::parse(test::read_file(folder_ / "said.json"));
  for (const auto& [name, paths] : expected) {
    std::size_t seen = 0;
    for (const Json& path : said.at(name)) {
      if (path.get<std::string>().empty()) continue;
      ++seen;
      EXPECT_TRUE(paths.contains(path.get<std::string>())) << name << ": " << path;
    }
    EXPECT_GE(seen, 1U) << name;
  }
}

// A file of Blender in the layouts that this Blender cannot write.
TEST_F(Blender, ItsFilesInOtherLayoutsAreTracedAlike) {
  for (const char* name : {"images", "media", "simulations", "nodes", "main", "main_packed"}) {
    const std::string bytes = test::read_file(folder_ / (std::string(name) + ".blend"));
    const Traced expected(bytes);
    for (const std::string& other : {with_large_heads(bytes), big_endian(bytes)}) {
      const Traced trace(other);
      ASSERT_EQ(trace.failure, "") << name;
      EXPECT_EQ(trace.paths(), expected.paths()) << name;
      EXPECT_EQ(trace.used, expected.used) << name;
      ASSERT_EQ(trace.references.size(), expected.references.size());
      for (std::size_t i = 0; i < trace.references.size(); ++i) {
        EXPECT_EQ(trace.references[i].expansion, expected.references[i].expansion) << name;
        EXPECT_EQ(trace.references[i].need, expected.references[i].need) << name;
      }
      Json a = Json::parse(trace.facts_json), b = Json::parse(expected.facts_json);
      EXPECT_EQ(a["scenes"], b["scenes"]) << name;
    }
  }
}

}  // namespace
}  // namespace souschef::blend
