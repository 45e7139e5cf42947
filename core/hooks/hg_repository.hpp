// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/hooks/repository.hpp"

namespace souschef::core {

// Mercurial, through its program (which takes a good part of a second to start: nothing here is asked for
// while somebody waits). Large files (the extension's) count as closed: their bytes are not looked at.
class HgRepository final : public Repository {
 public:
  // `top`: holds .hg.
  static Result<std::unique_ptr<Repository>> open(const std::filesystem::path& top);

  [[nodiscard]] std::string_view system() const override { return "hg"; }
  Result<Revision> revision(const std::string& name) override;
  Result<Revision> current() override { return revision("."); }
  [[nodiscard]] bool in_between() const override;
  Result<TrackedFiles> files(const std::string& id) override;
  Result<std::vector<std::string>> changed(const std::string& from, const std::string& to) override;
  Result<std::vector<std::string>> changing() override;
  Result<std::vector<std::string>> ignored(const std::vector<std::string>& paths) override;
  Result<std::vector<Difference>> differing(const std::string& id) override;
  Status read(const std::string& id, const std::vector<FileAt>& files, const FileSink& sink) override;
  Result<std::vector<RepositoryTag>> tags() override;

 private:
  explicit HgRepository(std::filesystem::path top) : Repository(std::move(top)) {}

  Result<std::string> ask(std::vector<std::string> words);
};

}  // namespace souschef::core
