// SPDX-License-Identifier: MIT
// What a revision says that the files of a production are, and whether a job holds just that (invariant 33).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/file_view.hpp"
#include "core/hooks/repository.hpp"
#include "core/jobs/manifest.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

// How a job's files and a revision's compare.
struct RevisionClaim {
  std::vector<std::string> modified;  // job paths of tracked files with other bytes, or none that can be had
  std::uint64_t untracked = 0;        // files of the job that the revision does not have
};

// One revision, read once. Borrows the production and the repository. One thread at a time.
class RevisionFiles {
 public:
  static Result<std::unique_ptr<RevisionFiles>> load(Production& production, Repository& repository,
                                                     Revision revision);

  [[nodiscard]] const Revision& revision() const { return revision_; }
  [[nodiscard]] const TrackedFiles& files() const { return files_; }
  [[nodiscard]] Repository& repository() const { return repository_; }
  // The repository's path of an absolute one, and back. Empty: not in the repository.
  [[nodiscard]] std::string path_of(const std::string& absolute) const;
  [[nodiscard]] std::string absolute(const std::string& path) const;

  // The tracked file that an absolute path means, tracked links on the way followed. Empty: none is tracked.
  Result<std::string> tracked(const std::string& absolute);

  // Compares what was banked, by hash, with the revision's own bytes; the working copy has no say. The hashes
  // of a revision's files are remembered in the store's index.
  Result<RevisionClaim> compare(const Manifest& manifest);

  // The revision's files in the place of the working copy's, where those differ now.
  Result<std::unique_ptr<FileView>> view();

 private:
  RevisionFiles(Production& production, Repository& repository, Revision revision)
      : production_(production), repository_(repository), revision_(std::move(revision)) {}

  // The tracked file that a path means, tracked links on the way followed. Empty: none, or a closed one.
  struct Followed {
    std::string path;
    bool closed = false;
  };
  Result<Followed> follow(std::string path);
  Result<std::map<std::string, Hash>> hashes(const std::vector<std::string>& paths);

  Production& production_;
  Repository& repository_;
  Revision revision_;
  TrackedFiles files_;
  std::map<std::string, std::string> link_targets_;
};

}  // namespace souschef::core
