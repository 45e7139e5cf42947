// SPDX-License-Identifier: MIT
// Puts hooks into a repository and takes them out again, byte for byte.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/hooks/repository.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

struct InstalledHook {
  std::string name;                 // "post-commit"
  std::filesystem::path file;       // the script, or the hgrc
  std::vector<std::string> places;  // the productions that it works for, relative to the working copy's top
  bool chained = false;             // there is another hook that runs first
};

struct HookChange {
  std::vector<InstalledHook> hooks;  // that are there now (install), or were taken away (remove)
  std::vector<std::string> notes;    // for people
};

// What stood there before is kept beside the new script and runs first. Installing again brings the script up
// to date. Errors: those of Repository; denied, no_space, io: hooks that were written by then stay.
Result<HookChange> install_hooks(const Production& production, Repository& repository,
                                 const std::filesystem::path& program);
// A hook that another program has replaced since is left alone, and named in the notes. Errors: as above.
Result<HookChange> remove_hooks(const Production& production, Repository& repository);
// Those of all productions.
Result<std::vector<InstalledHook>> list_hooks(Repository& repository);

}  // namespace souschef::core
