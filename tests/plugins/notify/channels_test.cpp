// SPDX-License-Identifier: MIT
// The whole plugin against real servers on loopback, and programs of the test.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/loopback_server.hpp"
#include "tests/support/stage_bench.hpp"

namespace souschef {
namespace {

using core::Json;
using test::LoopbackServer;
using Speaks = LoopbackServer::Speaks;

class NotifyChannels : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("no_proxy", "*", 1);
    // Whether there is a libcurl: asked with an address that leads nowhere.
    settings = {{"webhook", "http://127.0.0.1:1/"}};
    const auto told = tell();
    have_curl_ = told.has_value() || told.error().code != ErrorCode::unsupported;
    settings = Json::object();
  }
  Result<Json> tell() { return bench_.call("event.handle", {{"event", event}, {"settings", settings}}); }
  void need_curl() {
    if (!have_curl_) GTEST_SKIP() << "no libcurl here";
  }
  static std::string body_of(const std::string& request) {
    return request.substr(request.find("\r\n\r\n") + 4);
  }

  test::StageBench bench_{"notify"};
  bool have_curl_ = false;
  Json event = {{"id", "01JC0"},
                {"name", "order_done"},
                {"time", "2026-11-21T02:25:15.250Z"},
                {"host", "render1"},
                {"message", "fisk is done"},
                {"order", {{"name", "fisk"}}},
                {"data", {{"frames", 250}}}};
  Json settings = Json::object();
};

TEST_F(NotifyChannels, WebhookGetsTheEvent) {
  need_curl();
  LoopbackServer server(Speaks::http);
  settings = {{"webhook", server.address() + "/hook"}, {"token", "geheim"}};
  const auto told = tell();
  ASSERT_TRUE(told.has_value()) << told.error().line();
  ASSERT_EQ(server.heard().size(), 1U);
  const std::string request = server.heard()[0];
  EXPECT_EQ(request.substr(0, 20), "POST /hook HTTP/1.1\r");
  EXPECT_NE(request.find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(request.find("Authorization: Bearer geheim\r\n"), std::string::npos);
  EXPECT_EQ(Json::parse(body_of(request)), event);
}

TEST_F(NotifyChannels, SlackGetsAMessage) {
  need_curl();
  LoopbackServer server(Speaks::http);
  settings = {{"webhook_secret", server.address()}, {"format", "slack"}};
  ASSERT_TRUE(tell().has_value());
  EXPECT_EQ(Json::parse(body_of(server.heard().at(0))).at("text"), "*Order done*  fisk is done  _render1_");
}

TEST_F(NotifyChannels, CustomBodyIsFilled) {
  need_curl();
  LoopbackServer server(Speaks::http);
  settings = {{"webhook", server.address()},
              {"format", "custom"},
              {"content_type", "text/x-note"},
              {"body", "{order}: {data.frames}"}};
  ASSERT_TRUE(tell().has_value());
  EXPECT_NE(server.heard().at(0).find("Content-Type: text/x-note\r\n"), std::string::npos);
  EXPECT_EQ(body_of(server.heard().at(0)), "fisk: 250");
}

TEST_F(NotifyChannels, DiscordGetsTheThumbnail) {
  need_curl();
  LoopbackServer server(Speaks::http);
  event["data"]["thumbnail"] = bench_.folder.write("t.png", "picture").string();
  settings = {{"webhook", server.address()}, {"format", "discord"}};
  ASSERT_TRUE(tell().has_value());
  const std::string request = server.heard().at(0);
  EXPECT_NE(request.find("name=\"payload_json\""), std::string::npos) << request;
  EXPECT_NE(request.find("name=\"files[0]\"; filename=\"t.png\""), std::string::npos) << request;
  EXPECT_NE(request.find("\r\n\r\npicture\r\n"), std::string::npos) << request;
}

TEST_F(NotifyChannels, RefusalIsFinalAndTroubleIsNot) {
  need_curl();
  for (const auto& [status, code] : {std::pair(400, ErrorCode::bad_input), std::pair(429, ErrorCode::failed),
                                     std::pair(404, ErrorCode::failed), std::pair(302, ErrorCode::failed),
                                     std::pair(500, ErrorCode::failed)}) {
    LoopbackServer server(Speaks::http, {status});
    settings = {{"webhook", server.address()}};
    const auto told = tell();
    ASSERT_FALSE(told.has_value()) << status;
    EXPECT_EQ(told.error().code, code) << status;
    EXPECT_NE(told.error().line().find(std::to_string(status)), std::string::npos) << told.error().line();
  }
}

TEST_F(NotifyChannels, UnreachableServerIsNamedWithoutItsSecret) {
  need_curl();
  settings = {{"webhook_secret", "http://127.0.0.1:1/services/T0/geheim"}};
  const auto told = tell();
  ASSERT_FALSE(told.has_value());
  EXPECT_NE(told.error().line().find("http://127.0.0.1:1"), std::string::npos) << told.error().line();
  EXPECT_EQ(told.error().line().find("geheim"), std::string::npos) << told.error().line();
}

TEST_F(NotifyChannels, LetterReachesEveryone) {
  need_curl();
  LoopbackServer server(Speaks::smtp);
  settings = {{"smtp", server.address()},
              {"mail_from", "farm@example.org"},
              {"mail_to", {"a@example.org", "b@example.org"}}};
  const auto told = tell();
  ASSERT_TRUE(told.has_value()) << told.error().line();
  const std::string heard = server.heard().at(0);
  EXPECT_NE(heard.find("MAIL FROM:<farm@example.org>"), std::string::npos) << heard;
  EXPECT_NE(heard.find("RCPT TO:<a@example.org>"), std::string::npos);
  EXPECT_NE(heard.find("RCPT TO:<b@example.org>"), std::string::npos);
  EXPECT_NE(heard.find("Subject: Order done: fisk is done"), std::string::npos);
  EXPECT_NE(heard.find("Message-ID: <01JC0@render1>"), std::string::npos);
}

TEST_F(NotifyChannels, RefusedLetterIsTriedAgain) {
  need_curl();
  LoopbackServer server(Speaks::smtp, {451});
  settings = {{"smtp", server.address()}, {"mail_to", {"a@example.org"}}};
  EXPECT_EQ(tell().error().code, ErrorCode::failed);
}

TEST_F(NotifyChannels, PasswordDoesNotGoOverAnOpenLine) {
  need_curl();
  LoopbackServer server(Speaks::smtp);
  settings = {{"smtp", server.address()},
              {"smtp_user", "me"},
              {"smtp_password", "geheim"},
              {"mail_to", {"a@example.org"}}};
  EXPECT_FALSE(tell().has_value());
  for (const std::string& heard : server.heard()) EXPECT_EQ(heard.find("AUTH"), std::string::npos) << heard;
}

TEST_F(NotifyChannels, CommandGetsTheEvent) {
  settings = {{"command",
               {"/bin/sh", "-c", "{ printf '%s|' \"$1\" \"$SOUSCHEF_ORDER\"; cat; } > \"$2\"", "sh",
                "{message}", (bench_.folder / "note").string()}}};
  const auto told = tell();
  ASSERT_TRUE(told.has_value()) << told.error().line();
  const std::string note = test::read_file(bench_.folder / "note");
  EXPECT_EQ(note.substr(0, 18), "fisk is done|fisk|");
  EXPECT_EQ(Json::parse(note.substr(18)), event);
}

TEST_F(NotifyChannels, CommandThatFailsSaysWhy) {
  settings = {{"command", {"/bin/sh", "-c", "echo no bell >&2; exit 2"}}};
  const auto told = tell();
  ASSERT_FALSE(told.has_value());
  EXPECT_EQ(told.error().line(), "not told by command: /bin/sh failed: exit code 2: no bell");
}

// The event comes again because one way failed: the others are not taken again.
TEST_F(NotifyChannels, WhatHasWorkedIsNotRepeated) {
  need_curl();
  LoopbackServer server(Speaks::http, {200, 200});
  const auto flag = (bench_.folder / "works").string();
  settings = {{"webhook", server.address()}, {"command", {"/bin/sh", "-c", "test -e \"$1\"", "sh", flag}}};
  EXPECT_FALSE(tell().has_value());
  EXPECT_FALSE(tell().has_value());
  EXPECT_EQ(server.heard().size(), 1U);
  bench_.folder.write("works", "");
  EXPECT_TRUE(tell().has_value());
  EXPECT_EQ(server.heard().size(), 1U);
  event["id"] = "01JC1";
  EXPECT_TRUE(tell().has_value());
  EXPECT_EQ(server.heard().size(), 2U);
}

TEST_F(NotifyChannels, SettingsThatDoNotFitAreRefused) {
  for (const Json& wrong :
       {Json::object(), Json{{"webhook", "ftp://x"}}, Json{{"webhook", "file:///etc/passwd"}},
        Json{{"mail_to", {"a@b"}}}, Json{{"mail_to", {"a b"}}, {"smtp", "smtp://x"}},
        Json{{"webhook", "http://x"}, {"format", "custom"}},
        Json{{"webhook", "http://x"}, {"token", "a\r\nb"}}}) {
    settings = wrong;
    EXPECT_EQ(tell().error().code, ErrorCode::bad_input) << wrong;
  }
}

TEST_F(NotifyChannels, CancelledCallEnds) {
  settings = {{"command", {"sleep", "600"}}};
  bench_.cancel = [] { return true; };
  EXPECT_EQ(tell().error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace souschef
