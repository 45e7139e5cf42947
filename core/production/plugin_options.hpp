// SPDX-License-Identifier: MIT
// What the config says about plugins, stages and listeners.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/config.hpp"

namespace souschef::core {

// For PluginCatalog::open. `project_plugins`: .souschef/plugins, or empty outside a production.
PluginCatalogOptions plugin_options(const Config& config, const std::filesystem::path& project_plugins);

// One stage as an order may name it.
struct StageDefinition {
  std::string name;
  std::string plugin;
  Json settings = Json::object();  // checked, complete; secrets by name
};

// The word of the stage that every order begins with; it is no plugin of this kind.
inline constexpr std::string_view kRenderStage = "render";
// Encodes as the scene's own movie settings say: what an order of a movie scene ends with.
inline constexpr std::string_view kMovieStage = "movie";

// A [[stage]] of the config, a built-in word (movie, preview), or a stage plugin by its id. `overrides`:
// "crf=20", as `--set preview.crf=20` gives them. Errors: not_found with a suggestion, bad_input (settings),
// those of the plugin.
Result<StageDefinition> stage_definition(const Config& config, PluginCatalog& plugins, std::string_view name,
                                         const std::vector<std::string>& overrides = {});
// Every word that stage_definition would know, for help and completion.
std::vector<std::string> stage_names(const Config& config, PluginCatalog& plugins);

// One [[event]] of the config: who is told of what.
struct EventListener {
  std::string name;
  std::string plugin;
  std::vector<std::string> events;  // empty: those that people care about
  Json settings =
      Json::object();  // as written; checked where it is used, so that one mistake silences one listener
};
std::vector<EventListener> event_listeners(const Config& config);

}  // namespace souschef::core
