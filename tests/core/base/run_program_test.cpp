// SPDX-License-Identifier: MIT
#include "core/base/run_program.hpp"

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

using namespace std::chrono_literals;

TEST(RunProgram, GivesInputAndKeepsBothOutputs) {
  const auto result = run_program({.command = {"sh", "-c", "cat; echo problem >&2"}}, {.input = "hello\n"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "hello\n");
  EXPECT_EQ(result->errors, "problem\n");
  EXPECT_TRUE(result->end.success());
}

TEST(RunProgram, InputLargerThanAPipeArrivesWhole) {
  const std::string large(1 << 20, 'x');
  const auto result = run_program({.command = {"cat"}}, {.input = large});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, large);
}

TEST(RunProgram, ProgramThatDoesNotReadItsInputIsNoError) {
  const auto result = run_program({.command = {"true"}}, {.input = std::string(1 << 20, 'x')});
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->end.success());
}

TEST(RunProgram, OutputBeyondTheLimitIsDropped) {
  const auto result =
      run_program({.command = {"sh", "-c", "head -c 100000 /dev/zero"}}, {.limits = {.output = 10}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.size(), 10U);
}

TEST(RunProgram, TooLongIsTimedOut) {
  const auto result = run_program({.command = {"sleep", "1000"}}, {.limits = {.time = 1ms}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::timed_out);
}

TEST(RunProgram, SilenceIsTimedOut) {
  const auto result = run_program({.command = {"sleep", "1000"}}, {.limits = {.silence = 1ms}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::timed_out);
}

TEST(RunProgram, NeverEndingOutputIsStillTimedOut) {
  const auto result = run_program({.command = {"yes"}}, {.limits = {.time = 50ms, .output = 100}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::timed_out);
}

TEST(RunProgram, CancelEndsIt) {
  const auto result = run_program({.command = {"sleep", "1000"}}, {.cancelled = [] { return true; }});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
}

TEST(RunProgram, ChildLeftBehindDoesNotHoldUpTheResult) {
  const auto result =
      run_program({.command = {"sh", "-c", "sleep 1000 & echo done"}}, {.limits = {.time = 60s}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "done\n");
}

}  // namespace
}  // namespace souschef::core
