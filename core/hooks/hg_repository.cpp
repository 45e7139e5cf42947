// SPDX-License-Identifier: MIT
#include "core/hooks/hg_repository.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include <souschef/file_name.hpp>

#include "core/base/run_program.hpp"
#include "core/base/scratch_folder.hpp"
#include "core/base/split_text.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kMaxListing = std::size_t{1} << 30;
constexpr std::string_view kLargeFiles = ".hglf/";

Error strange(const std::string& word) {
  return Error(ErrorCode::child_failed, "hg " + word + " printed something unexpected");
}

Status send(const fs::path& file, std::size_t index, const FileSink& sink) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return {};
  std::vector<char> buffer(std::size_t{1} << 18);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0)
    SOUSCHEF_CHECK(
        sink.piece(index, std::as_bytes(std::span(buffer).first(static_cast<std::size_t>(in.gcount())))));
  return in.bad() ? Status(Error(ErrorCode::io, "cannot read " + file.string())) : sink.end(index);
}

}  // namespace

Result<std::unique_ptr<Repository>> HgRepository::open(const fs::path& top) {
  return std::unique_ptr<Repository>(new HgRepository(top));
}

Result<std::string> HgRepository::ask(std::vector<std::string> words) {
  const std::string word = words.front();
  ProcessOptions process;
  process.command = {"hg", "--cwd", top_.string(), "--repository", top_.string(), "--noninteractive"};
  process.command.insert(process.command.end(), std::make_move_iterator(words.begin()),
                         std::make_move_iterator(words.end()));
  process.folder = top_;
  process.environment = {{"HGPLAIN", "1"}, {"LC_ALL", "C.UTF-8"}};
  process.unset = {"HG_PENDING", "HG_NODE", "HG_PARENT1", "HG_PARENT2"};
  RunOptions options;
  options.limits.time = std::chrono::minutes(30);
  options.limits.output = kMaxListing;
  SOUSCHEF_TRY(RunResult ran, run_program(std::move(process), options));
  if (ran.output.size() == kMaxListing) return strange(word);
  if (ran.end.success()) return std::move(ran.output);
  std::string said = ran.errors.substr(0, ran.errors.find('\n'));
  if (said.empty()) said = ran.end.text();
  return Error(ErrorCode::child_failed, "hg " + word + " failed", escape_name(said));
}

Result<Revision> HgRepository::revision(const std::string& name) {
  auto text =
      ask({"log", "--rev=" + name, "--limit=1",
           "--template={node}\\0{branch}\\0{author|person}\\0{p1node}\\0{desc|firstline}\\0{extras}"});
  if (!text) {
    if (text.error().code != ErrorCode::child_failed) return std::move(text).error();
    return Error(ErrorCode::not_found, "there is no revision " + escape_name(name),
                 text.error().why.empty() ? std::string() : text.error().why.back());
  }
  const auto parts = split_text(*text, '\0');
  if (parts.size() != 6 || parts[0].size() != 40 || parts[3].size() != 40) return strange("log");
  Revision revision;
  revision.id = parts[0];
  revision.branch = parts[1];
  revision.author = parts[2];
  if (parts[3].find_first_not_of('0') != std::string_view::npos) revision.parent = parts[3];
  revision.subject = parts[4];
  for (const char* mark : {"rebase_source=", "histedit_source="})
    if (parts[5].find(mark) != std::string_view::npos) revision.rewritten = true;
  return revision;
}

bool HgRepository::in_between() const {
  std::error_code code;
  for (const char* name : {"rebasestate", "histedit-state", "bisect.state"})
    if (fs::exists(top_ / ".hg" / name, code)) return true;
  return false;
}

// "b789fdd96dc2f3bd229c1dd8eedf0fc60e2b68e3 644   shots/a.blend"; * for programs, @ for links.
Result<TrackedFiles> HgRepository::files(const std::string& id) {
  TrackedFiles files;
  if (id.empty()) {  // the working copy
    SOUSCHEF_TRY(const std::string names, ask({"status", "--print0", "--no-status", "-mac"}));
    for (const std::string_view path : split_text(names, '\0')) files[std::string(path)] = {};
    return files;
  }
  SOUSCHEF_TRY(const std::string text, ask({"manifest", "--debug", "--rev=" + id}));
  for (const std::string_view line : split_text(text, '\n')) {
    if (line.size() < 48 || line[40] != ' ' || line[44] != ' ' || line[46] != ' ') return strange("manifest");
    std::string path(line.substr(47));
    const std::string version(line.substr(0, 40));
    if (path.starts_with(kLargeFiles)) {
      files[path.substr(kLargeFiles.size())] = {.version = version, .is_closed = true};
    } else {
      files[std::move(path)] = {.version = version, .is_symlink = line[45] == '@'};
    }
  }
  return files;
}

Result<std::vector<std::string>> HgRepository::changed(const std::string& from, const std::string& to) {
  std::vector<std::string> words = {"status", "--print0", "--no-status", "-mar"};
  if (from.empty()) {
    words.push_back("--change=" + to);
  } else {
    words.insert(words.end(), {"--rev=" + from, "--rev=" + to});
  }
  SOUSCHEF_TRY(const std::string text, ask(std::move(words)));
  std::vector<std::string> paths;
  for (const std::string_view path : split_text(text, '\0')) paths.emplace_back(path);
  return paths;
}

Result<std::vector<std::string>> HgRepository::changing() {
  SOUSCHEF_TRY(const std::string text, ask({"status", "--print0", "--no-status", "-mar"}));
  std::vector<std::string> paths;
  for (const std::string_view path : split_text(text, '\0')) paths.emplace_back(path);
  return paths;
}

Result<std::vector<std::string>> HgRepository::ignored(const std::vector<std::string>& paths) {
  std::vector<std::string> found;
  if (paths.empty()) return found;
  SOUSCHEF_TRY(const std::string text, ask({"status", "--print0", "--no-status", "--ignored"}));
  const auto all = split_text(text, '\0');
  for (const std::string& path : paths)
    if (std::find(all.begin(), all.end(), path) != all.end()) found.push_back(path);
  return found;
}

Result<std::vector<Difference>> HgRepository::differing(const std::string& id) {
  if (id.empty()) return std::vector<Difference>();
  SOUSCHEF_TRY(const std::string text, ask({"status", "--print0", "-mard", "--rev=" + id}));
  std::vector<Difference> differences;
  for (const std::string_view line : split_text(text, '\0')) {
    if (line.size() < 3 || line[1] != ' ') return strange("status");
    differences.push_back({std::string(line.substr(2)), line[0] != 'A'});
  }
  return differences;
}

Status HgRepository::read(const std::string& id, const std::vector<FileAt>& files, const FileSink& sink) {
  if (files.empty()) return {};
  SOUSCHEF_TRY(const ScratchFolder scratch, ScratchFolder::make());
  std::string list;
  for (const FileAt& file : files) list += file.path + '\0';
  const fs::path list_file = scratch.path() / "list";
  if (!(std::ofstream(list_file, std::ios::binary) << list))
    return Error(ErrorCode::io, "cannot write " + list_file.string());
  // Success means that some were there; which, the files say.
  const auto ran =
      ask({"cat", "--decode", "--rev=" + id, "--output=" + (scratch.path() / "files/%p").string(),
           "listfile0:" + list_file.string()});
  if (!ran && ran.error().code != ErrorCode::child_failed) return ran.error();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const fs::path file = scratch.path() / "files" / files[i].path;
    SOUSCHEF_CHECK(send(file, i, sink));
    std::error_code ignored;
    fs::remove(file, ignored);
  }
  return {};
}

Result<std::vector<RepositoryTag>> HgRepository::tags() {
  SOUSCHEF_TRY(const std::string text, ask({"tags", "--template={tag}\\0{node}\\0"}));
  const auto parts = split_text(text, '\0');
  std::vector<RepositoryTag> tags;
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
    if (parts[i] != "tip") tags.push_back({std::string(parts[i]), std::string(parts[i + 1])});
  return tags;
}

}  // namespace souschef::core
