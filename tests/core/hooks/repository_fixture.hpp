// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/hooks/hook_run.hpp"
#include "core/hooks/repository.hpp"
#include "core/jobs/job_store.hpp"
#include "tests/core/banking/production_fixture.hpp"

namespace souschef::core {

// A production in a repository of its own, with nothing of the user's settings.
class RepositoryFixture : public ProductionFixture {
 protected:
  void SetUp() override;

  // What a program prints, run in `folder` (the production's root if empty); a test failure where it fails.
  std::string run(const std::vector<std::string>& command, const std::filesystem::path& folder = {}) const;
  // The same, and whether it succeeded.
  bool try_run(const std::vector<std::string>& command, const std::filesystem::path& folder = {},
               std::string* said = nullptr) const;
  std::string git(std::vector<std::string> words, const std::filesystem::path& folder = {}) const;
  std::string souschef(std::vector<std::string> words, const std::filesystem::path& folder = {}) const;
  static bool have(const std::string& program, const std::string& word);

  // git init; files of the production that are not ours are tracked by commit().
  void init_git() const;
  // Commits everything; the full id.
  std::string commit(const std::string& message, const std::filesystem::path& folder = {}) const;
  void configure(const std::string& key, const std::string& value);

  // A shot that uses a texture and links a library with a texture of its own.
  void write_shot(const std::string& name = "a") const;
  // A .blend with other bytes: another object in it.
  void change_blend(const std::string& name, const std::string& object) const;

  Result<HookReport> hook(const std::string& revision = {}, const std::string& from = {});
  // Entry -> state, of a run that succeeds.
  std::map<std::string, std::string> states(const std::string& revision = {}, const std::string& from = {});
  std::vector<SnapshotRecord> records();
  // The one record of an entry at a revision.
  SnapshotRecord record_of(const std::string& entry, const std::string& revision);
  // A file of a job.
  std::string content(JobId job, const std::string& path);

  // Waits until that many runs of detached hooks are in the event log.
  void wait_for_runs(std::size_t count) const;
  [[nodiscard]] std::vector<Json> runs() const;

  // Every file below a folder: path -> mode, kind and content.
  static std::map<std::string, std::string> listing(const std::filesystem::path& folder);
};

}  // namespace souschef::core
