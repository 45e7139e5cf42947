// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "core/base/json.hpp"
#include "core/plugin_host/plugin_manifest.hpp"
#include "core/plugin_host/plugin_process.hpp"

namespace souschef::core {

// How a plugin of a folder is started in a process of its own. The manifest has a program for this system.
// `settings`: complete, secrets resolved. `host`: the program that hosts shared libraries; empty: this one.
PluginCommand plugin_command(const PluginManifest& manifest, const std::filesystem::path& folder,
                             Json settings, const std::filesystem::path& host);

}  // namespace souschef::core
