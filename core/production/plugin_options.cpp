// SPDX-License-Identifier: MIT
#include "core/production/plugin_options.hpp"

#include <algorithm>

#include "core/base/suggestion.hpp"
#include "core/production/config_trust.hpp"

namespace souschef::core {
namespace {

std::string key_of(std::string_view list, std::string_view name, std::string_view member) {
  return std::string(list) + "[" + std::string(name) + "]." + std::string(member);
}

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Words that need no config: an order of a movie scene ends with the first.
struct BuiltinStage {
  std::string_view name, plugin, preset;
};
constexpr BuiltinStage kBuiltinStages[] = {{kMovieStage, "ffmpeg", "scene"},
                                           {"preview", "ffmpeg", "preview"}};

}  // namespace

PluginCatalogOptions plugin_options(const Config& config, const std::filesystem::path& project_plugins) {
  PluginCatalogOptions options;
  for (const std::string& id : config.names("plugin")) {
    options.settings[id] = config.table(key_of("plugin", id, "settings"));
    if (const std::string replaced = config.text(key_of("plugin", id, "replaces")); !replaced.empty())
      options.replace[replaced] = id;
  }
  options.places = plugin_places(project_plugins);
  options.allow_filters = config.list("store.allow_filters");
  options.may_use = [config](PluginCatalog& plugins, std::string_view part) {
    return check_config_trust(config, plugins, part);
  };
  return options;
}

Result<StageDefinition> stage_definition(const Config& config, PluginCatalog& plugins, std::string_view name,
                                         const std::vector<std::string>& overrides) {
  StageDefinition stage{std::string(name), std::string(name), Json::object()};
  const bool configured = holds(config.names("stage"), name);
  if (configured) {
    if (const std::string plugin = config.text(key_of("stage", name, "plugin")); !plugin.empty())
      stage.plugin = plugin;
    stage.settings = config.table(key_of("stage", name, "settings"));
  } else {
    for (const BuiltinStage& builtin : kBuiltinStages) {
      if (builtin.name != name) continue;
      stage.plugin = builtin.plugin;
      stage.settings["preset"] = builtin.preset;
    }
  }
  stage.plugin = plugins.used_for(stage.plugin);
  auto record = plugins.find(stage.plugin);
  if (!record) {
    if (configured)
      return std::move(record.error()).in_context("the stage \"" + stage.name + "\" cannot be used");
    const std::string meant = closest_word(name, stage_names(config, plugins));
    return Error(ErrorCode::not_found, "no such stage: " + stage.name)
        .next_step(meant.empty() ? "souschef plugin list" : "did you mean " + meant + "?");
  }
  SOUSCHEF_CHECK(plugins.may_use("stage[" + stage.name + "]."));
  // Before the settings, so that a plugin that cannot be used says so first.
  SOUSCHEF_CHECK(plugins.calls(stage.plugin, PluginKind::stage));
  for (const std::string& word : overrides) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos)
      return Error(ErrorCode::usage, "not a setting: " + stage.name + "." + word)
          .next_step("write --set " + stage.name + ".KEY=VALUE");
    const std::string key = word.substr(0, equals);
    SOUSCHEF_TRY(stage.settings[key],
                 (*record)->schema.parse_value(key, word.substr(equals + 1), stage.name));
  }
  SOUSCHEF_TRY(stage.settings, plugins.settings_for(stage.plugin, stage.settings, stage.name));
  return stage;
}

std::vector<std::string> stage_names(const Config& config, PluginCatalog& plugins) {
  std::vector<std::string> names = config.names("stage");
  for (const BuiltinStage& builtin : kBuiltinStages)
    if (!holds(names, builtin.name) && plugins.find(builtin.plugin)) names.emplace_back(builtin.name);
  for (const PluginRecord* record : plugins.plugins())
    if (record->state == PluginState::ok && record->manifest.is(PluginKind::stage) &&
        !holds(names, record->manifest.id))
      names.push_back(record->manifest.id);
  return names;
}

std::vector<EventListener> event_listeners(const Config& config) {
  std::vector<EventListener> listeners;
  for (const std::string& name : config.names("event"))
    listeners.push_back({name, config.text(key_of("event", name, "plugin")),
                         config.list(key_of("event", name, "events")),
                         config.table(key_of("event", name, "settings"))});
  return listeners;
}

}  // namespace souschef::core
