// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/run_program.hpp"
#include "core/hooks/repository.hpp"

namespace souschef::core {

class GitRepository final : public Repository {
 public:
  // What GIT_DIR, GIT_INDEX_FILE and the like in the environment say counts for the repository whose hook we
  // may be, and only while it is opened; not for a submodule.
  enum class Surroundings { count, do_not_count };
  // `folder`: in the working copy.
  static Result<std::unique_ptr<Repository>> open(const std::filesystem::path& folder,
                                                  Surroundings surroundings = Surroundings::count);
  // The variables of git that name a repository.
  static const std::vector<std::string>& variables();

  [[nodiscard]] std::string_view system() const override { return "git"; }
  Result<Revision> revision(const std::string& name) override;
  Result<Revision> current() override { return revision("HEAD"); }
  [[nodiscard]] bool in_between() const override;
  Result<TrackedFiles> files(const std::string& id) override;
  Result<std::vector<std::string>> changed(const std::string& from, const std::string& to) override;
  Result<std::vector<std::string>> changing() override;
  Result<std::vector<std::string>> ignored(const std::vector<std::string>& paths) override;
  Result<std::vector<Difference>> differing(const std::string& id) override;
  Status read(const std::string& id, const std::vector<FileAt>& files, const FileSink& sink) override;
  Result<std::vector<RepositoryTag>> tags() override;

  [[nodiscard]] const std::filesystem::path& git_folder() const { return git_folder_; }
  // The folder that all linked working copies share.
  [[nodiscard]] const std::filesystem::path& common_folder() const { return common_folder_; }
  // Where git looks for hooks: core.hooksPath, or the hooks of the (main) repository.
  Result<std::filesystem::path> hooks_folder();

  // The revision that was checked out when this object was made; empty: none yet.
  [[nodiscard]] const std::string& head_at_opening() const { return head_; }

 private:
  explicit GitRepository(std::filesystem::path top) : Repository(std::move(top)) {}

  Result<std::string> ask(std::vector<std::string> words, std::string input = {});
  Status add_entries(std::string_view listing, bool index, TrackedFiles& files);
  Status read_one(const FileAt& file, std::size_t index, const FileSink& sink);
  Status read_lfs(std::string_view pointer, std::size_t index, const FileSink& sink);
  // The submodule at a path, where it is checked out; null elsewhere.
  GitRepository* submodule(const std::string& path);
  // The submodule that holds `path`, with the path in it.
  std::pair<GitRepository*, std::string> owner_of(const std::string& path);

  std::filesystem::path git_folder_, common_folder_;
  std::filesystem::path index_file_;  // empty: the repository's own
  std::string head_;
  std::map<std::string, std::unique_ptr<Repository>> submodules_;  // by path; null: not here
};

}  // namespace souschef::core
