// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/config.hpp"

namespace souschef::core {

// Programs on this machine that some renderer plugin can use, best first. Where to look is the plugins'
// knowledge (renderer.describe, "programs").
Result<std::vector<std::filesystem::path>> find_renderers();

// What a target's program says of itself.
struct ProbedTarget {
  Target target;
  bool exists = false;
  std::string version;  // "3.4.1"; empty: it could not be asked
  std::string build;    // build hash, or empty
  std::string problem;  // one sentence, or empty
};

// Asks every target's program for its version; `run` false: only whether it exists.
std::vector<ProbedTarget> probe_targets(const Config& config, bool run);

}  // namespace souschef::core
