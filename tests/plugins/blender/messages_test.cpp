// SPDX-License-Identifier: MIT
#include "plugins/blender/messages.hpp"

#include <gtest/gtest.h>

namespace souschef::blender {
namespace {

Json decoded(const std::string& channel, const std::string& line) {
  const Json reply = decode({{"channel", channel}, {"lines", {line}}});
  return reply["events"].empty() ? Json() : reply["events"][0];
}

TEST(Command, FrameNamesEveryOutputBelowTheStagingFolder) {
  const auto reply = command({{"do", "frame"},
                              {"frame", -3},
                              {"attempt", 2},
                              {"staging", "/out/.souschef/fisk/-3-2"},
                              {"outputs", {{{"id", 0}, {"path", "sh_"}}, {{"id", 1}, {"path", ""}}}}});
  ASSERT_TRUE(reply) << reply.error().line();
  EXPECT_EQ(Json::parse(reply->at("line").get<std::string>()),
            Json::parse(R"({"do":"frame","frame":-3,"last":-3,"attempt":2,"outputs":[
              {"id":0,"path":"/out/.souschef/fisk/-3-2/sh_"},{"id":1,"path":"/out/.souschef/fisk/-3-2/"}]})"));
}

TEST(Command, PathBeyondBlendersLimitIsRefused) {
  const auto reply = command({{"do", "frame"},
                              {"frame", 1},
                              {"attempt", 1},
                              {"staging", "/" + std::string(1000, 'x')},
                              {"outputs", {{{"id", 0}, {"path", "sh_"}}}}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::bad_input);
}

TEST(Command, StagingFolderMustBeAbsolute) {
  EXPECT_FALSE(command({{"do", "frame"}, {"frame", 1}, {"attempt", 1}, {"staging", "x"}}));
}

TEST(Command, IsOneLineOfAscii) {
  const auto reply = command({{"do", "open"}, {"entry", "/ä\n"}});
  ASSERT_TRUE(reply);
  for (const char c : reply->at("line").get<std::string>()) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(Command, UnknownIsBadInput) {
  EXPECT_FALSE(command({{"do", "dance"}}));
}

TEST(Decode, Answers) {
  EXPECT_EQ(
      decoded("answers",
              R"({"is":"hello","protocol":1,"version":"3.4.1","build":"ab","blender":[3,4,1],"pid":9})"),
      Json::parse(R"({"event":"hello","protocol":1,"version":"3.4.1","build":"ab","numbers":[3,4,1]})"));
  EXPECT_EQ(decoded("answers", R"({"is":"rendered","frame":5,"attempt":1,"seconds":1.5})"),
            Json::parse(R"({"event":"rendered","frame":5,"attempt":1,"seconds":1.5})"));
  EXPECT_EQ(decoded("answers", R"({"is":"failed","frame":5,"attempt":1,"message":"Error: x"})"),
            Json::parse(R"({"event":"failed","frame":5,"attempt":1,"message":"Error: x"})"));
}

TEST(Decode, RefusalBecomesAMessageInThreeParts) {
  const Json event =
      decoded("answers", R"({"is":"refused","code":"no_camera","message":"cam","known":["a","b"]})");
  EXPECT_EQ(event["what"], "the scene has no such camera");
  EXPECT_EQ(event["why"], Json{"cam"});
  EXPECT_EQ(event["next"], "there are: a, b");
}

TEST(Decode, AbsentGpuFailsWithThatWord) {
  const Json event =
      decoded("answers", R"({"is":"refused","code":"gpu_absent","message":"no GPU that OPTIX offers"})");
  EXPECT_NE(event["what"].get<std::string>().find("absent"), std::string::npos);
}

TEST(Decode, WhatIsNoAnswerIsNonsense) {
  for (const char* line : {"", "{", "[]", "{}", "3", R"({"is":3})", "Fra:1"})
    EXPECT_EQ(decoded("answers", line)["event"], "nonsense") << line;
}

TEST(Decode, LogLinesThatMeanNothingGiveNothing) {
  EXPECT_TRUE(decoded("output", "Saved: '/tmp/0001.png'").is_null());
  EXPECT_TRUE(decoded("output", "Fra:x").is_null());
}

TEST(Decode, ProgressOfCyclesInSamples) {
  const Json event = decoded(
      "output",
      "Fra:12 Mem:35.22M (Peak 40.10M) | Time:00:01.29 | Remaining:00:03.20 | Scene, Layer | Sample 4/16");
  EXPECT_EQ(event["frame"], 12);
  EXPECT_DOUBLE_EQ(event["fraction"], 0.25);
  EXPECT_EQ(event["text"], "Sample 4/16");
}

TEST(Decode, ProgressOfCyclesInTiles) {
  EXPECT_DOUBLE_EQ(decoded("output", "Fra:12 Mem:3M | Rendered 3/4 Tiles, Sample 10/64")["fraction"], 0.75);
}

TEST(Decode, ProgressWithoutNumbersHasNoFraction) {
  const Json event =
      decoded("output", "Fra:12 Mem:35.22M (Peak 40.10M) | Time:00:01.29 | Synchronizing object | Cube");
  EXPECT_EQ(event["frame"], 12);
  EXPECT_TRUE(event["fraction"].is_null());
}

TEST(Decode, AbsurdRatiosAreNoFraction) {
  EXPECT_TRUE(decoded("output", "Fra:1 | Sample 5/0")["fraction"].is_null());
  EXPECT_TRUE(decoded("output", "Fra:1 | Sample 9/4")["fraction"].is_null());
}

TEST(Decode, Version) {
  EXPECT_EQ(decoded("version", "Blender 3.4.1")["version"], "3.4.1");
  EXPECT_EQ(decoded("version", "\tbuild hash: 55485cb379f7")["build"], "55485cb379f7");
}

}  // namespace
}  // namespace souschef::blender
