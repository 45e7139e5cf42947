// SPDX-License-Identifier: MIT
// What people type by mistake, and what they bring along: each answer has its three parts and its exit code.
#include <gmock/gmock.h>

#include "tests/cli/program.hpp"

namespace souschef::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Words : public ProgramTest {};

TEST_F(Words, UnknownCommandIsAnsweredWithTheNearestOne) {
  const Ran ran = run({"snapshto"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("snapshto"), HasSubstr("souschef snapshot?")));
  EXPECT_EQ(ran.out, "");
}

TEST_F(Words, UnknownOptionIsNamedEvenWhereAWordIsMissingToo) {
  const Ran ran = run({"snapshot", "--alow-missing"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("--alow-missing"), HasSubstr("--allow-missing?")));
}

TEST_F(Words, WithoutAProductionTheAnswerIsInit) {
  const Ran ran = run({"list"});
  EXPECT_EQ(ran.exit_code, 10);
  EXPECT_THAT(ran.err, HasSubstr("souschef init"));
}

TEST_F(Words, ThenRunsAfterTheRenderAndKnowsHowItWent) {
  init();
  const Ran ran = run({"render", "--then", "echo left=$SOUSCHEF_ORDERS_LEFT; exit 7"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("left=0"));
  EXPECT_THAT(ran.err, HasSubstr("exit code 7"));
}

TEST_F(Words, WindowThatIsNoneIsAnsweredWithAnExample) {
  init();
  const Ran ran = run({"render", "--window", "at night"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("at night"), HasSubstr("mo-fr 19:00-08:00")));
}

TEST_F(Words, MissingBlendIsNotFound) {
  init();
  for (const char* verb : {"order", "snapshot", "trace"}) {
    const Ran ran = run({verb, "gone.blend"});
    EXPECT_EQ(ran.exit_code, 4) << verb;
    EXPECT_THAT(ran.err, HasSubstr("gone.blend")) << verb;
  }
}

TEST_F(Words, AFileThatIsNoBlendIsSaid) {
  init();
  write("notes.blend", "these are notes");
  for (const char* verb : {"order", "snapshot", "trace"}) {
    const Ran ran = run({verb, "notes.blend"});
    EXPECT_EQ(ran.exit_code, 1) << verb;
    EXPECT_THAT(ran.err, AllOf(HasSubstr("notes.blend"), HasSubstr("not a .blend"))) << verb;
  }
}

TEST_F(Words, ATruncatedBlendIsRefused) {
  init();
  write("tex.png", "pixels");
  const std::string whole = shot("//tex.png");
  write("cut.blend", whole.substr(0, whole.size() / 2));
  const Ran ran = run({"order", "cut.blend"});
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_THAT(ran.err, AllOf(HasSubstr("cut.blend"), HasSubstr("next:")));
  EXPECT_EQ(run({"list", "--json"}).out, "");
}

TEST_F(Words, AMissingTextureRefusesAndIsListedAndAllowed) {
  init();
  write("a.blend", shot("//gone.png"));
  const Ran refused = run({"order", "a.blend"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("gone.png"), HasSubstr("--allow-missing")));
  const Ran allowed = run({"order", "a.blend", "--allow-missing"});
  EXPECT_EQ(allowed.exit_code, 0) << allowed.err;
  EXPECT_THAT(allowed.err, HasSubstr("gone.png"));
}

TEST_F(Words, ADryRunRefusesWhatItsOrderWouldRefuse) {
  init();
  write("a.blend", shot("//gone.png"));
  EXPECT_EQ(run({"order", "a.blend", "--dry-run"}).err, run({"order", "a.blend"}).err);
  ASSERT_EQ(run({"snapshot", "a.blend", "--allow-missing"}).exit_code, 0);
  const Ran accepted = run({"order", "a.blend", "--dry-run"});
  EXPECT_EQ(accepted.exit_code, 0) << accepted.err;
}

TEST_F(Words, TheDoctorNamesASlotWhoseCardIsNotThereAndHowACapIsKept) {
  init();
  write(".souschef/config.toml",
        "[[slot]]\nname = \"radeon\"\ndevice = \"pci-ffff:ff:1f.7\"\nmemory = 1.5\n");
  const std::string out = run({"doctor"}).out;
  EXPECT_THAT(out, HasSubstr("pci-ffff:ff:1f.7 is not in this machine"));
  EXPECT_THAT(out, HasSubstr("at most 1.5 GiB"));
  EXPECT_THAT(run({"slots"}).out, HasSubstr("at most 1.5 GiB"));
}

TEST_F(Words, AConfigWithATypoIsNamedWithItsLine) {
  init();
  write(".souschef/config.toml", "[[target]]\nname = \"lts\"\npaht = \"/bin/true\"\n");
  const Ran ran = run({"list"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("config.toml, line 3"), HasSubstr("path")));
}

TEST_F(Words, NoTargetIsSaidBeforeAnythingIsBanked) {
  write(".souschef/config.toml", "");
  ASSERT_EQ(run({"init"}).exit_code, 0);
  write("a.blend", shot("//tex.png"));
  write("tex.png", "pixels");
  const Ran ran = run({"order", "a.blend"});
  EXPECT_EQ(ran.exit_code, 4);
  EXPECT_THAT(ran.err, HasSubstr("target"));
  EXPECT_EQ(run({"snapshots", "--json"}).out, "");
}

TEST_F(Words, ABlendAloneIsOrdered) {
  init();
  write("a.blend", shot("//tex.png"));
  write("tex.png", "pixels");
  const Ran ran = run({"a.blend", "--json", "-F", "1-2"});
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const auto records = ran.records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0]["type"], "order");
  EXPECT_EQ(records[0]["frames"], 2);
  EXPECT_EQ(records[0]["job"].get<std::string>().size(), 64U);
  const Ran again = run({"order", "a.blend", "--json"});
  EXPECT_EQ(again.records().at(0)["job"], records[0]["job"]);
  EXPECT_EQ(again.records().at(0)["new_bytes"], 0);
}

TEST_F(Words, TheOriginalsFrameFlagIsAnEndAndSaysSo) {
  init();
  write("a.blend", shot("//tex.png"));
  write("tex.png", "pixels");
  const Ran ran = run({"order", "a.blend", "-f", "2", "--json"});
  EXPECT_EQ(ran.records().at(0)["frame_list"], "1-2");
  EXPECT_THAT(ran.err, HasSubstr("frames 1-2"));
}

TEST_F(Words, AnUnknownOrderIsNotFoundForEveryVerb) {
  init();
  for (const char* verb :
       {"show", "frames", "pause", "resume", "cancel", "redo", "accept", "approve", "reject", "delete"}) {
    const Ran ran = run({verb, "nobody"});
    EXPECT_EQ(ran.exit_code, 4) << verb << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("nobody")) << verb;
  }
}

TEST_F(Words, CleanRemovesWhatIsDoneAndHardAsksFirst) {
  init();
  write("a.blend", shot("//tex.png"));
  write("tex.png", "pixels");
  ASSERT_EQ(run({"order", "a.blend", "--name", "fisk"}).exit_code, 0);
  EXPECT_THAT(run({"clean"}).out, HasSubstr("0 of 1"));
  EXPECT_EQ(run({"clean", "--hard"}).exit_code, 2);
  EXPECT_THAT(run({"clean", "--hard", "--yes"}).out, HasSubstr("1 of 1"));
  EXPECT_EQ(run({"list", "--json"}).out, "");
}

TEST_F(Words, PauseMoveAndSetChangeTheQueueAtOnce) {
  init();
  write("a.blend", shot("//tex.png"));
  write("tex.png", "pixels");
  for (const char* name : {"one", "two"}) ASSERT_EQ(run({"order", "a.blend", "--name", name}).exit_code, 0);
  EXPECT_EQ(run({"list", "--json"}).records().at(0)["order"], "one");
  ASSERT_EQ(run({"move", "two", "first"}).exit_code, 0);
  EXPECT_EQ(run({"list", "--json"}).records().at(0)["order"], "two");
  ASSERT_EQ(run({"set", "one", "--priority", "90"}).exit_code, 0);
  EXPECT_EQ(run({"list", "--json"}).records().at(0)["order"], "one");
  ASSERT_EQ(run({"pause", "one"}).exit_code, 0);
  EXPECT_EQ(run({"show", "one", "--json"}).records().at(0)["state"], "paused");
  ASSERT_EQ(run({"resume", "one"}).exit_code, 0);
  EXPECT_EQ(run({"show", "one", "--json"}).records().at(0)["state"], "queued");
}

}  // namespace
}  // namespace souschef::test
