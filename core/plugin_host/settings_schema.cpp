// SPDX-License-Identifier: MIT
#include "core/plugin_host/settings_schema.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/base/json_text.hpp"
#include "core/base/suggestion.hpp"

namespace souschef::core {
namespace {

constexpr std::array kTypes = {SettingType::text,    SettingType::integer, SettingType::number,
                               SettingType::boolean, SettingType::array,   SettingType::object};
constexpr std::size_t kMaxSecret = 64U << 10;  // a token or a key, not a file of them

Error bad_schema(std::string_view name, std::string why) {
  return Error(ErrorCode::bad_input,
               "plugin.json: the setting \"" + std::string(name) + "\" is described wrongly", std::move(why))
      .next_step("docs/format/plugin-manifest.md");
}

bool fits(SettingType type, const Json& value) {
  switch (type) {
    case SettingType::text:
      return value.is_string();
    case SettingType::integer:
      return value.is_number_integer();
    case SettingType::number:
      return value.is_number();
    case SettingType::boolean:
      return value.is_boolean();
    case SettingType::array:
      return value.is_array();
    case SettingType::object:
      return value.is_object();
  }
  return false;
}

std::string with_article(SettingType type) {
  switch (type) {
    case SettingType::text:
      return "a text";
    case SettingType::integer:
      return "a whole number";
    case SettingType::number:
      return "a number";
    case SettingType::boolean:
      return "true or false";
    case SettingType::array:
      return "a list";
    case SettingType::object:
      return "a table";
  }
  return "a value";
}

Result<SettingType> read_type(std::string_view name, const Json& description) {
  const auto found = description.find("type");
  if (found != description.end() && found->is_string())
    for (const SettingType type : kTypes)
      if (found->get_ref<const std::string&>() == name_of(type)) return type;
  return bad_schema(name, "\"type\" is one of string, integer, number, boolean, array, object");
}

std::string short_text(const Json& value) {
  std::string text = json_text(value);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return text;
}

std::string number_text(double value) {
  return json_text(value == std::floor(value) && std::abs(value) < 1e15
                       ? Json(static_cast<std::int64_t>(value))
                       : Json(value));
}

bool is_secret_name(std::string_view value) {
  return (value.rfind("env:", 0) == 0 && value.size() > 4) ||
         (value.rfind("file:", 0) == 0 && value.size() > 5);
}

// Empty where the value is fine, else what is expected.
std::string expected(const Setting& setting, const Json& value) {
  if (!fits(setting.type, value)) return "expected " + with_article(setting.type);
  if (!setting.choices.empty() &&
      std::find(setting.choices.begin(), setting.choices.end(), value) == setting.choices.end()) {
    std::string list;
    for (const Json& choice : setting.choices) list += (list.empty() ? "" : ", ") + json_text(choice);
    return "expected one of " + list;
  }
  if (value.is_number()) {
    if (!std::isfinite(value.get<double>())) return "expected a finite number";
    if (setting.minimum && value.get<double>() < *setting.minimum)
      return "the least is " + number_text(*setting.minimum);
    if (setting.maximum && value.get<double>() > *setting.maximum)
      return "the most is " + number_text(*setting.maximum);
  }
  if (setting.items)
    for (const Json& item : value)
      if (!fits(*setting.items, item))
        return "expected a list of which each is " + with_article(*setting.items);
  if (setting.secret && !is_secret_name(value.get_ref<const std::string&>()))
    return "a secret is named, never written: \"env:NAME\" or \"file:/path\"";
  return {};
}

Status read_bounds(const Json& description, Setting& setting) {
  for (const char* bound : {"minimum", "maximum"}) {
    const auto found = description.find(bound);
    if (found == description.end()) continue;
    const bool numeric = setting.type == SettingType::integer || setting.type == SettingType::number;
    if (!numeric || !found->is_number())
      return bad_schema(setting.name, std::string("\"") + bound + "\" is a number, for numbers");
    (std::string_view(bound) == "minimum" ? setting.minimum : setting.maximum) = found->get<double>();
  }
  if (setting.minimum && setting.maximum && *setting.minimum > *setting.maximum)
    return bad_schema(setting.name, "\"minimum\" is more than \"maximum\"");
  return {};
}

Status read_flag(const Json& description, const char* keyword, std::string_view name, bool& flag) {
  const auto found = description.find(keyword);
  if (found == description.end()) return {};
  if (!found->is_boolean()) return bad_schema(name, std::string("\"") + keyword + "\" is true or false");
  flag = found->get<bool>();
  return {};
}

// "enum" and "default": values that the rest of the description must allow.
Status read_values(const Json& description, Setting& setting) {
  if (const auto choices = description.find("enum"); choices != description.end()) {
    if (!choices->is_array() || choices->empty())
      return bad_schema(setting.name, "\"enum\" is a list of values");
    for (const Json& choice : *choices)
      if (const std::string wrong = expected(setting, choice); !wrong.empty())
        return bad_schema(setting.name, "\"enum\" holds " + short_text(choice) + ": " + wrong);
    setting.choices = choices->get<std::vector<Json>>();
  }
  if (const auto value = description.find("default"); value != description.end()) {
    if (setting.secret || setting.required)
      return bad_schema(setting.name, "a setting that is secret or required has no default");
    if (const std::string wrong = expected(setting, *value); !wrong.empty())
      return bad_schema(setting.name, "\"default\": " + wrong);
    setting.default_value = *value;
  }
  return {};
}

bool is_setting_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Result<Setting> read_setting(const std::string& name, const Json& description) {
  static const std::vector<std::string> kKeywords = {"type",     "description", "default", "enum",
                                                     "minimum",  "maximum",     "items",   "secret",
                                                     "required", "config_only"};
  if (!is_setting_name(name)) return bad_schema(name, "names are of a-z, 0-9 and _");
  if (!description.is_object())
    return bad_schema(name, R"(an object is expected: {"type": …, "description": …})");
  for (const auto& [keyword, value] : description.items())
    if (std::find(kKeywords.begin(), kKeywords.end(), keyword) == kKeywords.end())
      return bad_schema(name, "unknown keyword \"" + keyword + "\"")
          .next_step(closest_word(keyword, kKeywords).empty()
                         ? ""
                         : "did you mean \"" + closest_word(keyword, kKeywords) + "\"?");
  Setting setting;
  setting.name = name;
  SOUSCHEF_TRY(setting.type, read_type(name, description));
  const Json words = description.value("description", Json());
  if (!words.is_string() || words.get_ref<const std::string&>().empty())
    return bad_schema(name, "\"description\" is one sentence for people");
  setting.description = words.get<std::string>();
  if (const auto items = description.find("items"); items != description.end()) {
    if (setting.type != SettingType::array || !items->is_object())
      return bad_schema(name, R"("items" is {"type": …}, for an array)");
    SOUSCHEF_TRY(setting.items, read_type(name, *items));
  }
  SOUSCHEF_CHECK(read_bounds(description, setting));
  SOUSCHEF_CHECK(read_flag(description, "required", name, setting.required));
  SOUSCHEF_CHECK(read_flag(description, "secret", name, setting.secret));
  SOUSCHEF_CHECK(read_flag(description, "config_only", name, setting.config_only));
  if (setting.secret && setting.type != SettingType::text)
    return bad_schema(name, "only a string can be secret");
  SOUSCHEF_CHECK(read_values(description, setting));
  return setting;
}

std::string full_name(std::string_view where, std::string_view name) {
  return where.empty() ? std::string(name) : std::string(where) + "." + std::string(name);
}

Error unknown_setting(const SettingsSchema& schema, std::string_view name, std::string_view where) {
  std::vector<std::string> known;
  for (const Setting& setting : schema.settings()) known.push_back(setting.name);
  Error error(ErrorCode::bad_input, "no such setting: " + full_name(where, name));
  const std::string meant = closest_word(name, known);
  if (!meant.empty()) return std::move(error).next_step("did you mean " + full_name(where, meant) + "?");
  std::string list;
  for (const std::string& word : known) list += (list.empty() ? "" : ", ") + word;
  return std::move(error).because(known.empty() ? "this plugin has no settings" : "there are: " + list);
}

Result<Json> typed(SettingType type, std::string_view text) {
  if (type == SettingType::text) return Json(std::string(text));
  auto read = parse_json(text);
  if (read && fits(type, *read)) return read;
  if (type == SettingType::boolean) {
    for (const std::string_view word : {"yes", "on", "1"})
      if (text == word) return Json(true);
    for (const std::string_view word : {"no", "off", "0"})
      if (text == word) return Json(false);
  }
  return Error(ErrorCode::bad_input, "expected " + with_article(type));
}

}  // namespace

std::string_view name_of(SettingType type) {
  switch (type) {
    case SettingType::text:
      return "string";
    case SettingType::integer:
      return "integer";
    case SettingType::number:
      return "number";
    case SettingType::boolean:
      return "boolean";
    case SettingType::array:
      return "array";
    case SettingType::object:
      return "object";
  }
  return "";
}

Result<SettingsSchema> SettingsSchema::parse(const Json& schema) {
  if (!schema.is_object())
    return Error(ErrorCode::bad_input, "plugin.json: \"settings\" is wrong", "an object is expected");
  SettingsSchema read;
  for (const auto& [name, description] : schema.items()) {
    SOUSCHEF_TRY(Setting setting, read_setting(name, description));
    read.settings_.push_back(std::move(setting));
  }
  return read;
}

const Setting* SettingsSchema::find(std::string_view name) const {
  const auto found = std::find_if(settings_.begin(), settings_.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  return found == settings_.end() ? nullptr : &*found;
}

Status SettingsSchema::check(const Json& given, std::string_view where) const {
  if (!given.is_object())
    return Error(ErrorCode::bad_input, "the settings " + std::string(where) + " are not a table");
  for (const auto& [name, value] : given.items()) {
    const Setting* setting = find(name);
    if (setting == nullptr) return unknown_setting(*this, name, where);
    const std::string wrong = expected(*setting, value);
    if (wrong.empty()) continue;
    // What somebody wrote in a secret's place by mistake is a secret: it is not repeated.
    const std::string shown = setting->secret ? "" : " = " + short_text(value);
    return Error(ErrorCode::bad_input, full_name(where, name) + shown + " cannot be", wrong)
        .next_step(setting->description);
  }
  return {};
}

Result<Json> SettingsSchema::complete(const Json& given, std::string_view where) const {
  SOUSCHEF_CHECK(check(given, where));
  Json settings = given;
  for (const Setting& setting : settings_)
    if (!setting.default_value.is_null() && !settings.contains(setting.name))
      settings[setting.name] = setting.default_value;
  return settings;
}

Status SettingsSchema::check_required(const Json& settings, std::string_view where) const {
  for (const Setting& setting : settings_)
    if (setting.required && !settings.contains(setting.name))
      return Error(ErrorCode::bad_input, full_name(where, setting.name) + " must be set")
          .next_step(setting.description);
  return {};
}

Result<Json> SettingsSchema::parse_value(std::string_view name, std::string_view text,
                                         std::string_view where) const {
  const Setting* setting = find(name);
  if (setting == nullptr) return unknown_setting(*this, name, where);
  if (setting->config_only || setting->secret)
    return Error(ErrorCode::denied, full_name(where, name) + " cannot be set for an order",
                 "it says what the rendering machine runs or talks to")
        .next_step("set it in the config of the machine that renders");
  auto value = typed(setting->type, text);
  if (!value && setting->type == SettingType::array) {
    Json list = Json::array();
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view item = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(item.size() + 1, rest.size()));
      auto element = typed(setting->items.value_or(SettingType::text), item);
      list.push_back(element ? std::move(*element) : Json(std::string(item)));
    }
    value = std::move(list);
  }
  if (!value)
    return std::move(value.error())
        .in_context(full_name(where, name) + " = " + std::string(text) + " cannot be");
  SOUSCHEF_CHECK(check(Json{{setting->name, *value}}, where));
  return value;
}

Result<Json> resolve_secrets(const SettingsSchema& schema, Json settings) {
  for (const Setting& setting : schema.settings()) {
    const auto found = settings.find(setting.name);
    if (!setting.secret || found == settings.end()) continue;
    const auto name = found->get<std::string>();
    if (name.rfind("env:", 0) == 0) {
      const char* value = std::getenv(name.c_str() + 4);
      if (value == nullptr || *value == '\0')
        return Error(ErrorCode::not_found, "the secret for \"" + setting.name + "\" is not there",
                     "the environment variable " + name.substr(4) + " is not set");
      *found = value;
      continue;
    }
    const char* home = std::getenv("HOME");
    const std::string written = name.substr(5);
    const bool in_home = written.rfind("~/", 0) == 0 && home != nullptr;
    const std::string path = in_home ? home + written.substr(1) : written;
    std::ifstream in(path, std::ios::binary);
    std::string value(kMaxSecret + 1, '\0');
    in.read(value.data(), static_cast<std::streamsize>(value.size()));
    value.resize(static_cast<std::size_t>(in.gcount()));
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
    if (value.empty() || value.size() > kMaxSecret)
      return Error(ErrorCode::not_found, "the secret for \"" + setting.name + "\" is not there",
                   path + (value.empty() ? " cannot be read or is empty" : " is too long for a secret"));
    *found = value;
  }
  return settings;
}

}  // namespace souschef::core
