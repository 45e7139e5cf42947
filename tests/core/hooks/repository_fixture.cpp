// SPDX-License-Identifier: MIT
#include "tests/core/hooks/repository_fixture.hpp"

#include <poll.h>
#include <sys/stat.h>

#include "core/base/run_program.hpp"
#include "core/events/event_cursor.hpp"
#include "core/jobs/restore.hpp"
#include "core/production/config_edit.hpp"

namespace fs = std::filesystem;

namespace souschef::core {

void RepositoryFixture::SetUp() {
  ProductionFixture::SetUp();
  const std::map<std::string, std::string> environment = {
      {"GIT_CONFIG_NOSYSTEM", "1"},
      {"GIT_CONFIG_GLOBAL", (folder_ / "home/gitconfig").string()},
      {"HGRCPATH", (folder_ / "home/hgrc").string()},
      {"EDITOR", "true"},
      {"GIT_EDITOR", "true"}};
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  for (const char* name : {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "HG_NODE"}) ::unsetenv(name);
  folder_.write("home/gitconfig",
                "[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n"
                "[protocol \"file\"]\nallow = always\n[core]\nautocrlf = false\n[commit]\ngpgsign = false\n");
  folder_.write("home/hgrc", "[ui]\nusername = Ada <ada@example.org>\n[extensions]\nrebase =\n");
}

bool RepositoryFixture::try_run(const std::vector<std::string>& command, const fs::path& folder,
                                std::string* said) const {
  ProcessOptions process;
  process.command = command;
  process.folder = folder.empty() ? root() : folder;
  const auto ran = run_program(std::move(process));
  if (said != nullptr) *said = ran ? ran->output + ran->errors : ran.error().line();
  return ran && ran->end.success();
}

std::string RepositoryFixture::run(const std::vector<std::string>& command, const fs::path& folder) const {
  ProcessOptions process;
  process.command = command;
  process.folder = folder.empty() ? root() : folder;
  const auto ran = run_program(std::move(process));
  EXPECT_TRUE(ran && ran->end.success()) << command[0] << " " << (command.size() > 1 ? command[1] : "")
                                         << ": " << (ran ? ran->errors + ran->output : ran.error().line());
  return ran ? ran->output : std::string();
}

std::string RepositoryFixture::git(std::vector<std::string> words, const fs::path& folder) const {
  words.insert(words.begin(), "git");
  return run(words, folder);
}

std::string RepositoryFixture::souschef(std::vector<std::string> words, const fs::path& folder) const {
  words.insert(words.begin(), SOUSCHEF_PROGRAM);
  return run(words, folder);
}

bool RepositoryFixture::have(const std::string& program, const std::string& word) {
  ProcessOptions process;
  process.command = {program, word};
  const auto ran = run_program(std::move(process));
  return ran && ran->end.success();
}

void RepositoryFixture::init_git() const {
  git({"init", "--quiet"});
}

std::string RepositoryFixture::commit(const std::string& message, const fs::path& folder) const {
  git({"add", "--all"}, folder);
  git({"commit", "--quiet", "--message", message}, folder);
  std::string id = git({"rev-parse", "HEAD"}, folder);
  id.pop_back();
  return id;
}

void RepositoryFixture::configure(const std::string& key, const std::string& value) {
  const Status set = set_config_value(production_->paths().dot / "config.toml", key, value);
  ASSERT_TRUE(set) << set.error().line();
  reopen();
}

void RepositoryFixture::write_shot(const std::string& name) const {
  write("shots/" + name + ".blend", blend({"//../tex/" + name + ".png"}, {{"//../lib/set.blend", "OBSet"}}));
  write("tex/" + name + ".png", "picture " + name);
  write("lib/set.blend", blend({"//tex/wall.png"}, {}, "OBSet"));
  write("lib/tex/wall.png", "picture wall");
}

void RepositoryFixture::change_blend(const std::string& name, const std::string& object) const {
  write("shots/" + name + ".blend",
        blend({"//../tex/" + name + ".png"}, {{"//../lib/set.blend", "OBSet"}}, object));
}

Result<HookReport> RepositoryFixture::hook(const std::string& revision, const std::string& from) {
  auto repository = Repository::find(root());
  if (!repository) return std::move(repository).error();
  if (*repository == nullptr) return Error(ErrorCode::not_found, "no repository");
  return run_hook(*production_, **repository,
                  {.event = "test",
                   .revision = revision,
                   .from = from.empty() ? std::vector<std::string>() : std::vector<std::string>{from},
                   .entries = {}});
}

std::map<std::string, std::string> RepositoryFixture::states(const std::string& revision,
                                                             const std::string& from) {
  std::map<std::string, std::string> states;
  const auto done = hook(revision, from);
  EXPECT_TRUE(done) << done.error().line();
  if (!done) return states;
  for (const HookShot& shot : done->shots) {
    states[shot.entry] = name_of(shot.state);
    EXPECT_EQ(shot.reason, "");
  }
  return states;
}

std::vector<SnapshotRecord> RepositoryFixture::records() {
  auto records = JobStore(*production_).snapshots();
  EXPECT_TRUE(records) << records.error().line();
  return records ? *records : std::vector<SnapshotRecord>();
}

SnapshotRecord RepositoryFixture::record_of(const std::string& entry, const std::string& revision) {
  std::vector<SnapshotRecord> found;
  for (const SnapshotRecord& record : records())
    if (record.entry == entry && record.revision.contains("id") && record.revision.at("id") == revision)
      found.push_back(record);
  EXPECT_EQ(found.size(), 1U) << entry << " at " << revision;
  return found.empty() ? SnapshotRecord() : found.front();
}

std::string RepositoryFixture::content(JobId job, const std::string& path) {
  const fs::path target = folder_ / ("job-" + job.hex());
  fs::remove_all(target);
  const auto restored = restore_job(
      *production_, {.job = job, .folder = target, .only = {path}, .progress = {}, .cancelled = {}});
  EXPECT_TRUE(restored) << restored.error().line();
  return fs::exists(target / path) ? test::read_file(target / path) : std::string();
}

std::vector<Json> RepositoryFixture::runs() const {
  std::vector<Json> runs;
  const EventLog log(production_->paths().events());
  EventReader reader(log);
  for (auto event = reader.peek(); event && *event; event = reader.peek()) {
    if ((*event)->name == "hook_ran" || (*event)->name == "snapshot_failed") runs.push_back((*event)->json());
    reader.pass();
  }
  return runs;
}

// The hook's program ends when it likes, and nobody is told: look until it is there, within reason.
void RepositoryFixture::wait_for_runs(std::size_t count) const {
  for (int turn = 0; turn < 3000 && runs().size() < count; ++turn) ::poll(nullptr, 0, 10);
  EXPECT_EQ(runs().size(), count);
}

std::map<std::string, std::string> RepositoryFixture::listing(const fs::path& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    struct stat info {};
    ::lstat(entry.path().c_str(), &info);
    std::string text = std::to_string(info.st_mode) + " ";
    if (entry.is_symlink()) {
      text += fs::read_symlink(entry.path()).string();
    } else if (entry.is_regular_file()) {
      text += test::read_file(entry.path());
    }
    all[fs::relative(entry.path(), folder)] = text;
  }
  return all;
}

}  // namespace souschef::core
