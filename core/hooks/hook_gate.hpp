// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/hooks/repository.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

// Why a commit should not be made.
struct GateFinding {
  std::string entry;   // the shot
  std::string from;    // the .blend that refers, as in jobs
  std::string path;    // as it is written there
  std::string reason;  // "is missing"
  auto operator<=>(const GateFinding&) const = default;
};

// Looks at the shots that the commit in the making touches, as it will hold them: files that are missing or
// were not added, absolute paths, files outside the repository. Sorted, each once; empty: let it pass.
// Nothing is banked. Errors: those of Repository; bad_input (config); what a shot of the commit cannot be
// traced for.
Result<std::vector<GateFinding>> look_at_gate(Production& production, Repository& repository);

}  // namespace souschef::core
