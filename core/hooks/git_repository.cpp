// SPDX-License-Identifier: MIT
// git, through its program. What must hold:
//
//   GIT_OPTIONAL_LOCKS=0   we run while the artist works: taking index.lock would make their next command
//                          fail
//   no smudge of LFS       it would fetch over the network; an object that is here is read from LFS's own
//                          folder, one that is not counts as not to be had
//   -z and whole paths     names are bytes; nothing is quoted, nothing depends on the current folder
//
// Output that is not as expected is an error, never a guess.
#include "core/hooks/git_repository.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <souschef/file_name.hpp>

#include "core/banking/lfs_pointer.hpp"
#include "core/base/split_text.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kMaxListing = std::size_t{1} << 30;  // ls-tree of millions of files
constexpr std::string_view kGitlink = "160000";
constexpr std::string_view kSymlink = "120000";

// What a hook's environment says of the repository: we say it ourselves.
const std::vector<std::string> kVariables = {
    "GIT_DIR",        "GIT_WORK_TREE", "GIT_INDEX_FILE",      "GIT_PREFIX",        "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_QUARANTINE_PATH", "GIT_REFLOG_ACTION", "GIT_EXTERNAL_DIFF"};

Error failure(const std::string& word, const RunResult& ran) {
  std::string said = ran.errors.substr(0, ran.errors.find('\n'));
  if (said.empty()) said = ran.end.text();
  return Error(ErrorCode::child_failed, "git " + word + " failed", escape_name(said));
}

Error strange(const std::string& word) {
  return Error(ErrorCode::child_failed, "git " + word + " printed something unexpected");
}

ProcessOptions git(std::vector<std::string> words) {
  ProcessOptions process;
  process.command = {"git"};
  process.command.insert(process.command.end(), std::make_move_iterator(words.begin()),
                         std::make_move_iterator(words.end()));
  process.environment = {{"GIT_OPTIONAL_LOCKS", "0"}, {"GIT_TERMINAL_PROMPT", "0"}, {"LC_ALL", "C"}};
  return process;
}

// One line of git's --raw -z: ":100644 100644 <old> <new> M", then the path.
struct RawChange {
  std::string_view old_mode, new_mode, old_id, new_id, path;
  char letter = 0;
};

Result<std::vector<RawChange>> parse_raw(std::string_view text) {
  std::vector<RawChange> changes;
  const auto parts = split_text(text, '\0');
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    const auto words = split_text(parts[i], ' ');
    if (words.size() != 5 || !words[0].starts_with(':') || words[4].empty()) return strange("diff");
    changes.push_back({words[0].substr(1), words[1], words[2], words[3], parts[i + 1], words[4][0]});
  }
  if (parts.size() % 2 != 0) return strange("diff");
  return changes;
}

bool is_null_id(std::string_view id) {
  return id.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

const std::vector<std::string>& GitRepository::variables() {
  return kVariables;
}

Result<std::unique_ptr<Repository>> GitRepository::open(const fs::path& folder, Surroundings surroundings) {
  std::vector<std::string> words = {"rev-parse", "--path-format=absolute", "--show-toplevel",
                                    "--git-dir", "--git-common-dir",       "HEAD"};
  ProcessOptions process = git(words);
  process.folder = folder;
  if (surroundings == Surroundings::do_not_count) process.unset = kVariables;
  SOUSCHEF_TRY(RunResult ran, run_program(process));
  if (!ran.end.success()) {  // nothing has been committed yet
    words.pop_back();
    process.command = git(words).command;
    SOUSCHEF_TRY(ran, run_program(process));
  }
  if (!ran.end.success()) return failure("rev-parse", ran);
  const auto lines = split_text(ran.output, '\n');
  if (lines.size() != words.size() - 2) return strange("rev-parse");
  std::error_code code;
  const fs::path top = fs::canonical(fs::path(lines[0]), code);
  if (code) return strange("rev-parse");
  auto repository = std::unique_ptr<GitRepository>(new GitRepository(top));
  repository->git_folder_ = fs::path(lines[1]);
  repository->common_folder_ = fs::path(lines[2]);
  if (lines.size() > 3) repository->head_ = lines[3];
  const char* const index = std::getenv("GIT_INDEX_FILE");
  if (index != nullptr && surroundings == Surroundings::count)
    repository->index_file_ = (folder / index).lexically_normal();
  if (repository->git_folder_ != repository->common_folder_ &&
      repository->common_folder_.filename() == ".git")
    repository->main_top_ = repository->common_folder_.parent_path();
  return std::unique_ptr<Repository>(std::move(repository));
}

Result<std::string> GitRepository::ask(std::vector<std::string> words, std::string input) {
  const std::string word = words.front();
  std::vector<std::string> all = {"--git-dir=" + git_folder_.string(), "--work-tree=" + top_.string()};
  all.insert(all.end(), std::make_move_iterator(words.begin()), std::make_move_iterator(words.end()));
  ProcessOptions process = git(std::move(all));
  process.folder = top_;
  process.unset = kVariables;
  if (!index_file_.empty()) process.environment.emplace_back("GIT_INDEX_FILE", index_file_.string());
  RunOptions options;
  options.limits.time = std::chrono::minutes(30);
  options.limits.output = kMaxListing;
  options.input = std::move(input);
  SOUSCHEF_TRY(RunResult ran, run_program(std::move(process), options));
  if (!ran.end.success()) return failure(word, ran);
  if (ran.output.size() == kMaxListing) return strange(word);
  return std::move(ran.output);
}

Result<Revision> GitRepository::revision(const std::string& name) {
  if (name.empty() || name.starts_with('-'))
    return Error(ErrorCode::not_found, "there is no revision " + name);
  auto text =
      ask({"log", "-1", "--no-show-signature", "--no-color", "--format=%H%x00%an%x00%P%x00%s", name, "--"});
  if (!text) {
    if (text.error().code != ErrorCode::child_failed) return std::move(text).error();
    return Error(ErrorCode::not_found, "there is no revision " + escape_name(name),
                 text.error().why.empty() ? std::string() : text.error().why.back());
  }
  if (text->ends_with('\n')) text->pop_back();
  const auto parts = split_text(*text, '\0');
  if (parts.size() < 3) return strange("log");
  Revision revision;
  revision.id = parts[0];
  revision.author = parts[1];
  revision.parent = parts[2].substr(0, parts[2].find(' '));
  if (parts.size() > 3) revision.subject = parts[3];
  // Only the head is on a branch; other revisions may be on many.
  if (const auto head = ask({"rev-parse", "--verify", "--quiet", "HEAD"});
      head && *head == revision.id + "\n")
    if (auto branch = ask({"symbolic-ref", "--quiet", "--short", "HEAD"}); branch && branch->ends_with('\n'))
      revision.branch = branch->substr(0, branch->size() - 1);
  return revision;
}

bool GitRepository::in_between() const {
  std::error_code code;
  for (const char* name : {"rebase-merge", "rebase-apply", "BISECT_LOG"})
    if (fs::exists(git_folder_ / name, code)) return true;
  return false;
}

GitRepository* GitRepository::submodule(const std::string& path) {
  const auto [at, fresh] = submodules_.try_emplace(path);
  std::error_code code;
  if (fresh && fs::exists(top_ / path / ".git", code))
    if (auto opened = open(top_ / path, Surroundings::do_not_count);
        opened && (*opened)->top() == top_ / path)
      at->second = std::move(*opened);
  return static_cast<GitRepository*>(at->second.get());
}

std::pair<GitRepository*, std::string> GitRepository::owner_of(const std::string& path) {
  for (auto& [folder, repository] : submodules_)
    if (repository && path.starts_with(folder + "/"))
      return static_cast<GitRepository&>(*repository).owner_of(path.substr(folder.size() + 1));
  return {this, path};
}

// "100644 blob <id>\t<path>" of ls-tree, "100644 <id> 0\t<path>" of ls-files.
Status GitRepository::add_entries(std::string_view listing, bool index, TrackedFiles& files) {
  for (const std::string_view line : split_text(listing, '\0')) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) return strange("ls-tree");
    const auto words = split_text(line.substr(0, tab), ' ');
    if (words.size() != 3) return strange("ls-tree");
    const std::string path(line.substr(tab + 1));
    const std::string id(index ? words[1] : words[2]);
    if (index && words[2] != "0") continue;  // a conflict: there is nothing to commit
    if (words[0] != kGitlink) {
      files[path] = {.version = id, .is_symlink = words[0] == kSymlink};
      continue;
    }
    GitRepository* const inner = submodule(path);
    auto inner_files = inner == nullptr ? Result<TrackedFiles>(TrackedFiles()) : inner->files(id);
    if (inner == nullptr || !inner_files) {
      files[path] = {.version = id, .is_closed = true};
      continue;
    }
    for (auto& [name, file] : *inner_files) files[path + "/" + name] = std::move(file);
  }
  return {};
}

Result<TrackedFiles> GitRepository::files(const std::string& id) {
  TrackedFiles files;
  SOUSCHEF_TRY(const std::string listing, id.empty() ? ask({"ls-files", "--stage", "-z", "--full-name"})
                                                     : ask({"ls-tree", "-r", "-z", "--full-tree", id}));
  SOUSCHEF_CHECK(add_entries(listing, id.empty(), files));
  return files;
}

Result<std::vector<std::string>> GitRepository::changed(const std::string& from, const std::string& to) {
  std::string start = from;
  if (start.empty() || is_null_id(start)) {
    SOUSCHEF_TRY(const Revision revision, this->revision(to));
    start = from.empty() ? revision.parent : std::string();
  }
  std::vector<std::string> paths;
  if (start.empty()) {  // the first revision of all: everything is new
    SOUSCHEF_TRY(const TrackedFiles all, files(to));
    for (const auto& [path, file] : all) paths.push_back(file.is_closed ? path + "/" : path);
    return paths;
  }
  SOUSCHEF_TRY(const std::string text, ask({"diff-tree", "-r", "-z", "--raw", "--no-renames", start, to}));
  SOUSCHEF_TRY(const auto changes, parse_raw(text));
  for (const RawChange& change : changes) {
    const std::string path(change.path);
    if (change.old_mode != kGitlink && change.new_mode != kGitlink) {
      paths.push_back(path);
      continue;
    }
    GitRepository* const inner = submodule(path);
    const bool both = change.old_mode == change.new_mode;
    const auto within = inner == nullptr || !both
                            ? Result<std::vector<std::string>>(Error(ErrorCode::not_found, path))
                            : inner->changed(std::string(change.old_id), std::string(change.new_id));
    if (!within) {
      paths.push_back(path + "/");
      continue;
    }
    for (const std::string& name : *within) paths.push_back(path + "/" + name);
  }
  return paths;
}

Result<std::vector<Difference>> GitRepository::differing(const std::string& id) {
  std::vector<std::string> words = {"diff",         "-z",
                                    "--raw",        "--no-abbrev",
                                    "--no-renames", "--no-ext-diff",
                                    "--no-color",   "--ignore-submodules=none"};
  if (!id.empty()) words.push_back(id);
  words.emplace_back("--");
  SOUSCHEF_TRY(const std::string text, ask(std::move(words)));
  SOUSCHEF_TRY(const auto changes, parse_raw(text));
  std::vector<Difference> differences;
  for (const RawChange& change : changes) {
    const std::string path(change.path);
    if (change.old_mode != kGitlink) {
      if (change.new_mode != kGitlink) differences.push_back({path, change.letter != 'A'});
      continue;
    }
    GitRepository* const inner = submodule(path);
    if (inner == nullptr) continue;  // files() calls it closed
    SOUSCHEF_TRY(const auto within, inner->differing(std::string(change.old_id)));
    for (const Difference& each : within) differences.push_back({path + "/" + each.path, each.in_revision});
  }
  return differences;
}

Result<std::vector<std::string>> GitRepository::changing() {
  SOUSCHEF_TRY(const std::string text,
               ask({"diff", "--cached", "-z", "--name-only", "--no-renames", "--no-ext-diff"}));
  std::vector<std::string> paths;
  for (const std::string_view path : split_text(text, '\0')) paths.emplace_back(path);
  return paths;
}

Result<std::vector<std::string>> GitRepository::ignored(const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  if (paths.empty()) return found;
  std::string input;
  for (const std::string& path : paths) input += path + '\0';
  auto text = ask({"check-ignore", "-z", "--stdin"}, input);
  if (!text) {  // git calls it a failure, and says nothing, if none is ignored
    if (!text.error().why.empty() && text.error().why.back() == "exit code 1") return found;
    return std::move(text).error();
  }
  for (const std::string_view path : split_text(*text, '\0')) found.emplace_back(path);
  return found;
}

Status GitRepository::read(const std::string&, const std::vector<FileAt>& files, const FileSink& sink) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto [repository, path] = owner_of(files[i].path);
    SOUSCHEF_CHECK(repository->read_one({path, files[i].version}, i, sink));
  }
  return {};
}

// What a checkout writes, but for LFS: its filter is switched off and its pointers are followed here.
Status GitRepository::read_one(const FileAt& file, std::size_t index, const FileSink& sink) {
  ProcessOptions process =
      git({"--git-dir=" + git_folder_.string(), "--work-tree=" + top_.string(), "-c",
           "filter.lfs.smudge=", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=false", "cat-file",
           "--filters", "--path=" + file.path, file.version});
  process.folder = top_;
  process.unset = kVariables;
  std::string start;  // held back until it cannot be a pointer any more
  bool flowing = false;
  Status status;
  RunOptions options;
  options.limits.time = std::chrono::hours(2);
  options.limits.output = 0;
  options.on_output = [&](std::string_view piece) {
    if (!status) return;
    if (flowing) {
      status = sink.piece(index, std::as_bytes(std::span(piece)));
      return;
    }
    start += piece;
    if (start.size() < kMaxLfsPointer) return;
    flowing = true;
    status = sink.piece(index, std::as_bytes(std::span(start)));
  };
  options.cancelled = [&] { return !status; };
  SOUSCHEF_TRY(const RunResult ran, run_program(std::move(process), options));
  SOUSCHEF_CHECK(status);
  if (!ran.end.success()) return {};  // it is not here (a partial clone), or a filter of the team's failed
  if (!flowing && start.starts_with(kLfsPointerStart)) return read_lfs(start, index, sink);
  if (!flowing) SOUSCHEF_CHECK(sink.piece(index, std::as_bytes(std::span(start))));
  return sink.end(index);
}

Status GitRepository::read_lfs(std::string_view pointer, std::size_t index, const FileSink& sink) {
  constexpr std::string_view kOid = "\noid sha256:";
  const std::size_t at = pointer.find(kOid);
  const std::string oid(at == std::string_view::npos ? "" : pointer.substr(at + kOid.size(), 64));
  if (oid.size() != 64 || oid.find_first_not_of("0123456789abcdef") != std::string::npos) return {};
  fs::path folder = common_folder_ / "lfs";
  if (auto set = ask({"config", "--path", "--get", "lfs.storage"}); set && set->size() > 1) {
    const fs::path named = set->substr(0, set->size() - 1);
    folder = named.is_absolute() ? named : common_folder_ / named;
  }
  std::ifstream in(folder / "objects" / oid.substr(0, 2) / oid.substr(2, 2) / oid, std::ios::binary);
  if (!in) return {};  // pruned, or never fetched
  std::vector<char> buffer(std::size_t{1} << 18);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
    SOUSCHEF_CHECK(
        sink.piece(index, std::as_bytes(std::span(buffer).first(static_cast<std::size_t>(in.gcount())))));
  return in.bad() ? Status(Error(ErrorCode::io, "cannot read an object of Git LFS", oid)) : sink.end(index);
}

Result<std::vector<RepositoryTag>> GitRepository::tags() {
  // %(*objectname): what an annotated tag stands for; empty for the others.
  SOUSCHEF_TRY(
      const std::string text,
      ask({"for-each-ref", "--format=%(objectname) %(*objectname) %(refname:strip=2)", "refs/tags"}));
  std::vector<RepositoryTag> tags;
  for (const std::string_view line : split_text(text, '\n')) {
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return strange("for-each-ref");
    const std::string_view peeled = line.substr(first + 1, second - first - 1);
    tags.push_back(
        {std::string(line.substr(second + 1)), std::string(peeled.empty() ? line.substr(0, first) : peeled)});
  }
  return tags;
}

Result<fs::path> GitRepository::hooks_folder() {
  SOUSCHEF_TRY(std::string text, ask({"rev-parse", "--path-format=absolute", "--git-path", "hooks"}));
  if (!text.ends_with('\n')) return strange("rev-parse");
  text.pop_back();
  return fs::path(text);
}

}  // namespace souschef::core
