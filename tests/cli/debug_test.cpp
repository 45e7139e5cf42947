// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include "tests/cli/program.hpp"

namespace souschef::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Debug : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write("a.blend", shot("//tex.png"));
  }
};

TEST_F(Debug, BlendCommandsLookIntoAFileOutsideOfProductionsToo) {
  EXPECT_THAT(run({"debug", "blend-header", "a.blend"}).out, HasSubstr("version          304"));
  EXPECT_THAT(run({"debug", "blend-blocks", "a.blend"}).out, AllOf(HasSubstr("IMtex"), HasSubstr("DNA1")));
  EXPECT_THAT(run({"debug", "blend-blocks", "a.blend", "IM"}).out,
              AllOf(HasSubstr("IMtex"), Not(HasSubstr("DNA1"))));
  EXPECT_THAT(run({"debug", "blend-struct", "a.blend", "Image"}).out, HasSubstr("char name[1024]"));
  EXPECT_THAT(run({"debug", "blend-paths", "a.blend"}).out, HasSubstr("//tex.png"));
}

TEST_F(Debug, TraceOutsideOfProductionsSpeaksOfNoProduction) {
  write("lib/a.png", "x");
  write("shots/b.blend", shot("//../lib/a.png"));
  const Ran ran = run({"trace", "shots/b.blend"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_THAT(ran.out, HasSubstr("lib/a.png"));
}

TEST_F(Debug, TextOfABlendCommandIsARecord) {
  const auto records = run({"debug", "blend-paths", "a.blend", "--json"}).records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0]["what"], "blend-paths");
  EXPECT_THAT(records[0]["text"].get<std::string>(), HasSubstr("//tex.png"));
}

TEST_F(Debug, ListNamesWhatPluginsOffer) {
  EXPECT_THAT(run({"debug", "list"}).out,
              AllOf(HasSubstr("pack-dump"), HasSubstr("blend-struct FILE [NAME]")));
}

TEST_F(Debug, WhatCannotBeLookedIntoIsSaidSo) {
  write("picture.png", "\x89PNG");
  EXPECT_THAT(run({"debug", "blend-paths", "picture.png"}).err, HasSubstr("no plugin looks into"));
  EXPECT_EQ(run({"debug", "blend-paths", "gone.blend"}).exit_code, 4);
  EXPECT_THAT(run({"debug", "blend-struct", "a.blend", "Imagine"}).err, HasSubstr("no struct Imagine"));
  const Ran ran = run({"debug", "blend-block", "a.blend"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("souschef debug blend-blocks"));
}

}  // namespace
}  // namespace souschef::test
