// SPDX-License-Identifier: MIT
// git: a foreign hook "post-commit" becomes "post-commit.before-souschef" in the same folder, and our script
// calls it. At no moment is the foreign hook not called: it gets its second name as a hard link, then our
// script takes the first. A crash in between leaves both names on the foreign hook; installing or removing
// goes on from there.
//
// Mercurial: a block of lines at the end of the repository's hgrc, whose hooks have names of their own beside
// those that are there.
#include "core/hooks/hook_install.hpp"

#include <sys/stat.h>

#include <souschef/file_name.hpp>

#include "core/base/ulid.hpp"
#include "core/hooks/git_repository.hpp"
#include "core/hooks/hook_script.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::uint64_t kMaxFile = 1U << 20;
constexpr std::uint32_t kScriptMode = 0755;

store::FileSystem& disk() {
  return store::FileSystem::real();
}

std::string place_of(const Production& production, const Repository& repository) {
  const fs::path place = production.root().lexically_relative(repository.top());
  return place.empty() ? production.root().string() : place.string();
}

// Takes the place of what was there, with this mode.
Status replace(const fs::path& target, const std::string& text, std::uint32_t mode) {
  const fs::path temporary = target.parent_path() / (".souschef-" + new_ulid());
  SOUSCHEF_TRY(const auto file, disk().create(temporary, mode));
  Status written = file->write_at(0, std::as_bytes(std::span(text)));
  if (written) written = disk().set_mode(temporary, mode);  // whatever the umask left of it
  if (written) written = file->sync();
  if (written) written = disk().replace(temporary, target);
  if (!written) (void)disk().remove_file(temporary);
  return written;
}

// Our script at a path; nothing: there is none, or it is another's.
std::optional<HookScript> script_at(const fs::path& file) {
  const auto text = store::read_file(disk(), file, kMaxFile);
  return text ? read_git_hook_script(*text) : std::nullopt;
}

Status give_second_name(const fs::path& file, const fs::path& before) {
  const Status linked = disk().link(file, before);
  if (linked || linked.error().code == ErrorCode::exists) return linked;
  return disk().publish(file, before);  // no hard links here: for a moment the name is free
}

class GitHooks {
 public:
  GitHooks(fs::path folder, std::string place) : folder_(std::move(folder)), place_(std::move(place)) {}

  Result<HookChange> install(const fs::path& program) {
    std::error_code code;
    made_folder_ = !fs::exists(folder_, code);
    SOUSCHEF_CHECK(store::make_folders(disk(), folder_));
    HookChange change;
    for (const std::string_view name : git_hook_names()) {
      SOUSCHEF_CHECK(install_one(name, program));
      change.hooks.push_back(found(name));
    }
    return change;
  }

  Result<HookChange> remove() {
    HookChange change;
    bool made_folder = false;
    for (const std::string_view name : git_hook_names()) {
      const fs::path file = folder_ / name;
      auto script = script_at(file);
      if (!script) {
        if (store::exists(disk(), folder_ / hook_before(name))) SOUSCHEF_CHECK(take_back(name, change));
        continue;
      }
      if (script->places.erase(place_) == 0) continue;
      made_folder = made_folder || script->made_folder;
      InstalledHook gone = found(name);
      gone.places = {place_};
      if (!script->places.empty()) {
        SOUSCHEF_TRY(const std::string text, store::read_file(disk(), file, kMaxFile));
        script->program = program_in(text);
        SOUSCHEF_CHECK(replace(file, git_hook_script(name, *script), kScriptMode));
      } else if (gone.chained) {
        SOUSCHEF_CHECK(disk().replace(folder_ / hook_before(name), file));
      } else {
        SOUSCHEF_CHECK(disk().remove_file(file));
      }
      change.hooks.push_back(std::move(gone));
    }
    if (made_folder)
      (void)disk().remove_folder(folder_);  // if it is empty
    else
      (void)disk().sync_folder(folder_);
    return change;
  }

  [[nodiscard]] InstalledHook found(std::string_view name) const {
    InstalledHook hook{.name = std::string(name), .file = folder_ / name};
    if (const auto script = script_at(hook.file))
      hook.places.assign(script->places.begin(), script->places.end());
    hook.chained = store::exists(disk(), folder_ / hook_before(name));
    return hook;
  }

 private:
  Status install_one(std::string_view name, const fs::path& program) {
    const fs::path file = folder_ / name;
    const fs::path before = folder_ / hook_before(name);
    HookScript script;
    if (auto ours = script_at(file)) {
      script = std::move(*ours);
    } else if (store::exists(disk(), file)) {
      const Status named = give_second_name(file, before);
      std::error_code code;
      if (!named && (named.error().code != ErrorCode::exists || !fs::equivalent(file, before, code)))
        return Error(ErrorCode::exists, before.string() + " is in the way of a hook")
            .next_step("look at both and remove what you do not need");
      script.made_folder = made_folder_;
    } else {
      script.made_folder = made_folder_;
    }
    script.places.insert(place_);
    script.program = program.string();
    SOUSCHEF_CHECK(replace(file, git_hook_script(name, script), kScriptMode));
    return disk().sync_folder(folder_);
  }

  // Another program has put its own hook in the place of our script, or we stopped half way.
  Status take_back(std::string_view name, HookChange& change) {
    const fs::path file = folder_ / name;
    const fs::path before = folder_ / hook_before(name);
    if (!store::exists(disk(), file)) return disk().publish(before, file);
    std::error_code code;
    if (fs::equivalent(file, before, code)) return disk().remove_file(before);
    change.notes.push_back(file.string() + " is another program's by now; the hook before it is kept in " +
                           before.string());
    return {};
  }

  static std::string program_in(const std::string& text) {
    constexpr std::string_view kStart = "\nsouschef='";
    const std::size_t start = text.find(kStart);
    if (start == std::string::npos) return "souschef";
    const std::size_t end = text.find("'\n", start + kStart.size());
    std::string quoted = text.substr(start + kStart.size(), end - start - kStart.size());
    for (std::size_t at; (at = quoted.find("'\\''")) != std::string::npos;) quoted.replace(at, 4, "'");
    return quoted;
  }

  fs::path folder_;
  std::string place_;
  bool made_folder_ = false;
};

class Hgrc {
 public:
  explicit Hgrc(const Repository& repository) {
    file_ = repository.top() / ".hg/hgrc";
    std::error_code code;
    if (const fs::path real = fs::canonical(file_, code); !code) file_ = real;  // a link stays one
  }

  Result<HookChange> install(const std::string& place, const fs::path& program) {
    SOUSCHEF_TRY(HgrcParts parts, load());
    if (!parts.script) {
      parts.script = HookScript{.made_file = !exists_,
                                .ended_line = !parts.before.empty() && !parts.before.ends_with('\n')};
    }
    parts.script->places.insert(place);
    parts.script->program = program.string();
    SOUSCHEF_CHECK(save(parts));
    return HookChange{.hooks = {hook(*parts.script)}, .notes = {}};
  }

  Result<HookChange> remove(const std::string& place) {
    SOUSCHEF_TRY(HgrcParts parts, load());
    HookChange change;
    if (!parts.script || parts.script->places.erase(place) == 0) return change;
    change.hooks = {hook(*parts.script)};
    change.hooks.front().places = {place};
    if (!parts.script->places.empty()) {
      parts.script->program = program_;
      SOUSCHEF_CHECK(save(parts));
    } else if (parts.script->made_file && parts.before.empty() && parts.after.empty()) {
      SOUSCHEF_CHECK(disk().remove_file(file_));
    } else {
      parts.script.reset();
      SOUSCHEF_CHECK(save(parts));
    }
    return change;
  }

  Result<std::vector<InstalledHook>> list() {
    SOUSCHEF_TRY(const HgrcParts parts, load());
    if (!parts.script) return std::vector<InstalledHook>();
    return std::vector<InstalledHook>{hook(*parts.script)};
  }

 private:
  Result<HgrcParts> load() {
    auto text = store::read_file(disk(), file_, kMaxFile);
    exists_ = text.has_value();
    if (!text && text.error().code != ErrorCode::not_found) return std::move(text).error();
    if (!text) return HgrcParts();
    constexpr std::string_view kStart = "commit.souschef = souschef='";
    if (const std::size_t start = text->find(kStart); start != std::string::npos) {
      const std::size_t from = start + kStart.size();
      program_ = text->substr(from, text->find("'; [", from) - from);
      for (std::size_t at; (at = program_.find("'\\''")) != std::string::npos;) program_.replace(at, 4, "'");
    }
    return split_hgrc(*text);
  }

  Status save(const HgrcParts& parts) {
    std::string text = parts.before;
    if (parts.script) {
      if (parts.script->ended_line) text += '\n';
      text += hg_hook_lines(*parts.script);
    }
    text += parts.after;
    std::uint32_t mode = 0644;
    if (const auto status = disk().status(file_)) mode = status->mode;  // it may hold passwords
    SOUSCHEF_CHECK(replace(file_, text, mode));
    return disk().sync_folder(file_.parent_path());
  }

  [[nodiscard]] InstalledHook hook(const HookScript& script) const {
    return {.name = "commit, update, tag, precommit",
            .file = file_,
            .places = {script.places.begin(), script.places.end()}};
  }

  fs::path file_;
  std::string program_ = "souschef";
  bool exists_ = false;
};

// People should know when the folder of hooks is not this repository's alone.
void note_folder(const GitRepository& repository, const fs::path& folder, HookChange& change) {
  const fs::path own = repository.common_folder();
  const std::string text = folder.lexically_normal().string();
  if (text.starts_with(own.lexically_normal().string() + "/")) return;
  const bool inside = text.starts_with(repository.top().string() + "/");
  change.notes.push_back("core.hooksPath leads to " + text +
                         (inside ? ": the scripts stand among the files of the repository"
                                 : ": every repository that uses it runs them, and those without this "
                                   "production do nothing"));
}

}  // namespace

Result<HookChange> install_hooks(const Production& production, Repository& repository,
                                 const fs::path& program) {
  const std::string place = place_of(production, repository);
  if (repository.system() == "hg") return Hgrc(repository).install(place, program);
  auto& git = static_cast<GitRepository&>(repository);
  SOUSCHEF_TRY(const fs::path folder, git.hooks_folder());
  SOUSCHEF_TRY(HookChange change, GitHooks(folder, place).install(program));
  note_folder(git, folder, change);
  return change;
}

Result<HookChange> remove_hooks(const Production& production, Repository& repository) {
  const std::string place = place_of(production, repository);
  if (repository.system() == "hg") return Hgrc(repository).remove(place);
  SOUSCHEF_TRY(const fs::path folder, static_cast<GitRepository&>(repository).hooks_folder());
  return GitHooks(folder, place).remove();
}

Result<std::vector<InstalledHook>> list_hooks(Repository& repository) {
  if (repository.system() == "hg") return Hgrc(repository).list();
  SOUSCHEF_TRY(const fs::path folder, static_cast<GitRepository&>(repository).hooks_folder());
  std::vector<InstalledHook> hooks;
  for (const std::string_view name : git_hook_names())
    if (InstalledHook hook = GitHooks(folder, {}).found(name); !hook.places.empty())
      hooks.push_back(std::move(hook));
  return hooks;
}

}  // namespace souschef::core
