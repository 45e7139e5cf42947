// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

#include <souschef/result.hpp>

namespace souschef::core {

// The word by which the program starts itself as the host of one shared library. Not for people.
inline constexpr std::string_view kPluginHostVerb = "plugin-host";

// Loads the library of the plugin in `folder` and answers requests from standard input on standard output
// (docs/format/plugin-protocol.md), until the input ends. What the library prints goes to standard error.
// Uses the process as a whole: descriptors, threads; call it once, from main. Errors: the plugin cannot be
// loaded.
Status serve_plugin(const std::filesystem::path& folder);

}  // namespace souschef::core
