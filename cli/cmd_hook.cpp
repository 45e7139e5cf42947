// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>

#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "core/base/detached.hpp"
#include "core/events/event_cursor.hpp"
#include "core/hooks/hook_gate.hpp"
#include "core/hooks/hook_install.hpp"
#include "core/hooks/hook_run.hpp"
#include "core/hooks/hook_trigger.hpp"
#include "core/hooks/repository.hpp"
#include "core/production/production.hpp"

namespace fs = std::filesystem;

namespace souschef::cli {
namespace {

constexpr std::size_t kListed = 20;
constexpr std::size_t kLogged = 20;

struct Words {
  std::string action, system, event, place, revision;
  std::vector<std::string> arguments, from;
  bool detach = false, all = false;
};

std::string shown_system(std::string_view system) {
  return system == "hg" ? "Mercurial" : "git";
}

// The repository that a person means: of the production, or of the folder that -C names.
Result<std::unique_ptr<core::Repository>> repository_of(Invocation& invocation, const Words& words) {
  SOUSCHEF_TRY(auto repository, core::Repository::find(invocation.folder(), words.system));
  if (repository) return repository;
  if (words.system == "svn")
    return Error(ErrorCode::unsupported, "Subversion runs no hooks on the side of those who commit")
        .next_step("docs/hooks.md has a script for the server");
  return Error(ErrorCode::not_found,
               "there is no repository" +
                   (words.system.empty() ? std::string() : " of " + shown_system(words.system)) + " here")
      .next_step("go into its working copy, or name it with -C");
}

core::Json hook_json(std::string_view type, std::string_view system, const core::InstalledHook& hook) {
  core::Json places = core::Json::array();
  for (const std::string& place : hook.places) places.push_back(escape_name(place));
  return {{"type", type},          {"system", system},
          {"name", hook.name},     {"file", escape_name(hook.file.string())},
          {"productions", places}, {"chained", hook.chained}};
}

Result<ExitCode> change(Invocation& invocation, const Words& words) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(const auto repository, repository_of(invocation, words));
  Terminal& terminal = invocation.terminal();
  const bool install = words.action == "install";
  core::HookChange change;
  if (install) {
    SOUSCHEF_TRY(const fs::path program, core::own_program());
    SOUSCHEF_TRY(change, core::install_hooks(*production, *repository, program));
  } else {
    SOUSCHEF_TRY(change, core::remove_hooks(*production, *repository));
  }
  for (const core::InstalledHook& hook : change.hooks) {
    terminal.record(hook_json(install ? "hook" : "removed", repository->system(), hook));
    terminal.print(
        (install ? "installed  " : "removed  ") + hook.name + "  " + escape_name(hook.file.string()) +
        (hook.chained ? install ? "  (after the one that was there)" : "  (the one before is back)" : ""));
  }
  for (const std::string& note : change.notes) terminal.warn(note);
  if (change.hooks.empty()) terminal.say("No hooks of this production are installed here.");
  if (install) {
    std::string entries;
    for (const std::string& pattern : production->config().list("hooks.entries"))
      entries += (entries.empty() ? "" : ", ") + pattern;
    terminal.say("hooks.entries is " + entries + ", hooks.on is " + production->config().text("hooks.on"));
    terminal.say("Next: commit, then souschef hook log");
  }
  return ExitCode::done;
}

Result<ExitCode> list(Invocation& invocation, const Words& words) {
  SOUSCHEF_TRY(const auto repository, repository_of(invocation, words));
  SOUSCHEF_TRY(const auto hooks, core::list_hooks(*repository));
  Terminal& terminal = invocation.terminal();
  Table table({Align::left, Align::left, Align::left, Align::left});
  for (const core::InstalledHook& hook : hooks) {
    terminal.record(hook_json("hook", repository->system(), hook));
    std::string places;
    for (const std::string& place : hook.places) places += (places.empty() ? "" : ", ") + escape_name(place);
    table.row({hook.name, places, escape_name(hook.file.string()), hook.chained ? "after another hook" : ""});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  if (table.empty())
    terminal.say("No hooks are installed here. Next: souschef hook install " +
                 std::string(repository->system()));
  return ExitCode::done;
}

// ---- what the scripts call

// Somebody waits for this one at every commit: where the config that lies here says that there is no gate, no
// program is asked for more.
bool gate_is_off_here(const Invocation& invocation, const Words& words) {
  const fs::path dot = invocation.folder() / words.place / ".souschef";
  std::error_code ignored;
  if (!fs::exists(dot / "config.toml", ignored)) return false;
  const auto production = core::Production::open(dot.parent_path());
  return production && !(*production)->config().boolean("hooks.gate");
}

Result<ExitCode> pass_gate(Invocation& invocation, const Words& words) {
  if (gate_is_off_here(invocation, words)) return ExitCode::done;
  Terminal& terminal = invocation.terminal();
  SOUSCHEF_TRY(const auto repository, repository_of(invocation, words));
  auto production = core::production_of_hook(*repository, words.place);
  // A working copy without its production (a clone, another repository that shares the hooks) has no gate.
  if (!production) return ExitCode::done;
  if (!(*production)->config().boolean("hooks.gate")) return ExitCode::done;
  SOUSCHEF_TRY(const auto findings, core::look_at_gate(**production, *repository));
  if (findings.empty()) return ExitCode::done;
  Error error(ErrorCode::denied, "this commit is refused: " + std::to_string(findings.size()) +
                                     (findings.size() == 1 ? " thing is" : " things are") +
                                     " wrong with its shots");
  for (std::size_t i = 0; i < findings.size() && i < kListed; ++i)
    error.why.push_back(escape_name(findings[i].path) + " " + findings[i].reason + "  (needed by " +
                        escape_name(findings[i].from) + ")");
  if (findings.size() > kListed)
    error.why.push_back("and " + std::to_string(findings.size() - kListed) + " more");
  terminal.error(std::move(error).next_step(
      words.system == "git" ? "mend them, or commit with --no-verify (hooks.gate in the config)"
                            : "mend them, or switch hooks.gate off in the config"));
  return ExitCode::failed;
}

Result<ExitCode> hand_over(Invocation& invocation, const Words& words) {
  const core::HookCall call{words.system, words.event, words.arguments, invocation.folder()};
  SOUSCHEF_TRY(const auto request, core::request_of(call));
  if (request) SOUSCHEF_CHECK(core::leave_to_background(call, *request, words.place));
  return ExitCode::done;
}

void report(Terminal& terminal, const core::HookReport& done) {
  for (const core::HookShot& shot : done.shots) {
    core::Json modified = core::Json::array();
    for (const std::string& path : shot.modified) modified.push_back(escape_name(path));
    terminal.record({{"type", "shot"},
                     {"entry", escape_name(shot.entry)},
                     {"state", core::name_of(shot.state)},
                     {"job", shot.job ? core::Json(shot.job->hex()) : core::Json()},
                     {"modified", modified},
                     {"reason", shot.reason.empty() ? core::Json() : core::Json(escape_name(shot.reason))}});
    terminal.print((shot.job ? terminal.out_style(Style::green, shot.job->brief()) : std::string("failed")) +
                   "  " + escape_name(shot.entry) +
                   (shot.state == core::HookShotState::already ? "  was banked already" : ""));
    for (const std::string& path : shot.modified)
      terminal.warn(escape_name(path) + " is not as in the revision");
    if (!shot.reason.empty()) terminal.warn(escape_name(shot.reason));
  }
  for (const std::string& tag : done.tags) terminal.print("tagged  " + tag);
  if (!done.skipped.empty()) terminal.say(done.skipped);
}

Result<ExitCode> run(Invocation& invocation, Words words) {
  if (words.event == "pre-commit" || words.event == "precommit") return pass_gate(invocation, words);
  if (words.detach) return hand_over(invocation, words);
  SOUSCHEF_TRY(const auto repository, repository_of(invocation, words));
  std::unique_ptr<core::Production> hooked;
  core::Production* production = nullptr;
  if (words.place.empty()) {
    SOUSCHEF_TRY(production, invocation.production());
  } else {
    SOUSCHEF_TRY(hooked, core::production_of_hook(*repository, words.place));
    production = hooked.get();
  }
  Terminal& terminal = invocation.terminal();
  if (words.event == core::kTagEvent) {
    SOUSCHEF_TRY(const auto tags, core::follow_tags(*production, *repository));
    for (const std::string& tag : tags) terminal.print("tagged  " + tag);
    return ExitCode::done;
  }
  core::HookRequest request{words.event, words.revision, words.from, {}};
  if (words.event.empty()) {
    request.event = "by hand";
    for (const std::string& name : words.arguments) {
      const fs::path path = production->located(invocation.absolute(name));
      request.entries.push_back(production->relative(path));
      if (request.entries.back().empty())
        return Error(ErrorCode::usage, escape_name(name) + " is not in this production");
    }
  }
  SOUSCHEF_TRY(const core::HookReport done, core::run_hook(*production, *repository, request));
  report(terminal, done);
  return done.count(core::HookShotState::failed) > 0 ? ExitCode::partly : ExitCode::done;
}

// ---- what has been done

Result<ExitCode> log(Invocation& invocation, const Words& words) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  const core::EventLog events(production->paths().events());
  core::EventReader reader(events);
  std::vector<core::Event> runs;
  while (true) {
    SOUSCHEF_TRY(const auto event, reader.peek());
    if (!event) break;
    reader.pass();
    const bool broke = event->name == "snapshot_failed" && event->data.value("entry", "?").empty();
    if (event->name == "hook_ran" || broke) runs.push_back(*event);
  }
  Terminal& terminal = invocation.terminal();
  const std::size_t first = words.all || runs.size() < kLogged ? 0 : runs.size() - kLogged;
  for (std::size_t i = first; i < runs.size(); ++i) {
    core::Json json = runs[i].json();
    json["type"] = "hook_run";
    terminal.record(json);
    terminal.print(terminal.out_style(Style::dim, runs[i].time) + "  " + runs[i].message);
    for (const core::Json& shot : runs[i].data.value("shots", core::Json::array())) {
      const std::string state = shot.value("state", "");
      const std::string job = shot.value("job", "").substr(0, 12);
      if (state == "already" && !words.all) continue;
      terminal.print("    " + (job.empty() ? state : terminal.out_style(Style::green, job)) + "  " +
                     shot.value("entry", "") +
                     (shot.contains("reason") ? "  " + shot.value("reason", "") : ""));
      for (const core::Json& path : shot.value("modified", core::Json::array()))
        terminal.print("        not as in the revision: " + path.get<std::string>());
    }
  }
  if (runs.empty()) terminal.say("No hook has run. Next: souschef hook list");
  return ExitCode::done;
}

}  // namespace

Result<ExitCode> cmd_hook(Invocation& invocation) {
  Words words;
  Arguments arguments(invocation);
  arguments.positional("ACTION", words.action, "install, remove, list, run or log");
  arguments.optional_positional("SYSTEM", words.system, "git or hg");
  arguments.optional_positionals("FILE.blend", words.arguments,
                                 "run: only these shots, touched or not (with --event: what the hook was "
                                 "called with)");
  arguments.option("--rev", "REVISION", words.revision, "run: what to bank; else what is checked out");
  arguments.options("--from", "REVISION", words.from, "run: what it is compared with; else its first parent");
  arguments.option("--event", "NAME", words.event, "run: the hook that calls");
  arguments.option("--production", "DIR", words.place,
                   "run: the production, relative to the top of the working copy");
  arguments.flag("--detach", words.detach, "run: return at once; the work goes on");
  arguments.flag("-a,--all", words.all, "log: everything");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  if (!words.system.empty() && words.system != "git" && words.system != "hg" && words.system != "svn")
    return Error(ErrorCode::usage, "souschef knows git, hg and svn, not " + words.system);
  if (words.action == "install" || words.action == "remove") return change(invocation, words);
  if (words.action == "list") return list(invocation, words);
  if (words.action == "log") return log(invocation, words);
  if (words.action == "run") return run(invocation, std::move(words));
  return Error(ErrorCode::usage, "souschef hook takes install, remove, list, run or log, not " + words.action)
      .next_step("souschef hook --help");
}

}  // namespace souschef::cli
