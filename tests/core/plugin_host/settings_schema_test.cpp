// SPDX-License-Identifier: MIT
#include "core/plugin_host/settings_schema.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/json_text.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

constexpr char kSchema[] = R"({
  "preset": {"type": "string", "enum": ["h264", "prores"], "default": "h264", "description": "Which codec."},
  "crf": {"type": "integer", "minimum": 0, "maximum": 51, "description": "Quality."},
  "speed": {"type": "number", "minimum": 0.5, "default": 1, "description": "Speed."},
  "loop": {"type": "boolean", "default": false, "description": "Once more."},
  "arguments": {"type": "array", "items": {"type": "string"}, "description": "More arguments."},
  "counts": {"type": "array", "items": {"type": "integer"}, "description": "Numbers."},
  "body": {"type": "object", "description": "Anything."},
  "url": {"type": "string", "required": true, "description": "Where to."},
  "program": {"type": "string", "default": "ls", "config_only": true, "description": "What runs."},
  "token": {"type": "string", "secret": true, "description": "The key."}
})";

SettingsSchema schema() {
  auto read = SettingsSchema::parse(*parse_json(kSchema));
  EXPECT_TRUE(read.has_value()) << read.error().line();
  return std::move(*read);
}

std::string refusal(const char* given) {
  const Status checked = schema().check(*parse_json(given), "stage.preview");
  return checked ? "" : checked.error().line();
}

TEST(SettingsSchema, DefaultsFillWhatIsNotGiven) {
  const auto settings = schema().complete(*parse_json(R"({"crf": 20, "loop": true})"), "");
  ASSERT_TRUE(settings.has_value()) << settings.error().line();
  EXPECT_EQ(json_text(*settings), R"({"crf":20,"loop":true,"preset":"h264","program":"ls","speed":1})");
}

TEST(SettingsSchema, WrongValuesSayWhatIsExpected) {
  EXPECT_EQ(refusal(R"({"crf": "x"})"), "stage.preview.crf = \"x\" cannot be: expected a whole number");
  EXPECT_EQ(refusal(R"({"crf": 52})"), "stage.preview.crf = 52 cannot be: the most is 51");
  EXPECT_EQ(refusal(R"({"speed": 0.25})"), "stage.preview.speed = 0.25 cannot be: the least is 0.5");
  EXPECT_EQ(refusal(R"({"preset": "h265"})"),
            "stage.preview.preset = \"h265\" cannot be: expected one of \"h264\", \"prores\"");
  EXPECT_EQ(refusal(R"({"arguments": ["a", 1]})"),
            "stage.preview.arguments = [\"a\",1] cannot be: expected a list of which each is a text");
  EXPECT_EQ(refusal(R"({"loop": 1})"), "stage.preview.loop = 1 cannot be: expected true or false");
  EXPECT_EQ(refusal("[]"), "the settings stage.preview are not a table");
}

TEST(SettingsSchema, UnknownNameGetsASuggestion) {
  const Status checked = schema().check({{"prest", "h264"}}, "stage.preview");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().what, "no such setting: stage.preview.prest");
  EXPECT_EQ(checked.error().next, "did you mean stage.preview.preset?");
}

TEST(SettingsSchema, UnknownNameFarFromAnyGetsTheList) {
  EXPECT_NE(refusal(R"({"zzzzzzzz": 1})").find("there are: arguments, body, counts"), std::string::npos);
}

TEST(SettingsSchema, RequiredIsAskedForWhereItIsUsed) {
  const SettingsSchema read = schema();
  EXPECT_TRUE(read.complete(Json::object(), "").has_value());
  const Status used = read.check_required(*read.complete(Json::object(), ""), "notify");
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().what, "notify.url must be set");
  EXPECT_TRUE(read.check_required({{"url", "x"}}, "notify"));
}

TEST(SettingsSchema, SecretThatIsWrittenOutIsRefusedAndNotRepeated) {
  const std::string said = refusal(R"({"token": "hunter2"})");
  EXPECT_NE(said.find("a secret is named, never written"), std::string::npos) << said;
  EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
  EXPECT_EQ(refusal(R"({"token": "env:TOKEN"})"), "");
}

TEST(SettingsSchema, WordsOfTheCommandLineAreTyped) {
  const SettingsSchema read = schema();
  EXPECT_EQ(*read.parse_value("crf", "20", ""), Json(20));
  EXPECT_EQ(*read.parse_value("speed", "1.5", ""), Json(1.5));
  EXPECT_EQ(*read.parse_value("speed", "2", ""), Json(2));
  EXPECT_EQ(*read.parse_value("loop", "yes", ""), Json(true));
  EXPECT_EQ(*read.parse_value("preset", "prores", ""), Json("prores"));
  EXPECT_EQ(*read.parse_value("url", "12", ""), Json("12"));
  EXPECT_EQ(*read.parse_value("arguments", "-x,a b", ""), Json({"-x", "a b"}));
  EXPECT_EQ(*read.parse_value("arguments", R"(["a,b"])", ""), Json({"a,b"}));
  EXPECT_EQ(*read.parse_value("counts", "1,2", ""), Json({1, 2}));
  EXPECT_FALSE(read.parse_value("counts", "1,x", "").has_value());
  EXPECT_FALSE(read.parse_value("crf", "20.5", "").has_value());
  EXPECT_FALSE(read.parse_value("crf", "99", "").has_value());
  EXPECT_FALSE(read.parse_value("nope", "1", "").has_value());
  EXPECT_FALSE(read.parse_value("loop", "maybe", "").has_value());
}

TEST(SettingsSchema, OrderCannotSayWhatTheMachineRuns) {
  const SettingsSchema read = schema();
  for (const char* name : {"program", "token"}) {
    const auto set = read.parse_value(name, "env:X", "exec");
    ASSERT_FALSE(set.has_value()) << name;
    EXPECT_EQ(set.error().code, ErrorCode::denied);
  }
  EXPECT_TRUE(read.check({{"program", "/bin/ls"}}, "stage.exec"));
}

TEST(SettingsSchema, SecretsAreReadFromWhereTheirNameSays) {
  const test::TempFolder folder;
  const auto file = folder.write("token", "from a file\n");
  ::setenv("SOUSCHEF_TEST_TOKEN", "from a variable", 1);
  const SettingsSchema read = schema();
  EXPECT_EQ((*resolve_secrets(read, {{"token", "env:SOUSCHEF_TEST_TOKEN"}}))["token"], "from a variable");
  EXPECT_EQ((*resolve_secrets(read, {{"token", "file:" + file.string()}}))["token"], "from a file");
  ::unsetenv("SOUSCHEF_TEST_TOKEN");
  const auto gone = resolve_secrets(read, {{"token", "env:SOUSCHEF_TEST_TOKEN"}});
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().line(),
            "the secret for \"token\" is not there: the environment variable SOUSCHEF_TEST_TOKEN is not set");
  EXPECT_FALSE(resolve_secrets(read, {{"token", "file:/nowhere/at/all"}}).has_value());
}

TEST(SettingsSchema, WrongDescriptionsAreRefused) {
  for (const char* wrong : {
           "[]",
           R"({"A": {"type": "string", "description": "x"}})",
           R"({"a": 1})",
           R"({"a": {"description": "x"}})",
           R"({"a": {"type": "text", "description": "x"}})",
           R"({"a": {"type": "string"}})",
           R"({"a": {"type": "string", "description": "x", "enmu": []}})",
           R"({"a": {"type": "string", "description": "x", "default": 1}})",
           R"({"a": {"type": "string", "description": "x", "enum": []}})",
           R"({"a": {"type": "string", "description": "x", "enum": ["b"], "default": "c"}})",
           R"({"a": {"type": "string", "description": "x", "minimum": 1}})",
           R"({"a": {"type": "integer", "description": "x", "minimum": 2, "maximum": 1}})",
           R"({"a": {"type": "integer", "description": "x", "secret": true}})",
           R"({"a": {"type": "string", "description": "x", "secret": true, "default": "env:A"}})",
           R"({"a": {"type": "string", "description": "x", "required": 1}})",
           R"({"a": {"type": "string", "description": "x", "items": {"type": "string"}}})",
       })
    EXPECT_FALSE(SettingsSchema::parse(*parse_json(wrong)).has_value()) << wrong;
}

TEST(SettingsSchema, MisspeltKeywordGetsASuggestion) {
  const auto read = SettingsSchema::parse(*parse_json(R"({"a": {"type": "string", "descripton": "x"}})"));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().next, "did you mean \"description\"?");
}

}  // namespace
}  // namespace souschef::core
