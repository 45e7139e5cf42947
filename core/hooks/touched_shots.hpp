// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/banking/trace.hpp"
#include "core/base/file_view.hpp"
#include "core/hooks/revision_files.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

// Which shots a hook has to look at: [hooks] entries and on. Borrows what it is given. One thread at a time.
class TouchedShots {
 public:
  // `changed`: paths of the repository, as Repository::changed gives them. Errors: bad_input (hooks.on).
  static Result<TouchedShots> of(Production& production, RevisionFiles& files, FileView& view,
                                 const std::vector<std::string>& changed);

  // Names in the production of all that hooks.entries fits among the revision's files, sorted.
  [[nodiscard]] std::vector<std::string> entries() const;
  // Whether the config wants this one looked at.
  Result<bool> wants(const std::string& entry);
  [[nodiscard]] std::string absolute(const std::string& entry) const;

 private:
  enum class Scope : std::uint8_t { changed, dependents, all };

  TouchedShots(Production& production, RevisionFiles& files, FileView& view)
      : production_(&production), files_(&files), view_(&view) {}
  [[nodiscard]] bool is_changed(const std::string& path) const;
  Result<bool> depends_on_change(const Trace& trace);

  Production* production_;
  RevisionFiles* files_;
  FileView* view_;
  Scope scope_ = Scope::dependents;
  std::set<std::string> changed_, changed_folders_;
};

}  // namespace souschef::core
