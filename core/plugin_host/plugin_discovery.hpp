// SPDX-License-Identifier: MIT
// Finding plugins that are not built in. Reads plugin.json files, runs nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/plugin_host/plugin_manifest.hpp"

namespace souschef::core {

enum class PluginOrigin : std::uint8_t { builtin, path, project, user, system };
std::string_view name_of(PluginOrigin origin);

// A folder whose sub-folders are plugins; or one plugin's own folder.
struct PluginPlace {
  std::filesystem::path folder;
  PluginOrigin origin = PluginOrigin::user;
};

// In the order in which they count: $SOUSCHEF_PLUGIN_PATH (folders with ':' between), the production's, the
// user's, the system's. `project_plugins` may be empty. Places that do not exist are no error later.
std::vector<PluginPlace> plugin_places(const std::filesystem::path& project_plugins);

struct FoundPlugin {
  std::filesystem::path folder;  // absolute
  PluginOrigin origin = PluginOrigin::user;
  Result<PluginManifest> manifest;
};

// What is there, place after place, by name within a place. A sub-folder without plugin.json is no plugin;
// one whose plugin.json cannot be read is one that is broken. Hidden folders are passed over.
std::vector<FoundPlugin> find_plugins(const std::vector<PluginPlace>& places);

// The plugin in one folder, for `plugin check` and `plugin add`.
FoundPlugin read_plugin(const std::filesystem::path& folder, PluginOrigin origin);

}  // namespace souschef::core
