// SPDX-License-Identifier: MIT
// What a hook does: banks the shots of a revision.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/hooks/repository.hpp"
#include "core/jobs/job_store.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

// In HookRequest::from: what a hook banked last in this working copy, else the first parent.
inline constexpr std::string_view kLastRevision = "last";

struct HookRequest {
  std::string event;     // for people and the log: "post-commit", "update", "by hand"
  std::string revision;  // any name of it; empty: the one that is checked out
  // What it is compared with, each for itself: a shot is touched if any differs. Empty: its first parent.
  std::vector<std::string> from;
  std::vector<std::string> entries;  // only these, whether touched or not; empty: as the config says
};

enum class HookShotState {
  banked,    // just as the revision has it
  already,   // it was banked before
  modified,  // banked, but some files are not the revision's: the record names them
  failed
};
std::string_view name_of(HookShotState state);

struct HookShot {
  std::string entry;
  HookShotState state = HookShotState::failed;
  std::optional<JobId> job;
  std::vector<std::string> modified;
  std::vector<ManifestMissing> missing;
  std::string reason;  // why it failed
};

struct HookReport {
  Revision revision;
  std::vector<HookShot> shots;
  std::vector<std::string> tags;  // "v2: shots/a.blend", for what is tagged since
  std::string skipped;            // why there was nothing to do
  double seconds = 0;

  [[nodiscard]] std::size_t count(HookShotState state) const;
};

// Banks what [hooks] of the config says, one run after another (a lock in .souschef/tmp). Shots are banked as
// the revision has them, whatever lies in the working copy by now. What happens goes into the event log, and
// from there to the listeners. A shot that fails is no error of the whole. Errors: those of Repository;
// not_found (the revision), bad_input (config), io.
Result<HookReport> run_hook(Production& production, Repository& repository, const HookRequest& request);

// Gives the records of tagged revisions their tags, where they do not have them. The new ones, as in
// HookReport::tags.
Result<std::vector<std::string>> follow_tags(Production& production, Repository& repository);

// The production that a hook of a repository works for. `place`: as the hook's script has it, relative to the
// top of the working copy. A linked working copy without a store of its own has its shots banked where those
// of the main one are. Errors: no_production, bad_input (config).
Result<std::unique_ptr<Production>> production_of_hook(const Repository& repository,
                                                       const std::filesystem::path& place);

}  // namespace souschef::core
