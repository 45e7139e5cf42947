// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_host.hpp"

#include <atomic>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <souschef/host.hpp>

namespace souschef::core {
namespace {

class PluginHostTest : public testing::Test {
 protected:
  WorkerPool pool_{2};
  std::vector<std::string> lines_;
  PluginHost owner_{"slate", pool_,
                    [this](std::string_view plugin, LogLevel level, std::string_view message) {
                      lines_.push_back(std::string(plugin) + " " + std::to_string(static_cast<int>(level)) +
                                       " " + std::string(message));
                    }};
  Host host_{owner_.c()};
};

TEST_F(PluginHostTest, LogCarriesThePluginsId) {
  host_.log(LogLevel::warning, "no frames");
  EXPECT_EQ(lines_, std::vector<std::string>{"slate 2 no frames"});
}

TEST_F(PluginHostTest, JsonIsReadByPointer) {
  const HostJson json =
      host_.json(R"({"frames": [{"n": 7, "f": 2.5}], "a/b": {"~": "x"}, "on": true, "": 1})");
  ASSERT_TRUE(json);
  EXPECT_EQ(json.integer("/frames/0/n"), 7);
  EXPECT_EQ(json.number("/frames/0/f"), 2.5);
  EXPECT_EQ(json.number("/frames/0/n"), 7.0);
  EXPECT_EQ(json.text("/a~1b/~0"), "x");
  EXPECT_TRUE(json.boolean("/on"));
  EXPECT_EQ(json.integer("/"), 1);
  EXPECT_EQ(json.count("/frames"), 1U);
  EXPECT_EQ(json.count(""), 4U);
}

TEST_F(PluginHostTest, WhatIsNotThereGivesTheOtherValue) {
  const HostJson json = host_.json(R"({"list": [1], "big": 18446744073709551615})");
  EXPECT_EQ(json.text("/none", "else"), "else");
  EXPECT_EQ(json.text("/list", "else"), "else");
  EXPECT_EQ(json.integer("/list/1", -1), -1);
  EXPECT_EQ(json.integer("/list/x", -1), -1);
  EXPECT_EQ(json.integer("/list/0/deeper", -1), -1);
  EXPECT_EQ(json.integer("list", -1), -1);
  EXPECT_EQ(json.integer("/big", -1), -1);
  EXPECT_EQ(json.type("/none"), SOUSCHEF_JSON_NOTHING);
}

TEST_F(PluginHostTest, MembersCanBeListed) {
  const HostJson json = host_.json(R"({"settings": {"b": 1, "a/c": null}})");
  EXPECT_EQ(json.keys("/settings"), (std::vector<std::string>{"a/c", "b"}));
  EXPECT_TRUE(json.keys("/settings/b").empty());
  EXPECT_EQ(json.type("/settings/a~1c"), SOUSCHEF_JSON_NULL);
  EXPECT_EQ(json.json("/settings"), R"({"a/c":null,"b":1})");
}

TEST_F(PluginHostTest, TextThatIsNotJsonIsNoDocument) {
  EXPECT_FALSE(host_.json("{"));
  EXPECT_FALSE(host_.json(std::string(100'000, '[')));
}

TEST_F(PluginHostTest, QuotedTextIsJson) {
  EXPECT_EQ(host_.quoted("a\"b\n\xff"), "\"a\\\"b\\n\xef\xbf\xbd\"");
}

TEST_F(PluginHostTest, ParallelRunsEverything) {
  std::atomic<int> sum = 0;
  host_.parallel(100, [&](std::size_t i) { sum += static_cast<int>(i); });
  EXPECT_EQ(sum, 4950);
}

class Stopping final : public CallContext {
 public:
  [[nodiscard]] bool cancelled() const override { return cancel; }
  void progress(double, std::string_view) override {}
  void log(LogLevel, std::string_view) override {}
  bool cancel = false;
};

TEST_F(PluginHostTest, ProgramRunsWithAllItIsGiven) {
  std::string output, errors;
  Program program;
  program.words = {"sh", "-c", "pwd; echo $X; cat; echo oops >&2; exit 3"};
  program.folder = "/";
  program.variables = {{"X", "a=b"}};
  program.input = "typed\n";
  program.output = [&](std::string_view piece) { output += piece; };
  program.errors = [&](std::string_view piece) { errors += piece; };
  QuietCall quiet;
  const auto end = host_.run(quiet, program);
  ASSERT_TRUE(end.has_value()) << end.error().line();
  EXPECT_EQ(end->exit_code, 3);
  EXPECT_EQ(end->text(), "exit code 3");
  EXPECT_EQ(output, "/\na=b\ntyped\n");
  EXPECT_EQ(errors, "oops\n");
}

TEST_F(PluginHostTest, ProgramThatIsNotThereIsNotFound) {
  QuietCall quiet;
  const auto end = host_.run(quiet, {.words = {"no-such-program-here"}});
  ASSERT_FALSE(end.has_value());
  EXPECT_EQ(end.error().code, ErrorCode::not_found);
}

TEST_F(PluginHostTest, ProgramEndsWithItsCall) {
  Stopping stopping;
  stopping.cancel = true;
  const auto end = host_.run(stopping, {.words = {"sleep", "600"}});
  ASSERT_FALSE(end.has_value());
  EXPECT_EQ(end.error().code, ErrorCode::cancelled);
  QuietCall quiet;
  EXPECT_EQ(host_.run(quiet, {.words = {"sleep", "600"}, .time_limit_ms = 50}).error().code,
            ErrorCode::timed_out);
  EXPECT_EQ(host_.run(quiet, {.words = {"sleep", "600"}, .silence_limit_ms = 50}).error().code,
            ErrorCode::timed_out);
}

TEST_F(PluginHostTest, ProgramEndedBySignalSaysSo) {
  QuietCall quiet;
  const auto end = host_.run(quiet, {.words = {"sh", "-c", "kill -9 $$"}});
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->signal, 9);
  EXPECT_EQ(end->text(), "killed by signal 9");
}

TEST_F(PluginHostTest, UnknownExtensionIsNull) {
  EXPECT_EQ(host_.extension("souschef.host.teleport/1"), nullptr);
  EXPECT_EQ(host_.extension(nullptr), nullptr);
}

}  // namespace
}  // namespace souschef::core
