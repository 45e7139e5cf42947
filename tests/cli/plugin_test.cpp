// SPDX-License-Identifier: MIT
// Plugins and events as people meet them.
#include <gmock/gmock.h>

#include "tests/cli/program.hpp"
#include "tests/support/plugin_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class PluginWords : public ProgramTest {
 protected:
  // In the production: not trusted yet.
  void add_slate() const { write_plugin(".souschef/plugins/slate", "python3"); }
  void write_plugin(const std::string& folder, const std::string& program) const {
    write(folder + "/plugin.json",
          R"({"id": "slate", "version": "1.0", "summary": "A slate.", "kinds": ["stage"],
      "abi": "1.0", "run": {"any": [")" +
              program + R"(", "s.py"]}, "permissions": ["network"],
      "settings": {"most": {"type": "integer", "default": 3, "maximum": 9, "description": "How many."}}})");
    write(folder + "/s.py", "");
  }
  [[nodiscard]] core::Json plugin(const std::string& id) const {
    for (const core::Json& record : run({"plugin", "list", "--json"}).records())
      if (record.value("id", "") == id) return record;
    return {};
  }
};

TEST_F(PluginWords, BuiltInsAreListedWithoutAProduction) {
  const Ran ran = run({"plugin", "list"});
  EXPECT_EQ(ran.exit_code, 0);
  for (const char* id : {"blend", "blender", "checksum", "contact_sheet", "exec", "ffmpeg", "notify"})
    EXPECT_THAT(ran.out, HasSubstr(id));
  EXPECT_EQ(ran.err, "");
}

TEST_F(PluginWords, BrokenOneIsShownWithItsReason) {
  init();
  write(".souschef/plugins/bad/plugin.json", "{");
  EXPECT_EQ(plugin("bad").at("state"), "broken");
  EXPECT_THAT(run({"plugin", "list"}).out,
              AllOf(HasSubstr("bad: plugin.json cannot be read"), HasSubstr("ffmpeg")));
}

TEST_F(PluginWords, PluginOfTheProductionRunsOnceItIsTrustedAsItIs) {
  init();
  add_slate();
  EXPECT_EQ(plugin("slate").at("state"), "untrusted");
  const Ran asked = run({"plugin", "trust", "slate"});
  EXPECT_EQ(asked.exit_code, 1);
  EXPECT_THAT(asked.err, AllOf(HasSubstr("talks to other machines"), HasSubstr("--yes")));
  EXPECT_EQ(plugin("slate").at("state"), "untrusted");
  EXPECT_EQ(run({"plugin", "trust", "slate", "--yes"}).exit_code, 0);
  EXPECT_EQ(plugin("slate").at("state"), "ok");
  write(".souschef/plugins/slate/s.py", "import os");
  EXPECT_EQ(plugin("slate").at("state"), "untrusted");
  EXPECT_THAT(plugin("slate").at("reason").get<std::string>(), HasSubstr("changed"));
}

TEST_F(PluginWords, ArchiveIsAddedLikeAFolder) {
  write_plugin("slate-1.0", "python3");
  for (const char* pack : {"tar -czf slate.tar.gz slate-1.0", "tar -C slate-1.0 -cf slate.tar ."}) {
    ASSERT_EQ(std::system(("cd '" + root().string() + "' && " + pack).c_str()), 0);
    const std::string archive =
        std::string(pack).find("czf") != std::string::npos ? "slate.tar.gz" : "slate.tar";
    const Ran added = run({"plugin", "add", archive, "--yes", "--replace"});
    EXPECT_EQ(added.exit_code, 0) << added.err;
    EXPECT_THAT(added.err, HasSubstr(archive)) << "people are asked about what they named";
    EXPECT_EQ(plugin("slate").at("state"), "ok");
  }
}

TEST_F(PluginWords, ArchiveThatLeadsOutIsRefusedInWords) {
  write("a/plugin.json", "{}");
  ASSERT_EQ(
      std::system(("cd '" + (root() / "a").string() + "' && tar -cPf ../bad.tar ../a/plugin.json").c_str()),
      0);
  const Ran refused = run({"plugin", "add", "bad.tar", "--yes"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("../a/plugin.json"), HasSubstr("outside of the plugin's folder")));
  write("notes.txt", "x");
  EXPECT_THAT(run({"plugin", "add", "notes.txt", "--yes"}).err, HasSubstr("is no archive"));
}

TEST_F(PluginWords, WhatIsNoPluginIsRefusedWithWhatToNameInstead) {
  const Ran absent = run({"plugin", "add", "missing.zip", "--yes"});
  EXPECT_EQ(absent.exit_code, 4);
  EXPECT_THAT(absent.err, AllOf(HasSubstr("there is no "), HasSubstr("missing.zip")));
  write("empty/notes.txt", "x");
  const Ran folder = run({"plugin", "add", "empty", "--yes"});
  EXPECT_EQ(folder.exit_code, 1);
  EXPECT_THAT(folder.err, AllOf(HasSubstr("is no plugin that can be added"), HasSubstr("plugin new")));
}

TEST_F(PluginWords, TrustCanBeTakenBack) {
  init();
  add_slate();
  ASSERT_EQ(run({"plugin", "trust", "slate", "--yes"}).exit_code, 0);
  EXPECT_EQ(run({"plugin", "trust", "slate", "--forget"}).exit_code, 0);
  EXPECT_EQ(plugin("slate").at("state"), "untrusted");
}

TEST_F(PluginWords, AddCopiesAndTrusts) {
  write_plugin("mine", "python3");
  EXPECT_EQ(run({"plugin", "add", "mine", "--yes"}).exit_code, 0);
  EXPECT_EQ(plugin("slate").at("state"), "ok");
  EXPECT_EQ(plugin("slate").at("origin"), "user");
  const Ran again = run({"plugin", "add", "mine", "--yes"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("--replace"));
  EXPECT_EQ(run({"plugin", "add", "mine", "--yes", "--replace"}).exit_code, 0);
}

TEST_F(PluginWords, InfoShowsSettingsAndWhatItMay) {
  init();
  add_slate();
  EXPECT_THAT(run({"plugin", "info", "slate"}).out,
              AllOf(HasSubstr("talks to other machines"), HasSubstr("most  integer, to 9, default 3"),
                    HasSubstr("How many.")));
  const Ran typo = run({"plugin", "info", "slat"});
  EXPECT_EQ(typo.exit_code, 4);
  EXPECT_THAT(typo.err, HasSubstr("did you mean slate?"));
}

TEST_F(PluginWords, FailedCheckIsExitCodeOne) {
  write_plugin("mine", "no-such-program");
  const Ran ran = run({"plugin", "check", "mine"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, AllOf(HasSubstr("failed  start"), HasSubstr("no-such-program")));
}

TEST_F(PluginWords, NewOnePassesTheCheck) {
  if (!have_python()) GTEST_SKIP() << "no python3 here";
  EXPECT_EQ(run({"plugin", "new", "stage", "lister", "--python"}).exit_code, 0);
  const Ran ran = run({"plugin", "check", "lister"});
  EXPECT_EQ(ran.exit_code, 0) << ran.out;
  EXPECT_THAT(ran.out, Not(HasSubstr("warning")));
  EXPECT_EQ(run({"plugin", "new", "stage", "lister"}).exit_code, 1);
}

TEST_F(PluginWords, UnknownActionAndKindGetASuggestion) {
  EXPECT_THAT(run({"plugin", "lsit"}).err, HasSubstr("souschef plugin list?"));
  const Ran kind = run({"plugin", "new", "stagee", "x"});
  EXPECT_EQ(kind.exit_code, 2);
  EXPECT_THAT(kind.err, HasSubstr("plugin new stage"));
}

class StageWords : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    init();
    write("tex.png", "x");
    write("a.blend", shot("//tex.png"));
  }
};

// Said when ordering, and not in the morning.
TEST_F(StageWords, StagesThatWouldMakeTheSameFileAreRefused) {
  write(".souschef/config.toml", R"([[target]]
name = "lts"
path = "/bin/true"
[[stage]]
name = "one"
plugin = "checksum"
[[stage]]
name = "two"
plugin = "checksum"
)");
  trust();
  EXPECT_EQ(run({"order", "a.blend", "--stages", "render,one"}).exit_code, 0);
  const Ran ran = run({"order", "a.blend", "--stages", "render,one,two"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("the stages one and two would both make order.b3"));
}

TEST_F(StageWords, SettingsThatDoNotFitAreRefused) {
  write(".souschef/config.toml", R"([[target]]
name = "lts"
path = "/bin/true"
[[stage]]
name = "sums"
plugin = "checksum"
settings = { name = "../x" }
)");
  trust();
  const Ran ran = run({"order", "a.blend", "--stages", "sums"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err,
              AllOf(HasSubstr("the stage sums cannot be ordered"), HasSubstr("name = ../x cannot be")));
}

TEST_F(StageWords, OrderWithoutFramesHasNothingForAStage) {
  ASSERT_EQ(run({"order", "a.blend", "--name", "fisk"}).exit_code, 0);
  const Ran ran = run({"stage", "fisk", "checksum"});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("no frame of fisk is done yet"), HasSubstr("souschef render")));
  EXPECT_THAT(run({"stage", "fisk", "cheksum"}).err, HasSubstr("did you mean checksum?"));
  EXPECT_EQ(run({"stage", "fisk", "checksum", "--set", "colour=red"}).exit_code, 1);
}

// A folder that somebody else has written: everything in it that could start something leaves a trace.
class StrangersProduction : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write("trap.sh", "#!/bin/sh\ntouch '" + (root() / "ran").string() + "'\n");
    fs::permissions(root() / "trap.sh", fs::perms::owner_all);
    const std::string trap = (root() / "trap.sh").string();
    write(".souschef/config.toml",
          "[[target]]\nname = \"lts\"\npath = \"" + trap +
              "\"\n"
              "[[stage]]\nname = \"publish\"\nplugin = \"exec\"\nsettings = { command = [\"" +
              trap +
              "\"] }\n"
              "[[stage]]\nname = \"encode\"\nplugin = \"ffmpeg\"\nsettings = { program = \"" +
              trap +
              "\" }\n"
              "[[event]]\nname = \"me\"\nevents = [\"order_failed\"]\nsettings = { command = [\"" +
              trap + "\"] }\n");
    write("tex.png", "x");
    write("a.blend", shot("//tex.png"));
    ASSERT_EQ(run({"init"}).exit_code, 0);
    EXPECT_EQ(run({"events", "deliver"}).exit_code, 0);
  }
  [[nodiscard]] bool ran() const { return fs::exists(root() / "ran"); }
};

TEST_F(StrangersProduction, RunsNothingUntilItIsTrusted) {
  EXPECT_THAT(run({"targets"}).out, HasSubstr("not trusted"));
  EXPECT_THAT(run({"doctor"}).out, HasSubstr("souschef config trust"));
  EXPECT_THAT(run({"plugin", "list"}).out, HasSubstr("souschef config trust"));
  for (const char* stage : {"publish", "encode"}) {
    const Ran refused = run({"order", "a.blend", "--stages", std::string("render,") + stage});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, AllOf(HasSubstr(std::string("stage[") + stage), HasSubstr("config.toml:"),
                                   HasSubstr("souschef config trust")));
  }
  const Ran ordered = run({"order", "a.blend", "--name", "fisk"});
  EXPECT_EQ(ordered.exit_code, 0);
  EXPECT_THAT(ordered.err, HasSubstr("it will not render on this machine"));
  const Ran rendered = run({"render"});
  EXPECT_EQ(rendered.exit_code, 3);
  EXPECT_THAT(rendered.err, HasSubstr("event[me]")) << "the listener waits, too";
  EXPECT_THAT(run({"show", "fisk"}).out, HasSubstr("target[lts].path"));
  EXPECT_FALSE(ran());
}

TEST_F(StrangersProduction, RunsOnceItIsTrustedAsItIs) {
  EXPECT_EQ(run({"config", "trust"}).exit_code, 1) << "nobody is there to say yes";
  EXPECT_FALSE(ran());
  const Ran trusted = run({"config", "trust", "--yes"});
  EXPECT_EQ(trusted.exit_code, 0);
  EXPECT_THAT(trusted.out, AllOf(HasSubstr("target[lts].path"), HasSubstr("stage[publish].settings.command"),
                                 HasSubstr("event[me].settings.command")));
  EXPECT_EQ(run({"targets"}).exit_code, 3);
  EXPECT_TRUE(ran());

  fs::remove(root() / "ran");
  write("trap.sh", "#!/bin/sh\ntouch '" + (root() / "ran").string() + "' # changed\n");
  EXPECT_THAT(run({"targets"}).out, HasSubstr("not trusted"));
  EXPECT_THAT(run({"plugin", "list"}).out, HasSubstr("has changed"));
  EXPECT_FALSE(ran());
}

TEST_F(StrangersProduction, ChangesThroughTheProgramDoNotOpenIt) {
  EXPECT_EQ(run({"targets", "add", "mine", "/bin/true"}).exit_code, 0);
  EXPECT_EQ(run({"config", "set", "target[lts].autoexec", "true"}).exit_code, 0);
  EXPECT_EQ(run({"targets"}).exit_code, 3);
  EXPECT_FALSE(ran());
}

TEST_F(PluginWords, WhatTheUserHasTheProgramWriteNeedsNoQuestion) {
  ASSERT_EQ(run({"init"}).exit_code, 0);
  EXPECT_EQ(run({"targets", "add", "mine", "/bin/true"}).exit_code, 0);
  EXPECT_EQ(run({"config", "set", "target[mine].autoexec", "true"}).exit_code, 0);
  EXPECT_THAT(run({"config", "trust"}).out, HasSubstr("all of it is trusted"));
}

class EventWords : public ProgramTest {
 protected:
  // As a runner on another machine has written it.
  void happened(const std::string& name, const std::string& order, int minute) const {
    const std::string time = "2026-11-21T02:" + std::to_string(10 + minute) + ":15.250Z";
    lines_ += R"({"id":"01JD000000000000000000000)" + std::to_string(minute) + R"(","name":")" + name +
              R"(","time":")" + time + R"(","host":"r1","message":"about )" + order +
              R"(","order":{"id":"01JC","name":")" + order + R"("},"data":{}})" + "\n";
    write(".souschef/events/2026-11.r1-3f9a21c4.jsonl", lines_);
  }
  mutable std::string lines_;
};

// Nobody renders: the command itself takes the order into the queue.
TEST_F(EventWords, OrderThatNoRunnerTakesInIsToldOf) {
  init();
  write("tex.png", "x");
  write("a.blend", shot("//tex.png"));
  ASSERT_EQ(run({"order", "a.blend", "--name", "fisk"}).exit_code, 0);
  const auto events = run({"events", "--json"}).records();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].at("name"), "order_added");
  EXPECT_EQ(events[0].at("order").at("name"), "fisk");
}

TEST_F(EventWords, TheyArePrintedInTheirOrderAndFiltered) {
  init();
  happened("order_started", "fisk", 1);
  happened("order_done", "fisk", 2);
  happened("order_done", "hake", 3);
  EXPECT_EQ(run({"events", "--json"}).records().size(), 3U);
  EXPECT_EQ(run({"events", "--json", "--order", "fisk"}).records().size(), 2U);
  const auto last = run({"events", "--json", "-n", "1"}).records();
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0].at("message"), "about hake");
  EXPECT_THAT(run({"events", "--name", "order_dnoe"}).err, HasSubstr("did you mean order_done?"));
}

TEST_F(EventWords, DeliverTellsWhatIsNew) {
  init();
  write(".souschef/config.toml",
        "[[event]]\nname = \"me\"\nsettings = { command = [\"/bin/sh\", \"-c\", \"cat >> " +
            (root() / "told").string() + "\"] }\n");
  trust();
  EXPECT_EQ(run({"events", "deliver"}).exit_code, 0);
  happened("order_done", "fisk", 1);
  happened("order_started", "hake", 2);
  EXPECT_THAT(run({"events", "deliver"}).out, HasSubstr("1 event told"));
  EXPECT_THAT(read_file(root() / "told"), AllOf(HasSubstr("about fisk"), Not(HasSubstr("hake"))));
  EXPECT_THAT(run({"events", "deliver"}).out, HasSubstr("0 events told"));
}

}  // namespace
}  // namespace souschef::test
