// SPDX-License-Identifier: MIT
// A plugin to begin with: `souschef plugin new`. The files are in
// core/plugin_host/plugin_templates/<kind>_<language>/.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/plugin_host/plugin_manifest.hpp"

namespace souschef::core {

enum class PluginLanguage { cpp, python };

// Makes `folder` with a plugin that builds, passes check_plugin and does something small. Errors: exists;
// usage (a name that is no id); unsupported (no template for that kind, with what to start from); io, denied.
Status make_plugin_folder(const std::filesystem::path& folder, PluginKind kind, const std::string& id,
                          PluginLanguage language);

}  // namespace souschef::core
