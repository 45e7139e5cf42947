// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/support/stage_bench.hpp"

namespace souschef {
namespace {

using core::Json;

class ExecStage : public testing::Test {
 protected:
  ExecStage() { bench_.add_file(1, "0001.png", "one"); }
  void shell(const std::string& script, const Json& outputs = Json::array()) {
    bench_.request["settings"]["command"] = {"/bin/sh", "-c", script, "sh", "{order}", "{output_folder}"};
    bench_.request["settings"]["outputs"] = outputs;
  }
  test::StageBench bench_{"exec"};
};

TEST_F(ExecStage, FieldsVariablesAndRequestReachTheCommand) {
  shell(
      R"(printf '%s|%s|' "$1" "$SOUSCHEF_FRAMES" > note.txt; cat >> note.txt; cmp -s "$SOUSCHEF_REQUEST" - </dev/null
           head -c 20 "$SOUSCHEF_REQUEST" > head.txt)",
      {"{order}/note.txt"});
  bench_.request["settings"]["outputs"] = {"note.txt"};
  bench_.request["frames_wanted"] = "1";
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  const std::string note = test::read_file(bench_.output("note.txt"));
  EXPECT_EQ(note.substr(0, 7), "fisk|1|");
  const Json request = Json::parse(note.substr(7), nullptr, false);
  ASSERT_TRUE(request.is_object()) << note;
  EXPECT_EQ(request.at("frames").at(0).at("files").at(0).at("name"), "0001.png");
}

TEST_F(ExecStage, OutputWrittenInPlaceIsTaken) {
  shell("echo done > \"$2/{order}.txt\"", {"{order}.txt"});
  bench_.request["settings"]["command"][2] = "echo done > \"$2/fisk.txt\"";
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_EQ(answer->at("outputs"), Json({"fisk.txt"}));
}

// Showed on paper: a script that fails half-way exits 0, and yesterday's file would pass for today's.
TEST_F(ExecStage, OlderFileIsNoSuccess) {
  bench_.folder.write("out/fisk.txt", "of yesterday");
  shell("true", {"fisk.txt"});
  const auto answer = bench_.run();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::missing);
}

TEST_F(ExecStage, MissingOutputIsNamed) {
  shell("true", {"fisk.txt"});
  EXPECT_EQ(bench_.run().error().what, "the command succeeded, but did not make fisk.txt");
}

TEST_F(ExecStage, FailureSaysHowItEndedAndItsLastWords) {
  shell("echo no licence >&2; exit 3");
  const auto answer = bench_.run();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::child_failed);
  EXPECT_EQ(answer.error().why, (std::vector<std::string>{"exit code 3", "no licence"}));
  EXPECT_NE(bench_.said.find("no licence"), std::string::npos);
}

TEST_F(ExecStage, ProgramThatIsNotThereIsNamed) {
  bench_.request["settings"]["command"] = {"no-such-program"};
  const auto answer = bench_.run();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().what, "cannot run no-such-program");
}

TEST_F(ExecStage, EveryFrameHasItsNumberAndFile) {
  bench_.request["settings"] = {{"command", {"/bin/cp", "{file}", "{work_folder}/thumb_{frame}.png"}},
                                {"per", "frame"},
                                {"outputs", {"thumb_{frame}.png"}}};
  EXPECT_EQ(bench_.describe()->at("outputs"), Json({"thumb_{frame}.png"}));
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_EQ(answer->at("outputs"), Json({"thumb_0001.png"}));
  EXPECT_EQ(test::read_file(bench_.output("thumb_0001.png")), "one");
}

TEST_F(ExecStage, OneNameForAllFramesIsRefusedWhenOrdering) {
  bench_.request["settings"] = {{"command", {"true"}}, {"per", "frame"}, {"outputs", {"thumb.png"}}};
  EXPECT_EQ(bench_.describe().error().code, ErrorCode::bad_input);
}

TEST_F(ExecStage, OutputMayNotLeadOut) {
  for (const char* name : {"../x", "/etc/x", "a/../../x"}) {
    bench_.request["settings"] = {{"command", {"true"}}, {"outputs", {name}}};
    EXPECT_EQ(bench_.describe().error().code, ErrorCode::bad_input) << name;
  }
}

// A value is a word, whatever stands in it: there is no shell, and fields in values are not filled again.
TEST_F(ExecStage, ValuesAreNotInterpreted) {
  bench_.request["order"]["name"] = "$(touch x){output_folder}";
  bench_.request["settings"] = {{"command", {"/bin/sh", "-c", "printf %s \"$1\" > n", "sh", "{order} {odd}"}},
                                {"outputs", {"n"}}};
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_EQ(test::read_file(bench_.output("n")), "$(touch x){output_folder} {odd}");
}

TEST_F(ExecStage, CancelledCommandEnds) {
  shell("sleep 600");
  bench_.cancel = [] { return true; };
  EXPECT_EQ(bench_.run().error().code, ErrorCode::cancelled);
}

TEST_F(ExecStage, CommandIsRequired) {
  bench_.request["settings"] = Json::object();
  EXPECT_FALSE(bench_.describe().has_value());
}

}  // namespace
}  // namespace souschef
