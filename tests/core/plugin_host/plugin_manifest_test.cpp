// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_manifest.hpp"

#include <random>

#include <gtest/gtest.h>

#include "core/base/json_text.hpp"

namespace souschef::core {
namespace {

constexpr char kSlate[] = R"({
  "id": "slate", "version": "1.2.0", "summary": "Burns a slate into frames.", "kinds": ["stage", "event"],
  "abi": "1.0", "run": {"any": ["python3", "slate.py"], "windows": "slate.exe"},
  "permissions": ["network"], "limits": {"seconds": 60},
  "accepts": [{"offset": 4, "hex": "00ff"}], "colour": "red"
})";

Json slate() {
  return *parse_json(kSlate);
}

// What is said of the manifest with one member changed; empty: it is fine.
std::string said_of(const char* member, const char* value) {
  Json changed = slate();
  changed[member] = *parse_json(value);
  const auto read = PluginManifest::parse(json_text(changed));
  return read ? "" : read.error().line();
}

TEST(PluginManifest, EverythingIsRead) {
  const auto read = PluginManifest::parse(kSlate);
  ASSERT_TRUE(read.has_value()) << read.error().line();
  EXPECT_EQ(read->id, "slate");
  EXPECT_EQ(read->version, "1.2.0");
  EXPECT_TRUE(read->is(PluginKind::stage));
  EXPECT_TRUE(read->is(PluginKind::event));
  EXPECT_FALSE(read->is(PluginKind::tracer));
  EXPECT_EQ(read->abi_major, 1U);
  ASSERT_TRUE(read->program.has_value());
  EXPECT_EQ(read->program->command, (std::vector<std::string>{"python3", "slate.py"}));
  EXPECT_EQ(read->permissions, std::vector<PluginPermission>{PluginPermission::network});
  EXPECT_EQ(read->limits.seconds, 60);
  EXPECT_EQ(read->accepts.at(0).bytes, std::string("\0\xff", 2));
}

TEST(PluginManifest, UnknownMemberIsNotedAndIgnored) {
  EXPECT_EQ(PluginManifest::parse(kSlate)->unknown, std::vector<std::string>{"colour"});
}

TEST(PluginManifest, ExactSystemWinsOverAny) {
  Json changed = slate();
  changed["run"] = {{"any", "any.sh"}, {"linux", "linux.sh"}, {std::string(system_name()), "exact.sh"}};
  EXPECT_EQ(PluginManifest::parse(json_text(changed))->program->command.at(0), "exact.sh");
}

TEST(PluginManifest, OtherSystemsOnlyMeansNoProgram) {
  Json changed = slate();
  changed["run"] = {{"amiga-m68k", "slate"}};
  const auto read = PluginManifest::parse(json_text(changed));
  ASSERT_TRUE(read.has_value());
  EXPECT_FALSE(read->program.has_value());
  EXPECT_EQ(read->systems, std::vector<std::string>{"amiga-m68k"});
}

TEST(PluginManifest, WrongMembersAreNamed) {
  const auto expect = [](const char* member, const char* value) {
    const std::string said = said_of(member, value);
    EXPECT_EQ(said.rfind("plugin.json: \"" + std::string(member) + "\" is wrong", 0), 0U)
        << member << " = " << value << ": " << said;
  };
  for (const char* id : {"\"\"", "\"Slate\"", "\"../x\"", "\"-x\"", "7", "\"a b\""}) expect("id", id);
  for (const char* version : {"\"one\"", "\"1.\"", "\".1\"", "\"1..2\"", "\"-1\"", "1"})
    expect("version", version);
  for (const char* kinds : {"[]", "\"stage\"", "[\"stages\"]", "[1]"}) expect("kinds", kinds);
  for (const char* abi : {"\"1\"", "\"1.x\"", "\"-1.0\"", "1.0", "\"1.0.0\""}) expect("abi", abi);
  for (const char* run : {"{}", "{\"any\": \"../x\"}", "{\"any\": \"/bin/sh\"}", "{\"any\": []}",
                          "{\"any\": [1]}", "{\"any\": \"a//b\"}", "\"x\""})
    expect("run", run);
  expect("library", "{\"any\": [\"a.so\"]}");
  for (const char* limits : {"[]", "{\"seconds\": 0}", "{\"seconds\": 1e3}", "{\"secs\": 1}"})
    expect("limits", limits);
  for (const char* accepts :
       {"{}", "[{\"hex\": \"0\"}]", "[{\"hex\": \"zz\"}]", "[{\"offset\": 63, \"hex\": \"0000\"}]",
        "[{\"offset\": -1, \"hex\": \"00\"}]", "[{\"offset\": 9223372036854775807, \"hex\": \"00\"}]"})
    expect("accepts", accepts);
  expect("permissions", "[\"everything\"]");
}

TEST(PluginManifest, MissingMemberIsNamed) {
  for (const char* member : {"id", "version", "summary", "kinds", "abi"}) {
    Json changed = slate();
    changed.erase(member);
    const auto read = PluginManifest::parse(json_text(changed));
    ASSERT_FALSE(read.has_value()) << member;
    EXPECT_NE(read.error().what.find(member), std::string::npos) << read.error().line();
  }
}

TEST(PluginManifest, TextThatIsNoObjectIsRefused) {
  for (const char* text : {"", "[]", "null", "{", "\"x\""}) EXPECT_FALSE(PluginManifest::parse(text)) << text;
}

TEST(PluginManifest, DamagedTextNeverDoesHarm) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text = kSlate;
    for (int i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random());
    (void)PluginManifest::parse(text);
  }
}

}  // namespace
}  // namespace souschef::core
