// SPDX-License-Identifier: MIT
#include "plugins/notify/message.hpp"

#include <gtest/gtest.h>

#include "core/base/json.hpp"
#include "core/base/worker_pool.hpp"
#include "core/plugin_host/plugin_host.hpp"

namespace souschef::notify {
namespace {

using core::Json;

class NotifyMessage : public testing::Test {
 protected:
  static Json event_json(const std::string& message) {
    return {{"event",
             {{"id", "01JC0"},
              {"name", "order_done"},
              {"time", "2026-11-21T02:25:15.250Z"},
              {"host", "render1"},
              {"message", message},
              {"order", {{"id", "01J"}, {"name", "fisk"}}},
              {"data", {{"frames", 250}, {"reason", "so"}, {"thumbnail", "/tmp/a\\x5cb.jpg"}}}}}};
  }
  Event event(const std::string& message = "fisk is done") {
    auto event = read_event(host_.json(event_json(message).dump()));
    EXPECT_TRUE(event.has_value());
    return event ? *event : Event();
  }
  core::WorkerPool pool_{1};
  core::PluginHost c_{"notify", pool_, {}};
  Host host_{c_.c()};
};

TEST_F(NotifyMessage, EventIsRead) {
  const Event read = event();
  EXPECT_EQ(read.order, "fisk");
  EXPECT_EQ(read.thumbnail, "/tmp/a\\b.jpg");
  EXPECT_EQ(Json::parse(read.json).at("data").at("frames"), 250);
  EXPECT_EQ(title_of(read), "Order done");
}

TEST_F(NotifyMessage, RequestWithoutAnEventIsBadInput) {
  for (const char* text : {"{}", "[]", R"({"event": 7})", R"({"event": {}})"})
    EXPECT_EQ(read_event(host_.json(text)).error().code, ErrorCode::bad_input) << text;
}

TEST_F(NotifyMessage, FieldsAreFilledOnce) {
  EXPECT_EQ(filled("{name} {data.frames} {data.reason} {data.none}|{unknown} {", event(), host_, as_it_is),
            "order_done 250 so |{unknown} {");
  EXPECT_EQ(filled("{message}", event("{order}"), host_, as_it_is), "{order}");
}

TEST_F(NotifyMessage, ValuesInJsonAreEscaped) {
  const std::string body =
      filled(R"({"text": "{message}", "n": {data.frames}})", event("a \"b\"\n\\"), host_, in_json);
  const Json json = Json::parse(body, nullptr, false);
  ASSERT_TRUE(json.is_object()) << body;
  EXPECT_EQ(json.at("text"), "a \"b\"\n\\");
  EXPECT_EQ(json.at("n"), 250);
}

TEST_F(NotifyMessage, SlackCannotBeMadeToMention) {
  const Json body = Json::parse(slack_body(event("<!channel> & co"), host_));
  EXPECT_EQ(body.at("text"), "*Order done*  &lt;!channel&gt; &amp; co  _render1_");
}

TEST_F(NotifyMessage, DiscordRingsNobody) {
  const Json body = Json::parse(discord_body(event("@everyone"), host_));
  EXPECT_EQ(body.at("content"), "**Order done**  @everyone  (render1)");
  EXPECT_EQ(body.at("allowed_mentions"), Json({{"parse", Json::array()}}));
}

TEST_F(NotifyMessage, LongMessageIsCutBetweenCharacters) {
  std::string message;
  for (int i = 0; i < 2000; ++i) message += "\xc3\xa4";
  const std::string content = Json::parse(discord_body(event("x" + message), host_)).at("content");
  EXPECT_LT(content.size(), 2000U);
  EXPECT_EQ(content.find("\xef\xbf\xbd"), std::string::npos);
}

}  // namespace
}  // namespace souschef::notify
