// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/production/production.hpp"

namespace souschef::core {

enum class Health : std::uint8_t {
  good,
  notice,  // works, but somebody should know
  bad      // something will not work
};
std::string_view name_of(Health health);

// One thing that was looked at.
struct Finding {
  std::string subject;  // "Blender lts", "disk"
  Health health = Health::good;
  std::string what;  // one sentence
  std::string mend;  // what to do about it; empty where good
};

// Looks at everything that a production needs on this machine: Blenders, FFmpeg, disk, file system, clock,
// permissions, plugins, what is stale. Starts each target's program to ask for its version; changes nothing
// but a file of its own that it removes again. Never fails: what cannot be looked at is a finding.
std::vector<Finding> examine(Production& production);

}  // namespace souschef::core
