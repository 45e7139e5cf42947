// SPDX-License-Identifier: MIT
// The settings of a production. Layers, the later wins: defaults, the user's file, the production's
// config.toml, its overlay for this operating system (config_linux.toml), the environment, --config flags.
// Every value remembers where it came from. Unknown keys are errors with a suggestion.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/production/config_schema.hpp"

namespace souschef::core {

struct ConfigSources {
  std::filesystem::path user_file;                         // may not exist
  std::filesystem::path project_folder;                    // .souschef; empty: no production
  std::map<std::string, std::string> environment;          // SOUSCHEF_CONFIG_<KEY>, dots as underscores
  std::vector<std::pair<std::string, std::string>> flags;  // key, value
};

// The sources for a production whose .souschef folder is given, with the process's environment.
ConfigSources config_sources(const std::filesystem::path& project_folder);
// ~/.config/souschef/config.toml, or below $XDG_CONFIG_HOME.
std::filesystem::path user_config_file();
// "config_linux.toml", "config_macos.toml" or "config_windows.toml".
std::string_view overlay_name();

// Whose word a value is. What a production's files say is anybody's who can write to the folder.
enum class ConfigLayer : std::uint8_t { user, project, environment, flag };

struct ConfigValue {
  Json value;
  std::string origin;  // "config.toml:12", "default", "SOUSCHEF_CONFIG_STORE_COMPRESSION", "--config"
  ConfigLayer layer = ConfigLayer::user;
};

// A Blender (or another renderer) that orders can be rendered with.
struct Target {
  std::string name;
  std::filesystem::path path;
  std::string renderer;  // plugin id; empty: the program's own
  bool autoexec = false;
  bool factory_startup = false;
  std::vector<std::string> addons;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
};

// Immutable once loaded; thread-safe.
class Config {
 public:
  // Errors: bad_input naming file and line.
  static Result<Config> load(const ConfigSources& sources);

  // The value at a key of the schema, or its default. Asking for a key that the schema does not have is a
  // bug.
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] std::filesystem::path path(std::string_view key) const;  // expanded, absolute
  [[nodiscard]] std::int64_t integer(std::string_view key) const;
  [[nodiscard]] double number(std::string_view key) const;
  [[nodiscard]] bool boolean(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view key) const;
  [[nodiscard]] Json table(std::string_view key) const;
  // True where some file, variable or flag sets it.
  [[nodiscard]] bool has(std::string_view key) const { return values_.contains(std::string(key)); }
  [[nodiscard]] std::string origin(std::string_view key) const;
  // True where it is set, and by the files of the production.
  [[nodiscard]] bool is_of_project(std::string_view key) const;

  // The names in a list of named tables, in the order of the files: names("target").
  [[nodiscard]] std::vector<std::string> names(std::string_view list) const;

  [[nodiscard]] std::vector<Target> targets() const;
  // By name; the default where `name` is empty. Errors: not_found with a suggestion.
  [[nodiscard]] Result<Target> target(std::string_view name) const;

  // Everything that is set, by key.
  [[nodiscard]] const std::map<std::string, ConfigValue>& values() const { return values_; }
  [[nodiscard]] const std::filesystem::path& project_folder() const { return project_folder_; }

 private:
  class Loader;
  [[nodiscard]] Json value(std::string_view key) const;

  std::filesystem::path project_folder_;
  std::map<std::string, ConfigValue> values_;
  std::map<std::string, std::vector<std::string>> names_;
};

// ~ and $VARIABLE or ${VARIABLE} at the places where shells expand them. An unset variable stays as written.
std::string expand_path(std::string_view text);

}  // namespace souschef::core
