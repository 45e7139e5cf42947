// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_trace.hpp"

#include <gtest/gtest.h>

#include "core/base/json_text.hpp"

namespace souschef::core {
namespace {

std::string refusal(const char* answer) {
  TraceAnswer sink;
  const Status replayed = replay_trace(*parse_json(answer), sink);
  return replayed ? "" : replayed.error().line();
}

TEST(PluginTrace, AnswerReplaysToItself) {
  constexpr char kAnswer[] =
      R"({"datablocks":[{"library":null,"name":"SCScene","root":true},{"library":0,"name":"IM\\xff","root":false}],)"
      R"("facts":{"scenes":[1]},)"
      R"("outputs":[{"datablock":0,"extension":".png","format":"PNG","kind":"file_node","muted":true,"node":"N",)"
      R"("path":"//o","slot":"s"}],)"
      R"("references":[{"base":"","datablock":1,"expansion":"udim","first_frame":-5,"kind":"image","last_frame":10,)"
      R"("need":"optional","path":"//a\\xff.png","pattern":"x\\x0ay","property":"Image.filepath","rewritable":true}],)"
      R"("simulations":[{"baked":false,"cache":0,"datablock":0,"first_frame":1,"kind":"cloth","last_frame":250,)"
      R"("name":"C"}],"uses":[[0,1]],"warnings":[{"code":"old","datablock":1,"message":"m"}]})";
  TraceAnswer sink;
  const Status replayed = replay_trace(*parse_json(kAnswer), sink);
  ASSERT_TRUE(replayed) << replayed.error().line();
  EXPECT_EQ(json_text(sink.take()), kAnswer);
}

TEST(PluginTrace, ReferenceNeedsOnlyPathAndKind) {
  TraceAnswer sink;
  ASSERT_TRUE(replay_trace(*parse_json(R"({"references":[{"path":"//a","kind":"sound"}]})"), sink));
  EXPECT_EQ(sink.take()["references"][0]["need"], "required");
}

TEST(PluginTrace, WrongMembersAreNamed) {
  EXPECT_EQ(refusal(R"({"references":[{"path":"//a","kind":"picture"}]})"),
            "the tracer's answer is wrong: references[0]: kind has the unknown word \"picture\"");
  EXPECT_EQ(refusal(R"({"references":[{"path":"//a"}]})"),
            "the tracer's answer is wrong: references[0]: kind is missing");
  EXPECT_EQ(refusal(R"({"references":[{"path":"a\\b","kind":"image"}]})"),
            "the tracer's answer is wrong: references[0]: path is not a file name as the protocol spells it");
  EXPECT_EQ(refusal(R"({"references":{}})"), "the tracer's answer is wrong: references is no list");
  EXPECT_EQ(refusal(R"({"datablocks":[1]})"),
            "the tracer's answer is wrong: datablocks[0]: an object is expected");
  EXPECT_EQ(refusal(R"({"datablocks":[{"name":"a","library":-1}]})"),
            "the tracer's answer is wrong: datablocks[0]: library is not an index");
  EXPECT_EQ(refusal(R"({"uses":[[]]})"),
            "the tracer's answer is wrong: uses is not a list of [from, to, ...]");
  EXPECT_EQ(refusal(R"({"uses":[[0,"x"]]})"),
            "the tracer's answer is wrong: uses is not a list of [from, to, ...]");
  EXPECT_EQ(refusal(R"({"facts":[]})"), "the tracer's answer is wrong: facts is not an object");
  EXPECT_EQ(refusal(R"({"simulations":[{"first_frame":99999999999}]})"),
            "the tracer's answer is wrong: simulations[0]: first_frame is not a frame");
}

TEST(PluginTrace, ChangesArriveAsSent) {
  const std::vector<PathChange> changes = {{3, "//b\xff"}, {0, ""}};
  const auto read = read_changes(changes_json(changes));
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].reference, 3U);
  EXPECT_EQ((*read)[0].path, "//b\xff");
  EXPECT_FALSE(read_changes(Json::parse(R"([{"reference":0}])")).has_value());
  EXPECT_FALSE(read_changes(Json("x")).has_value());
}

}  // namespace
}  // namespace souschef::core
