// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/production/production.hpp"

namespace souschef::core {

class PluginCatalog;

// Programs on this machine that some renderer plugin can use, best first. Where to look is the plugins'
// knowledge (renderer.describe, "programs").
Result<std::vector<std::filesystem::path>> find_renderers();

// The id of the renderer plugin that works this target: the one that the target names, else the first there
// is. Errors: not_found, unsupported (there is none at all).
Result<std::string> renderer_for(PluginCatalog& catalog, const Target& target);

// What a target's program says of itself.
struct ProbedTarget {
  Target target;
  bool exists = false;
  std::string version;  // "3.4.1"; empty: it could not be asked
  std::string build;    // build hash, or empty
  // False: this user does not let it run (core/production/config_trust), so nobody asked it.
  bool is_trusted = true;
  std::string problem;  // one sentence, or empty
};

// Asks every target's program for its version; `run` false: only whether it exists.
std::vector<ProbedTarget> probe_targets(Production& production, bool run);

}  // namespace souschef::core
