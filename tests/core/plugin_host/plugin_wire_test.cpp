// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_wire.hpp"

#include <random>

#include <gtest/gtest.h>

#include "core/base/json_text.hpp"

namespace souschef::core {
namespace {

std::string trimmed(std::string line) {
  EXPECT_FALSE(line.empty());
  EXPECT_EQ(line.back(), '\n');
  line.pop_back();
  EXPECT_EQ(line.find('\n'), std::string::npos);
  return line;
}

TEST(PluginWire, RequestArrivesAsSent) {
  const auto read = read_to_plugin(trimmed(request_line(7, "stage.run", "{\n \"a\": \"x\\ny\"\r\n}")));
  ASSERT_TRUE(read.has_value()) << read.error().line();
  const auto& request = std::get<WireRequest>(*read);
  EXPECT_EQ(request.id, 7);
  EXPECT_EQ(request.method, "stage.run");
  EXPECT_EQ(request.params, Json({{"a", "x\ny"}}));
}

TEST(PluginWire, CancelArrivesAsSent) {
  const auto read = read_to_plugin(trimmed(cancel_line(7)));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(std::get<WireCancel>(*read).id, 7);
}

TEST(PluginWire, AnswerArrivesAsSent) {
  const auto read = read_from_plugin(trimmed(answer_line(7, R"({"a": [1]})")));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(std::get<WireAnswer>(*read).id, 7);
  EXPECT_EQ(std::get<WireAnswer>(*read).result, Json({{"a", {1}}}));
}

TEST(PluginWire, FailureKeepsCodeCausesAndNextStep) {
  const Error sent =
      Error(ErrorCode::no_space, "the disk is full", "one").because("two").next_step("souschef gc");
  const auto read = read_from_plugin(trimmed(failure_line(3, sent)));
  ASSERT_TRUE(read.has_value());
  const Error& error = std::get<WireFailure>(*read).error;
  EXPECT_EQ(error.code, ErrorCode::no_space);
  EXPECT_EQ(error.line(), "the disk is full: one: two");
  EXPECT_EQ(error.next, "souschef gc");
}

TEST(PluginWire, FailureWithUnknownWordsIsStillAFailure) {
  const auto read = read_from_plugin(R"({"id": 1, "error": {"code": "bang", "why": [1, "because"]}})");
  ASSERT_TRUE(read.has_value());
  const Error& error = std::get<WireFailure>(*read).error;
  EXPECT_EQ(error.code, ErrorCode::plugin);
  EXPECT_EQ(error.line(), "the plugin gave no reason: because");
}

TEST(PluginWire, LongTextsAreShortened) {
  const Error sent(ErrorCode::failed, std::string(100'000, 'x'));
  EXPECT_LT(std::get<WireFailure>(*read_from_plugin(trimmed(failure_line(3, sent)))).error.what.size(),
            5000U);
}

TEST(PluginWire, ProgressAndLogArriveAsSent) {
  const auto progress = read_from_plugin(trimmed(progress_line(0.25, "a")));
  EXPECT_EQ(std::get<WireProgress>(*progress).fraction, 0.25);
  const auto unknown = read_from_plugin(trimmed(progress_line(-1, "a")));
  EXPECT_LT(std::get<WireProgress>(*unknown).fraction, 0);
  const auto wild = read_from_plugin(R"({"method": "progress", "params": {"fraction": 1e300}})");
  EXPECT_EQ(std::get<WireProgress>(*wild).fraction, 1);
  const auto log = read_from_plugin(trimmed(log_line(LogLevel::error, "b")));
  EXPECT_EQ(std::get<WireLog>(*log).level, LogLevel::error);
  EXPECT_EQ(std::get<WireLog>(*log).message, "b");
}

TEST(PluginWire, UnknownMembersAreIgnored) {
  EXPECT_TRUE(read_from_plugin(R"({"id": 1, "result": {}, "jsonrpc": "2.0"})").has_value());
}

TEST(PluginWire, WhatIsNoMessageIsRefused) {
  for (const char* line :
       {"", "hello", "[]", "{}", "null", R"({"id": 1})", R"({"id": 0, "result": {}})",
        R"({"id": "1", "result": {}})", R"({"id": 1.5, "result": {}})", R"({"id": 1, "result": 1})",
        R"({"id": 1, "result": {}, "error": {}})", R"({"id": 1, "error": "x"})",
        R"({"method": "dance", "params": {}})", R"({"method": "progress"})",
        R"({"method": "log", "params": {"level": "loud"}})", R"({"id": 18446744073709551615, "result": {}})"})
    EXPECT_FALSE(read_from_plugin(line).has_value()) << line;
  for (const char* line :
       {"", "{}", R"({"method": "x"})", R"({"method": "x", "params": {}})",
        R"({"method": "cancel", "params": {}})", R"({"id": 1, "method": "x", "params": []})"})
    EXPECT_FALSE(read_to_plugin(line).has_value()) << line;
}

TEST(PluginWire, DamagedLinesNeverDoHarm) {
  std::mt19937 random(11);
  const std::string lines[] = {answer_line(7, R"({"a": [1, 2, {"b": "c"}]})"),
                               failure_line(3, Error(ErrorCode::failed, "x", "y")),
                               progress_line(0.5, "half"), request_line(1, "stage.run", "{}")};
  for (int round = 0; round < 4000; ++round) {
    std::string line = lines[random() % std::size(lines)];
    for (int i = 0; i < 3; ++i) line[random() % line.size()] = static_cast<char>(random());
    (void)read_from_plugin(line);
    (void)read_to_plugin(line);
  }
}

}  // namespace
}  // namespace souschef::core
