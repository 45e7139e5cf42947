// SPDX-License-Identifier: MIT
// The part of a hook for which somebody waits: what happened is read from the repository while it still
// stands as it was, then the work is left to a program that outlives us.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/hooks/hook_run.hpp"
#include "core/hooks/repository.hpp"

namespace souschef::core {

struct HookCall {
  std::string system;                  // "git", "hg"
  std::string event;                   // name of the hook: "post-commit"
  std::vector<std::string> arguments;  // as the system gave them to the hook
  std::filesystem::path folder;        // where it runs
};

// What there is to do for it; nothing: an event that calls for nothing (a file checked out, a step of a
// rebase). For git one program is started, for Mercurial none: its variables in the environment are enough.
// Errors: those of Repository; usage (an unknown event).
Result<std::optional<HookRequest>> request_of(const HookCall& call);

// Runs `souschef hook run` for the request, detached. Errors: io.
Status leave_to_background(const HookCall& call, const HookRequest& request, const std::string& place);

inline constexpr std::string_view kTagEvent = "tag";

}  // namespace souschef::core
