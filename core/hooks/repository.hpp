// SPDX-License-Identifier: MIT
// The version control system that a production is kept in, as far as banking needs it: which files a revision
// has, what differs from it, and its bytes. Nothing here changes a repository, takes its locks or talks to
// the network.
//
// Paths are bytes relative to top(), '/' between. Errors, unless a call says otherwise: child_failed (with
// what the system's program printed), not_found (the program, a revision), timed_out, io. One thread at a
// time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

namespace souschef::core {

struct Revision {
  std::string id;      // in full
  std::string branch;  // empty: none (a detached head)
  std::string author;
  std::string subject;     // the first line of its message
  std::string parent;      // the first; empty: it has none
  bool rewritten = false;  // made by a rebase or its like, which says so in the revision
};

struct TrackedFile {
  std::string version;      // names the bytes: equal versions of one path are equal bytes
  bool is_symlink = false;  // its bytes are where it leads
  bool is_closed = false;   // a folder whose files are not known: a submodule that is not here
};
using TrackedFiles = std::map<std::string, TrackedFile>;

struct Difference {
  std::string path;
  bool in_revision = true;  // false: the revision has no such file
};

struct FileAt {
  std::string path, version;
};

// Pieces of the files that were asked for, by their place in the list. `end` comes once after the last piece
// of each, and only if all of it was there.
struct FileSink {
  std::function<Status(std::size_t file, std::span<const std::byte> piece)> piece;
  std::function<Status(std::size_t file)> end;
};

struct RepositoryTag {
  std::string name, revision;
};

class Repository {
 public:
  virtual ~Repository() = default;

  // The working copy that holds `folder`; null where there is none of that system. `system`: "git", "hg", or
  // empty for the innermost of any.
  static Result<std::unique_ptr<Repository>> find(const std::filesystem::path& folder,
                                                  std::string_view system = {});

  [[nodiscard]] virtual std::string_view system() const = 0;
  [[nodiscard]] const std::filesystem::path& top() const { return top_; }  // absolute, resolved
  // Of linked working copies (git worktree) the one that was there first; else top().
  [[nodiscard]] const std::filesystem::path& main_top() const { return main_top_; }

  // By any name that the system knows: "HEAD", a tag, the beginning of an id.
  virtual Result<Revision> revision(const std::string& name) = 0;
  virtual Result<Revision> current() = 0;
  // Whether a rebase, a bisection or their like is going on: revisions come and go.
  [[nodiscard]] virtual bool in_between() const = 0;

  // Submodules included. `id` is a full id from here on; empty: the commit in the making, which is the index
  // for git (with GIT_INDEX_FILE of the environment, as a hook finds it), the working copy for hg.
  virtual Result<TrackedFiles> files(const std::string& id) = 0;
  // What two revisions do not have in common; "lib/" means everything below it. An empty `from` is the first
  // parent of `to`.
  virtual Result<std::vector<std::string>> changed(const std::string& from, const std::string& to) = 0;
  // What the commit in the making changes.
  virtual Result<std::vector<std::string>> changing() = 0;
  // Those of `paths` that the ignore rules name.
  virtual Result<std::vector<std::string>> ignored(const std::vector<std::string>& paths) = 0;
  // Tracked files of the working copy that are not as in the revision.
  virtual Result<std::vector<Difference>> differing(const std::string& id) = 0;
  // The bytes as a checkout of the revision would put them into the working copy, LFS objects and line ends
  // included. A file that cannot be had without the network gets no end.
  virtual Status read(const std::string& id, const std::vector<FileAt>& files, const FileSink& sink) = 0;
  // Where a tracked symbolic link leads, as it is written.
  Result<std::string> link_target(const std::string& id, const FileAt& link);

  virtual Result<std::vector<RepositoryTag>> tags() = 0;

 protected:
  explicit Repository(std::filesystem::path top) : top_(top), main_top_(std::move(top)) {}

  std::filesystem::path top_, main_top_;
};

}  // namespace souschef::core
