// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/production/config.hpp"

namespace souschef::core {

struct InitResult {
  std::filesystem::path root;
  std::vector<Target> targets;  // as written to the config; the first is the default
  bool config_kept = false;     // there was a config: it is as it was
  bool already_there = false;   // there was a whole production: nothing was changed
};

// Makes root/.souschef with its folders, ignore files, store and config. What is there is never overwritten:
// running it again adds what is missing. `programs`: renderers found on this machine, best first. Errors:
// denied, no_space, io; usage where root lies inside another production.
Result<InitResult> init_production(const std::filesystem::path& root,
                                   const std::vector<std::filesystem::path>& programs);

}  // namespace souschef::core
