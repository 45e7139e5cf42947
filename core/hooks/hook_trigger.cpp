// SPDX-License-Identifier: MIT
#include "core/hooks/hook_trigger.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/base/detached.hpp"
#include "core/base/first_line.hpp"
#include "core/hooks/git_repository.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr int kNice = 10;  // the artist's programs come first

std::string argument(const HookCall& call, std::size_t index) {
  return index < call.arguments.size() ? call.arguments[index] : std::string();
}

bool is_null(const std::string& id) {
  return id.find_first_not_of('0') == std::string::npos;
}

struct PlainHead {
  std::string id;
  bool in_between = false;
};

// Where the commit that has just been made is kept in the plainest way (a repository of its own, the branch a
// file of its own), it is read without starting git, which would be a good part of what the artist waits for.
// Nothing in all other cases: git knows them.
std::optional<PlainHead> plain_head(const fs::path& folder) {
  constexpr std::string_view kBranch = "ref: refs/heads/";
  const fs::path git = folder / ".git";
  std::error_code code;
  if (std::getenv("GIT_DIR") != nullptr || !fs::is_directory(git, code)) return std::nullopt;
  const std::string head = first_line(git / "HEAD");
  if (!head.starts_with(kBranch)) return std::nullopt;
  const std::string branch = head.substr(5);
  PlainHead found{.id = first_line(git / branch)};
  const bool is_id = found.id.size() == 40 || found.id.size() == 64;
  if (!is_id || found.id.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
  for (const char* name : {"rebase-merge", "rebase-apply", "BISECT_LOG"})
    found.in_between = found.in_between || fs::exists(git / name, code);
  return found;
}

// What the rebase that is ending was made onto; empty: not known.
std::string rebased_onto(const GitRepository& git) {
  for (const char* name : {"rebase-merge", "rebase-apply"})
    if (std::string id = first_line(git.git_folder() / name / "onto"); !id.empty()) return id;
  return {};
}

Error unknown(const HookCall& call) {
  return Error(ErrorCode::usage, "there is no hook " + call.event + " for " + call.system);
}

Result<std::optional<HookRequest>> request_of_git(const HookCall& call) {
  const std::optional<HookRequest> nothing;
  HookRequest request{.event = call.event, .revision = {}, .from = {}, .entries = {}};
  if (call.event == kTagEvent) return std::optional(std::move(request));
  // What the arguments decide alone comes first: it costs no program.
  const bool checkout = call.event == "post-checkout";
  if (checkout) {
    const std::string from = argument(call, 0);
    const std::string to = argument(call, 1);
    // Single files; a new branch at the same place; a working copy that has just been made.
    if (argument(call, 2) != "1" || from == to || is_null(from)) return nothing;
    request.from = {from};
    request.revision = to;
  } else if (call.event == "post-merge") {
    if (argument(call, 0) == "1") return nothing;  // squashed: nothing is committed yet
  } else if (call.event == "post-rewrite") {
    if (argument(call, 0) != "rebase") return nothing;  // after an amend post-commit has run
  } else if (call.event != "post-commit") {
    return unknown(call);
  }
  if (call.event == "post-commit") {
    if (const auto head = plain_head(call.folder)) {
      if (head->in_between) return nothing;
      request.revision = head->id;
      return std::optional(std::move(request));
    }
  }
  SOUSCHEF_TRY(const auto repository, Repository::find(call.folder, "git"));
  if (repository == nullptr) return Error(ErrorCode::not_found, "this is no git repository");
  auto& git = static_cast<GitRepository&>(*repository);
  // Of a rebase only the last state counts: post-rewrite tells of it.
  if (call.event != "post-rewrite" && git.in_between()) return nothing;
  if (!checkout) request.revision = git.head_at_opening();
  if (call.event == "post-merge" || call.event == "post-rewrite")
    if (const auto before = git.revision("ORIG_HEAD")) request.from.push_back(before->id);
  // What was rewritten has new revisions, so that is touched too.
  if (call.event == "post-rewrite")
    if (const std::string onto = rebased_onto(git); !onto.empty()) request.from.push_back(onto);
  return std::optional(std::move(request));
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

Result<std::optional<HookRequest>> request_of_hg(const HookCall& call) {
  HookRequest request{.event = call.event, .revision = {}, .from = {}, .entries = {}};
  if (call.event == kTagEvent) return std::optional(std::move(request));
  SOUSCHEF_TRY(const auto repository, Repository::find(call.folder, "hg"));
  if (repository == nullptr) return Error(ErrorCode::not_found, "this is no Mercurial repository");
  if (repository->in_between()) return std::optional<HookRequest>();
  if (call.event == "commit") {
    request.revision = variable("HG_NODE");
  } else if (call.event == "update") {
    // Half a merge is no revision; its commit tells of it.
    if (variable("HG_ERROR") == "1" || !is_null(variable("HG_PARENT2"))) return std::optional<HookRequest>();
    request.revision = variable("HG_PARENT1");
    request.from = {std::string(kLastRevision)};
  } else {
    return unknown(call);
  }
  return std::optional(std::move(request));
}

}  // namespace

Result<std::optional<HookRequest>> request_of(const HookCall& call) {
  if (call.system == "git") return request_of_git(call);
  if (call.system == "hg") return request_of_hg(call);
  return unknown(call);
}

Status leave_to_background(const HookCall& call, const HookRequest& request, const std::string& place) {
  SOUSCHEF_TRY(const fs::path program, own_program());
  DetachedOptions options;
  options.command = {program.string(), "hook",        "run",          call.system,
                     "--event",        request.event, "--production", place};
  if (!request.revision.empty()) options.command.insert(options.command.end(), {"--rev", request.revision});
  for (const std::string& from : request.from)
    options.command.insert(options.command.end(), {"--from", from});
  options.folder = call.folder;
  options.nice = kNice;
  options.unset = GitRepository::variables();
  for (const char* name : {"HG_PENDING", "HG_NODE", "HG_PARENT1", "HG_PARENT2"})
    options.unset.emplace_back(name);
  return start_detached(options);
}

}  // namespace souschef::core
