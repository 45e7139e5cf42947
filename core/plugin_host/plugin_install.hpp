// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/plugin_host/plugin_manifest.hpp"

namespace souschef::core {

// What install_plugin() would install, to be asked about first. `given`: what the user named, for messages;
// `folder` itself, or the archive that was unpacked there. Errors: not_found, bad_input.
Result<PluginManifest> read_installable(const std::filesystem::path& folder,
                                        const std::filesystem::path& given);

enum class IfInstalled { refuse, replace };

struct InstalledPlugin {
  PluginManifest manifest;
  std::filesystem::path folder;  // <place>/<id>
  Hash hash;                     // of what was copied: docs/format/trust.md
};

// Copies a plugin's folder to <place>/<id>; folders of version control stay behind. The plugin is there as a
// whole or not at all, and on disk when this returns. Runs nothing and trusts nothing. Errors: bad_input
// (plugin.json; links that lead out; too much), not_found, exists (unless `replace`), changed (it was written
// to meanwhile), denied, no_space, io.
Result<InstalledPlugin> install_plugin(const std::filesystem::path& source,
                                       const std::filesystem::path& place, IfInstalled if_installed);

}  // namespace souschef::core
