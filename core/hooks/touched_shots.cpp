// SPDX-License-Identifier: MIT
#include "core/hooks/touched_shots.hpp"

#include <algorithm>

#include "core/production/blend_path.hpp"
#include "core/production/ignore_rules.hpp"

namespace fs = std::filesystem;

namespace souschef::core {

Result<TouchedShots> TouchedShots::of(Production& production, RevisionFiles& files, FileView& view,
                                      const std::vector<std::string>& changed) {
  TouchedShots shots(production, files, view);
  const Config& config = production.config();
  const std::string word = config.text("hooks.on");
  if (word != "changed" && word != "dependents" && word != "all")
    return Error(ErrorCode::bad_input, "hooks.on cannot be " + word, config.origin("hooks.on") + " says so")
        .next_step("souschef config set hooks.on dependents  (or changed, or all)");
  shots.scope_ = word == "changed" ? Scope::changed : word == "all" ? Scope::all : Scope::dependents;
  for (const std::string& path : changed)
    (path.ends_with('/') ? shots.changed_folders_ : shots.changed_).insert(path);
  return shots;
}

std::vector<std::string> TouchedShots::entries() const {
  const auto patterns = production_->config().list("hooks.entries");
  std::vector<std::string> entries;
  for (const auto& [path, file] : files_->files()) {
    if (file.is_symlink || file.is_closed || !path.ends_with(".blend")) continue;
    const std::string entry = production_->relative(fs::path(files_->absolute(path)));
    if (entry.empty() || entry.starts_with(".souschef/")) continue;
    if (std::any_of(patterns.begin(), patterns.end(),
                    [&](const std::string& pattern) { return matches_glob(pattern, entry); }))
      entries.push_back(entry);
  }
  return entries;
}

std::string TouchedShots::absolute(const std::string& entry) const {
  return joined(production_->root().string(), entry);
}

bool TouchedShots::is_changed(const std::string& path) const {
  if (path.empty()) return false;
  if (changed_.contains(path)) return true;
  return std::any_of(changed_folders_.begin(), changed_folders_.end(),
                     [&](const std::string& folder) { return path.starts_with(folder); });
}

Result<bool> TouchedShots::wants(const std::string& entry) {
  const std::string path = absolute(entry);
  if (scope_ == Scope::all || is_changed(files_->path_of(path))) return true;
  if (scope_ == Scope::changed) return false;
  TraceOptions options;
  options.include_unused = production_->config().boolean("trace.include_unused");
  options.view = view_;
  const auto trace = trace_blend(*production_, path, options);
  // One that cannot be read (a pointer of Git LFS, another program's file) is nobody's dependent.
  return trace ? depends_on_change(*trace) : Result<bool>(false);
}

Result<bool> TouchedShots::depends_on_change(const Trace& trace) {
  for (const auto& [path, job_path] : files_to_bank(*production_, trace)) {
    SOUSCHEF_TRY(const std::string tracked, files_->tracked(path));
    if (is_changed(tracked)) return true;
  }
  // What is gone was there before: a file by its name, a frame of a sequence by its folder.
  for (const Dependency& dependency : trace.dependencies) {
    const std::string path = files_->path_of(dependency.resolved);
    if (dependency.state == DependencyState::missing && is_changed(path)) return true;
    if (trace.reference(dependency).expansion == Expansion::file) continue;
    const std::string folder(path.substr(0, path.rfind('/') + 1));
    for (auto at = changed_.lower_bound(folder); at != changed_.end() && at->starts_with(folder); ++at)
      if (!folder.empty() && !files_->files().contains(*at)) return true;
  }
  return false;
}

}  // namespace souschef::core
