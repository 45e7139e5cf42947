// SPDX-License-Identifier: MIT
// What a bug report needs: the developer's log, and where the time went.
#include <gmock/gmock.h>

#include "tests/cli/program.hpp"

namespace souschef::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Log : public ProgramTest {};

TEST_F(Log, TellsWhatWasDoneAndHowItEnded) {
  init();
  write("tex.png", "pixels");
  write("a.blend", shot("//tex.png"));
  const std::string file = (root() / "log").string();
  ASSERT_EQ(run({"snapshot", "a.blend", "--log-file", file}).exit_code, 0);
  ASSERT_EQ(run({"show", "nobody", "--log-file", file}).exit_code, 4);
  EXPECT_THAT(read_file(file),
              AllOf(HasSubstr("snapshot: planned entry=a.blend files=2"), HasSubstr("snapshot: banked job="),
                    HasSubstr("cli: ends exit=0"), HasSubstr("cli: ends exit=4"), HasSubstr("nobody")));
}

TEST_F(Log, IsSilentUnlessItIsAskedFor) {
  init();
  write("a.blend", shot("//a.blend"));
  EXPECT_THAT(run({"snapshot", "a.blend"}).err, Not(HasSubstr("debug")));
  EXPECT_THAT(run_program({"env", "SOUSCHEF_LOG=debug", SOUSCHEF_PROGRAM, "snapshots"}).err,
              HasSubstr("debug cli: snapshots"));
}

TEST_F(Log, ALevelThatDoesNotExistIsRefused) {
  init();
  const Ran ran = run_program({"env", "SOUSCHEF_LOG=loud", SOUSCHEF_PROGRAM, "snapshots"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("loud"), HasSubstr("SOUSCHEF_LOG=debug")));
}

TEST_F(Log, TimesAreAFileThatTraceViewersRead) {
  init();
  write("tex.png", "pixels");
  write("a.blend", shot("//tex.png"));
  const auto file = root() / "times.json";
  ASSERT_EQ(run({"snapshot", "a.blend", "--trace-file", file.string()}).exit_code, 0);
  const auto times = core::parse_json(read_file(file));
  ASSERT_TRUE(times) << times.error().line();
  std::vector<std::string> names;
  for (const core::Json& bar : *times) {
    EXPECT_EQ(bar.value("ph", ""), "X");
    EXPECT_GE(bar.value("dur", -1), 0);
    names.push_back(bar.value("name", ""));
  }
  EXPECT_THAT(names, AllOf(Contains("trace"), Contains("bank"), Contains("seal")));
}

TEST_F(Log, AFileThatCannotBeWrittenIsSaid) {
  init();
  EXPECT_EQ(run({"snapshots", "--log-file", "/dev/null/log"}).exit_code, 1);
  EXPECT_THAT(run({"snapshots", "--trace-file", "/dev/null/times"}).err, HasSubstr("/dev/null/times"));
}

}  // namespace
}  // namespace souschef::test
