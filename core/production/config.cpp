// SPDX-License-Identifier: MIT
// A config is kept flat: every leaf under its full key, named tables by their name.
//
//   default_target = "lts"             default_target          "lts"        config.toml:1
//   [[target]]
//   name = "lts"                       target[lts].name        "lts"        config.toml:3
//   path = "/opt/blender/blender"      target[lts].path        "/opt/..."   config_linux.toml:4
//
// Laying one file over another is then assigning keys, and each leaf keeps its own origin.
#include "core/production/config.hpp"

#include <cstdlib>

#include <algorithm>

#include "core/base/suggestion.hpp"
#include "core/base/toml_file.hpp"

extern char** environ;

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

bool fits(ValueType type, const Json& value) {
  switch (type) {
    case ValueType::text:
    case ValueType::path:
      return value.is_string();
    case ValueType::integer:
      return value.is_number_integer();
    case ValueType::number:
      return value.is_number();
    case ValueType::boolean:
      return value.is_boolean();
    case ValueType::text_list:
      return value.is_array() &&
             std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
    case ValueType::table:
      return value.is_object();
  }
  return false;
}

// A value from the environment or a flag: JSON where it is JSON of the right type, else the text itself.
Json from_text(ValueType type, const std::string& text) {
  if (type == ValueType::text || type == ValueType::path) return text;
  Json parsed = Json::parse(text, nullptr, false);
  if (!parsed.is_discarded() && fits(type, parsed)) return parsed;
  if (type != ValueType::text_list) return text;
  Json list = Json::array();
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    list.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return list;
}

std::string environment_name(std::string_view key) {
  std::string name = "SOUSCHEF_CONFIG_";
  for (const char c : key)
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace

class Config::Loader {
 public:
  explicit Loader(Config& config) : config_(config) {}

  Status add_file(const fs::path& path, ConfigLayer layer) {
    layer_ = layer;
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return {};
    SOUSCHEF_TRY(const TomlDocument document, read_toml(path));
    file_ = path.filename().string();
    shown_ = path.string();
    for (const auto& [section, value] : document.values.items())
      SOUSCHEF_CHECK(is_named_list(section) ? add_list(document, section, value)
                                            : add(document, section, "/" + section, value));
    return {};
  }

  Status set(const std::string& key, const std::string& text, const std::string& origin, ConfigLayer layer) {
    const ConfigKey* known = config_key(key_pattern(key));
    if (known == nullptr) return unknown(key, origin);
    Json value = from_text(known->type, text);
    if (!fits(known->type, value)) return wrong_type(key, *known, origin);
    config_.values_[key] = {std::move(value), origin, layer};
    remember_name(key);
    return {};
  }

 private:
  Status add_list(const TomlDocument& document, const std::string& section, const Json& list) {
    if (!list.is_array())
      return Error(ErrorCode::bad_input, shown_ + ": " + section + " is a list",
                   "line " + std::to_string(document.line_of("/" + section)))
          .next_step("begin each of its tables with [[" + section + "]]");
    std::vector<std::string> here;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string pointer = "/" + section + "/" + std::to_string(i);
      const Json name = list[i].is_object() ? list[i].value("name", Json()) : Json();
      if (!name.is_string() || name.get<std::string>().empty())
        return Error(ErrorCode::bad_input, shown_ + ": a [[" + section + "]] has no name",
                     "line " + std::to_string(document.line_of(pointer)))
            .next_step("add a line like  name = \"main\"");
      const auto text = name.get<std::string>();
      if (std::find(here.begin(), here.end(), text) != here.end())
        return Error(ErrorCode::bad_input, shown_ + ": two [[" + section + "]] are named " + text,
                     "line " + std::to_string(document.line_of(pointer)))
            .next_step("give one of them another name");
      here.push_back(text);
      for (const auto& [key, value] : list[i].items())
        SOUSCHEF_CHECK(add(document, section + "[" + text + "]." + key, pointer + "/" + key, value));
    }
    return {};
  }

  Status add(const TomlDocument& document, const std::string& key, const std::string& pointer,
             const Json& value) {
    const int line = document.line_of(pointer);
    const ConfigKey* known = config_key(key_pattern(key));
    if (known == nullptr && value.is_object()) {
      for (const auto& [name, inner] : value.items())
        SOUSCHEF_CHECK(add(document, key + "." + name, pointer + "/" + name, inner));
      return {};
    }
    const std::string where = shown_ + ", line " + std::to_string(line);
    if (known == nullptr) return unknown(key, where);
    if (!fits(known->type, value)) return wrong_type(key, *known, where);
    config_.values_[key] = {value, file_ + ":" + std::to_string(line), layer_};
    remember_name(key);
    return {};
  }

  void remember_name(const std::string& key) {
    const std::size_t open = key.find('[');
    if (open == std::string::npos) return;
    const std::string name = key.substr(open + 1, key.rfind(']') - open - 1);
    auto& names = config_.names_[key.substr(0, open)];
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }

  static Error unknown(const std::string& key, const std::string& where) {
    std::vector<std::string> known;
    for (const ConfigKey& each : config_keys()) known.emplace_back(each.key);
    const std::string guess = closest_word(key_pattern(key), known);
    return Error(ErrorCode::bad_input, "unknown config key: " + key, where)
        .next_step(guess.empty() ? "souschef config show --all  lists every key"
                                 : "did you mean " + guess + "?");
  }
  static Error wrong_type(const std::string& key, const ConfigKey& known, const std::string& where) {
    return Error(ErrorCode::bad_input, key + " must be " + std::string(name_of(known.type)), where)
        .next_step("souschef config show --all  explains every key");
  }

  Config& config_;
  std::string file_;                       // for origins
  std::string shown_;                      // for messages
  ConfigLayer layer_ = ConfigLayer::user;  // of the file
};

fs::path user_config_file() {
  const char* chosen = std::getenv("XDG_CONFIG_HOME");
  if (chosen != nullptr && *chosen == '/') return fs::path(chosen) / "souschef/config.toml";
  const char* home = std::getenv("HOME");
  return home == nullptr ? fs::path() : fs::path(home) / ".config/souschef/config.toml";
}

std::string_view overlay_name() {
#if defined(_WIN32)
  return "config_windows.toml";
#elif defined(__APPLE__)
  return "config_macos.toml";
#else
  return "config_linux.toml";
#endif
}

ConfigSources config_sources(const fs::path& project_folder) {
  ConfigSources sources;
  sources.user_file = user_config_file();
  sources.project_folder = project_folder;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (text.rfind("SOUSCHEF_CONFIG_", 0) == 0 && equals != std::string_view::npos)
      sources.environment[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  return sources;
}

Result<Config> Config::load(const ConfigSources& sources) {
  Config config;
  config.project_folder_ = sources.project_folder;
  Loader loader(config);
  if (!sources.user_file.empty()) SOUSCHEF_CHECK(loader.add_file(sources.user_file, ConfigLayer::user));
  if (!sources.project_folder.empty()) {
    SOUSCHEF_CHECK(loader.add_file(sources.project_folder / "config.toml", ConfigLayer::project));
    SOUSCHEF_CHECK(loader.add_file(sources.project_folder / overlay_name(), ConfigLayer::project));
  }
  auto environment = sources.environment;
  for (const ConfigKey& key : config_keys()) {
    const auto found = environment.find(environment_name(key.key));
    if (found == environment.end()) continue;
    SOUSCHEF_CHECK(loader.set(std::string(key.key), found->second, found->first, ConfigLayer::environment));
    environment.erase(found);
  }
  if (!environment.empty())
    return Error(ErrorCode::bad_input,
                 "the environment variable " + environment.begin()->first + " names no config key")
        .next_step("souschef config show --all  lists every key");
  for (const auto& [key, value] : sources.flags)
    SOUSCHEF_CHECK(loader.set(key, value, "--config", ConfigLayer::flag));
  return config;
}

Json Config::value(std::string_view key) const {
  const auto found = values_.find(std::string(key));
  if (found != values_.end()) return found->second.value;
  const ConfigKey* known = config_key(key_pattern(key));
  if (known == nullptr) std::abort();  // a key that is not in the schema: a bug in the caller
  return Json::parse(known->default_json);
}

std::string Config::text(std::string_view key) const {
  const Json found = value(key);
  return found.is_string() ? found.get<std::string>() : std::string();
}
fs::path Config::path(std::string_view key) const {
  const std::string written = text(key);
  if (written.empty()) return {};
  const fs::path expanded = expand_path(written);
  return expanded.is_absolute() ? expanded : (project_folder_.parent_path() / expanded).lexically_normal();
}
std::int64_t Config::integer(std::string_view key) const {
  const Json found = value(key);
  return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}
double Config::number(std::string_view key) const {
  const Json found = value(key);
  return found.is_number() ? found.get<double>() : 0;
}
bool Config::boolean(std::string_view key) const {
  const Json found = value(key);
  return found.is_boolean() && found.get<bool>();
}
std::vector<std::string> Config::list(std::string_view key) const {
  const Json found = value(key);
  return found.is_array() ? found.get<std::vector<std::string>>() : std::vector<std::string>();
}
Json Config::table(std::string_view key) const {
  Json found = value(key);
  return found.is_object() ? found : Json::object();
}
std::string Config::origin(std::string_view key) const {
  const auto found = values_.find(std::string(key));
  return found == values_.end() ? "default" : found->second.origin;
}

bool Config::is_of_project(std::string_view key) const {
  const auto found = values_.find(std::string(key));
  return found != values_.end() && found->second.layer == ConfigLayer::project;
}

std::vector<std::string> Config::names(std::string_view list) const {
  const auto found = names_.find(std::string(list));
  return found == names_.end() ? std::vector<std::string>() : found->second;
}

std::vector<Target> Config::targets() const {
  std::vector<Target> all;
  for (const std::string& name : names("target")) {
    const std::string key = "target[" + name + "].";
    Target target{.name = name,
                  .path = path(key + "path"),
                  .renderer = text(key + "renderer"),
                  .autoexec = boolean(key + "autoexec"),
                  .factory_startup = boolean(key + "factory_startup"),
                  .addons = list(key + "addons"),
                  .arguments = list(key + "arguments"),
                  .environment = {}};
    const Json environment = table(key + "environment");
    for (const auto& [variable, setting] : environment.items())
      target.environment[variable] = setting.is_string() ? setting.get<std::string>() : setting.dump();
    all.push_back(std::move(target));
  }
  return all;
}

Result<Target> Config::target(std::string_view name) const {
  const std::vector<Target> all = targets();
  if (all.empty())
    return Error(ErrorCode::not_found, "no target is configured",
                 "no Blender was found when this production was made")
        .next_step("souschef targets add NAME /path/to/blender");
  std::string wanted(name.empty() ? text("default_target") : std::string(name));
  if (wanted.empty()) return all.front();
  for (const Target& target : all)
    if (target.name == wanted) return target;
  std::vector<std::string> known;
  for (const Target& target : all) known.push_back(target.name);
  const std::string guess = closest_word(wanted, known);
  return Error(ErrorCode::not_found, "no such target: " + wanted,
               name.empty() ? "default_target (" + origin("default_target") + ") names it" : "")
      .next_step(guess.empty() ? "souschef targets"
                               : "did you mean " + guess + "?  souschef targets  lists them");
}

std::string expand_path(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  const char* home = std::getenv("HOME");
  if (home != nullptr && (text == "~" || text.rfind("~/", 0) == 0)) {
    out = home;
    at = 1;
  }
  while (at < text.size()) {
    if (text[at] != '$') {
      out += text[at++];
      continue;
    }
    const bool braced = at + 1 < text.size() && text[at + 1] == '{';
    std::size_t end = at + (braced ? 2 : 1);
    const std::size_t start = end;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_'))
      ++end;
    const std::string name(text.substr(start, end - start));
    const bool closed = !braced || (end < text.size() && text[end] == '}');
    if (braced && closed) ++end;
    const char* setting = name.empty() || !closed ? nullptr : std::getenv(name.c_str());
    if (setting == nullptr) {
      out += text.substr(at, end - at);
    } else {
      out += setting;
    }
    at = end;
  }
  return out;
}

}  // namespace souschef::core
