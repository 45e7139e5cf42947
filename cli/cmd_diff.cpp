// SPDX-License-Identifier: MIT
#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "core/jobs/diff_jobs.hpp"
#include "core/jobs/job_store.hpp"

namespace souschef::cli {
namespace {

constexpr std::size_t kPartsShown = 20;

const char* sign_of(core::ChangeKind change) {
  switch (change) {
    case core::ChangeKind::added:
      return "+";
    case core::ChangeKind::removed:
      return "-";
    case core::ChangeKind::changed:
      break;
  }
  return "~";
}

Style style_of(core::ChangeKind change) {
  switch (change) {
    case core::ChangeKind::added:
      return Style::green;
    case core::ChangeKind::removed:
      return Style::red;
    case core::ChangeKind::changed:
      break;
  }
  return Style::yellow;
}

std::string details(const core::PartChange& part) {
  if (!part.before.empty() && !part.after.empty()) return ": " + part.before + " -> " + part.after;
  return part.before.empty() && part.after.empty() ? "" : ": " + part.before + part.after;
}

void print(Terminal& terminal, const core::FileChange& file, bool all) {
  core::Json parts = core::Json::array();
  for (const core::PartChange& part : file.parts)
    parts.push_back({{"change", core::name_of(part.change)},
                     {"kind", part.kind},
                     {"name", escape_name(part.name)},
                     {"before", part.before},
                     {"after", part.after}});
  terminal.record({{"type", "file"},
                   {"change", core::name_of(file.change)},
                   {"path", escape_name(file.path)},
                   {"before", file.before},
                   {"after", file.after},
                   {"note", file.note},
                   {"parts", parts}});
  std::string sizes;
  if (file.change == core::ChangeKind::changed)
    sizes = human_bytes(file.before) + " -> " + human_bytes(file.after);
  else
    sizes = human_bytes(file.before + file.after);
  terminal.print(terminal.out_style(style_of(file.change), sign_of(file.change)) + " " +
                 escape_name(file.path) + "  " + terminal.out_style(Style::dim, sizes) +
                 (file.note.empty() ? "" : "  " + file.note));
  std::size_t shown = 0;
  for (const core::PartChange& part : file.parts) {
    if (!all && shown++ == kPartsShown) {
      terminal.print("    and " + std::to_string(file.parts.size() - kPartsShown) + " more: --all");
      break;
    }
    terminal.print("    " + terminal.out_style(style_of(part.change), sign_of(part.change)) + " " +
                   part.kind + " " + escape_name(part.name) + details(part));
  }
}

}  // namespace

Result<ExitCode> cmd_diff(Invocation& invocation) {
  std::string before, after;
  bool files_only = false, all = false;
  Arguments arguments(invocation);
  arguments.positional("JOB", before,
                       "a job's id or its beginning, a snapshot, a tag, or latest:shots/sh010.blend");
  arguments.optional_positional("JOB", after, "another one; without it the files as they are now");
  arguments.flag("--files", files_only, "do not look inside files");
  arguments.flag("-a,--all", all, "every datablock, not only the first " + std::to_string(kPartsShown));
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  core::JobStore jobs(*production);
  core::DiffRequest request;
  SOUSCHEF_TRY(request.before, jobs.find(before));
  if (!after.empty()) {
    SOUSCHEF_TRY(request.after, jobs.find(after));
  }
  request.parts = !files_only;
  SOUSCHEF_TRY(const core::JobDiff diff, core::diff_jobs(*production, request));
  Terminal& terminal = invocation.terminal();
  for (const core::FileChange& file : diff.files) print(terminal, file, all);
  terminal.record({{"type", "diff"}, {"changed", diff.files.size()}, {"same", diff.same}});
  terminal.say(counted(diff.files.size(), "file differs", "files differ") + ", " +
               counted(diff.same, "is the same", "are the same"));
  return ExitCode::done;
}

}  // namespace souschef::cli
