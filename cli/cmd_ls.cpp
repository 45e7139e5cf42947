// SPDX-License-Identifier: MIT
#include <algorithm>

#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "core/jobs/job_store.hpp"
#include "core/production/ignore_rules.hpp"

namespace souschef::cli {

Result<ExitCode> cmd_ls(Invocation& invocation) {
  std::string job;
  std::vector<std::string> globs;
  Arguments arguments(invocation);
  arguments.positional("JOB", job,
                       "a job's id or its beginning, a snapshot, a tag, or latest:shots/sh010.blend");
  arguments.optional_positionals("GLOB", globs, "only files whose path fits");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  Terminal& terminal = invocation.terminal();
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  core::JobStore jobs(*production);
  SOUSCHEF_TRY(const JobId id, jobs.find(job));
  SOUSCHEF_TRY(const core::Manifest manifest, jobs.load(id));
  Table table({Align::left, Align::right, Align::left});
  std::uint64_t bytes = 0, files = 0;
  for (const core::ManifestFile& file : manifest.files) {
    const bool wanted =
        globs.empty() || std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
          return core::matches_glob(glob, file.path);
        });
    if (!wanted) continue;
    const bool link = file.mode == core::FileMode::symlink;
    const std::string mode = link ? "link" : file.mode == core::FileMode::executable ? "exec" : "file";
    core::Json record = {{"type", "file"}, {"path", escape_name(file.path)}, {"mode", mode}};
    if (link) {
      record["target"] = escape_name(file.target);
    } else {
      record["content"] = file.content.hex();
      record["size"] = file.size;
    }
    terminal.record(record);
    table.row({link ? std::string(12, ' ') : terminal.out_style(Style::dim, file.content.brief()),
               link ? "" : human_bytes(file.size),
               escape_name(file.path) + (link ? " -> " + escape_name(file.target) : "")});
    bytes += file.size;
    ++files;
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  for (const core::ManifestMissing& missing : manifest.missing)
    terminal.print(
        terminal.out_style(Style::red, "missing when it was banked: " + escape_name(missing.path)));
  terminal.say(counted(files, "file") + ", " + human_bytes(bytes));
  return ExitCode::done;
}

}  // namespace souschef::cli
