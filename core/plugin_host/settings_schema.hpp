// SPDX-License-Identifier: MIT
// The settings of a plugin, described once in plugin.json: the same schema checks the config, prints `plugin
// info` and reads `--set stage.key=value`. Keywords are those of JSON Schema, a small part of them:
// docs/format/plugin-manifest.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/json.hpp"

namespace souschef::core {

enum class SettingType : std::uint8_t { text, integer, number, boolean, array, object };
std::string_view name_of(SettingType type);

struct Setting {
  std::string name;
  SettingType type = SettingType::text;
  std::string description;
  Json default_value;         // null: none
  std::vector<Json> choices;  // empty: any
  std::optional<double> minimum, maximum;
  std::optional<SettingType> items;  // of an array
  bool required = false;             // must be set where the plugin is used
  bool config_only = false;          // never set by an order: it says what this machine runs or talks to
  bool secret = false;               // the value names where the secret is: "env:NAME" or "file:/path"
};

// Immutable once read.
class SettingsSchema {
 public:
  SettingsSchema() = default;
  // `schema`: the member "settings" of plugin.json. Errors: bad_input.
  static Result<SettingsSchema> parse(const Json& schema);

  [[nodiscard]] const std::vector<Setting>& settings() const { return settings_; }  // by name
  [[nodiscard]] const Setting* find(std::string_view name) const;

  // Checks what was written: types, ranges, choices; unknown names with a suggestion. `where` stands in front
  // of the names in messages: "stage.preview". What is missing is no error here.
  [[nodiscard]] Status check(const Json& given, std::string_view where) const;
  // `given` over the defaults; settings without either are left out. Errors: those of check.
  [[nodiscard]] Result<Json> complete(const Json& given, std::string_view where) const;
  // Fails with the names that are required and not in `settings`, which came from complete().
  [[nodiscard]] Status check_required(const Json& settings, std::string_view where) const;
  // One value as a person types it: `--set preview.crf=20`. Lists: "a,b" or JSON. Errors: bad_input, as
  // check.
  [[nodiscard]] Result<Json> parse_value(std::string_view name, std::string_view text,
                                         std::string_view where) const;

 private:
  std::vector<Setting> settings_;
};

// Settings with every secret read from where its name says. Only for handing to the plugin: never store or
// print it. Errors: not_found naming the variable or file.
Result<Json> resolve_secrets(const SettingsSchema& schema, Json settings);

}  // namespace souschef::core
