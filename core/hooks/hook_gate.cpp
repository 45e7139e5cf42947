// SPDX-License-Identifier: MIT
#include "core/hooks/hook_gate.hpp"

#include <algorithm>
#include <set>

#include <souschef/file_name.hpp>

#include "core/hooks/revision_files.hpp"
#include "core/hooks/touched_shots.hpp"
#include "core/production/blend_path.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

class Gate {
 public:
  Gate(Production& production, Repository& repository, RevisionFiles& files)
      : production_(production), repository_(repository), files_(files) {}

  Result<std::vector<GateFinding>> look() {
    SOUSCHEF_TRY(const auto view, files_.view());
    SOUSCHEF_TRY(const auto changing, repository_.changing());
    SOUSCHEF_TRY(TouchedShots touched, TouchedShots::of(production_, files_, *view, changing));
    for (const std::string& entry : touched.entries()) {
      SOUSCHEF_TRY(const bool wanted, touched.wants(entry));
      if (!wanted) continue;
      TraceOptions options;
      options.view = view.get();
      SOUSCHEF_TRY(const Trace trace, trace_blend(production_, touched.absolute(entry), options));
      for (const std::string& problem : trace.problems) add({entry, entry, problem, "cannot be read"});
      for (const Dependency& dependency : trace.dependencies)
        SOUSCHEF_CHECK(look_at(entry, trace, dependency));
    }
    SOUSCHEF_CHECK(look_at_untracked());
    return std::vector<GateFinding>(findings_.begin(), findings_.end());
  }

 private:
  void add(GateFinding finding) { findings_.insert(std::move(finding)); }

  Status look_at(const std::string& entry, const Trace& trace, const Dependency& dependency) {
    if (dependency.state == DependencyState::not_needed) return {};
    const std::string written = trace.reference(dependency).path;
    const std::string& from = trace.blends[dependency.blend].job_path;
    const PathForm form = form_of(written);
    if (dependency.state == DependencyState::missing) {
      add({entry, from, written, "is missing"});
      return {};
    }
    if (form == PathForm::absolute || form == PathForm::windows || form == PathForm::share)
      add({entry, from, written, "is an absolute path"});
    for (const std::string& file : dependency.files) {
      if (files_.path_of(file).empty()) {
        add({entry, from, written, "is outside the repository"});
        continue;
      }
      SOUSCHEF_TRY(const std::string tracked, files_.tracked(file));
      if (tracked.empty())
        untracked_.insert({entry, from, files_.path_of(file), "was not added to the commit"});
    }
    return {};
  }

  // What the ignore rules name is left out on purpose.
  Status look_at_untracked() {
    std::vector<std::string> paths;
    for (const GateFinding& each : untracked_) paths.push_back(each.path);
    SOUSCHEF_TRY(const auto ignored, repository_.ignored(paths));
    for (const GateFinding& each : untracked_)
      if (std::find(ignored.begin(), ignored.end(), each.path) == ignored.end()) add(each);
    return {};
  }

  Production& production_;
  Repository& repository_;
  RevisionFiles& files_;
  std::set<GateFinding> findings_, untracked_;
};

}  // namespace

Result<std::vector<GateFinding>> look_at_gate(Production& production, Repository& repository) {
  SOUSCHEF_TRY(const auto files, RevisionFiles::load(production, repository, {}));
  return Gate(production, repository, *files).look();
}

}  // namespace souschef::core
