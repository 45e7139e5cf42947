// SPDX-License-Identifier: MIT
#include "core/rendering/retry_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

const char* const kTable = R"(
[[pattern]]
text = "cannot save: *Permission denied"
class = "fatal"
what = "the output folder cannot be written to"
next = "check its permissions"
[[pattern]]
text = "CUDA error"
class = "retry"
[[pattern]]
text = "Warning"
class = "warn"
)";

TEST(RetryPolicy, FirstPatternThatFitsDecides) {
  const auto policy = RetryPolicy::parse(kTable);
  ASSERT_TRUE(policy) << policy.error().line();
  const LogPattern* found = policy->find("Warning: CUDA error: launch failed");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->failure, FailureClass::retry);
  EXPECT_EQ(policy->find("Saved: '/tmp/a.png'"), nullptr);
}

TEST(RetryPolicy, StarStandsForAnything) {
  const auto policy = RetryPolicy::parse(kTable);
  EXPECT_NE(policy->find("Render error cannot save: '/x.png' (Permission denied)"), nullptr);
  EXPECT_EQ(policy->find("Permission denied: cannot save: "), nullptr);
}

TEST(RetryPolicy, WrongTablesAreBadInput) {
  EXPECT_FALSE(RetryPolicy::parse("[[pattern]]\nclass = \"fatal\""));
  EXPECT_FALSE(RetryPolicy::parse("[[pattern]]\ntext = \"x\"\nclass = \"sometimes\""));
  EXPECT_FALSE(RetryPolicy::parse("[[pattern"));
  EXPECT_TRUE(RetryPolicy::parse(""));
}

TEST(RetryPolicy, BlendersOwnTableIsGood) {
  const auto policy = RetryPolicy::parse(
      test::read_file(std::string(SOUSCHEF_SOURCE_FOLDER) + "/plugins/blender/patterns.toml"));
  ASSERT_TRUE(policy) << policy.error().line();
  EXPECT_EQ(policy->find("Error: Build without OpenImageDenoiser")->failure, FailureClass::fatal);
  EXPECT_EQ(policy->find("System is out of GPU memory")->failure, FailureClass::retry_alone);
  EXPECT_EQ(policy->find("System is out of GPU and shared host memory")->failure, FailureClass::retry_alone);
  EXPECT_EQ(policy->find("oneAPI kernel \"shade\" execution error: got runtime exception")->failure,
            FailureClass::retry);
  EXPECT_FALSE(policy->find("System is out of GPU memory")->memory) << "a cap has nothing to do with it";
  EXPECT_TRUE(policy->find("Calloc returns null: len=64 in x, total 12")->memory);
  EXPECT_EQ(policy->find("CUDA error: Launch exceeded timeout in cuCtxSynchronize")->failure,
            FailureClass::retry);
}

TEST(LogJudge, KeepsTheGravest) {
  const auto policy = RetryPolicy::parse(kTable);
  LogJudge judge(*policy);
  for (const char* line : {"hello", "Warning: a", "CUDA error", "Warning: b"}) judge.look_at(line);
  ASSERT_NE(judge.worst(), nullptr);
  EXPECT_EQ(judge.worst()->failure, FailureClass::retry);
  EXPECT_EQ(judge.worst_line(), "CUDA error");
  judge.forget();
  EXPECT_EQ(judge.worst(), nullptr);
}

}  // namespace
}  // namespace souschef::core
