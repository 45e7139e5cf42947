// SPDX-License-Identifier: MIT
// pin, unpin and tag: what people say about a job after it was banked.
#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "core/jobs/job_store.hpp"
#include "core/jobs/marks.hpp"

namespace souschef::cli {
namespace {

constexpr const char* kJobDoc = "a job's id or its beginning, a snapshot, a tag, or latest:shots/sh010.blend";

void tell(Terminal& terminal, const char* type, const core::Mark& mark, const std::string& line) {
  core::Json record = core::to_json(mark);
  record["type"] = type;
  terminal.record(record);
  terminal.print(line);
}

}  // namespace

Result<ExitCode> cmd_pin(Invocation& invocation) {
  std::string job, message;
  Arguments arguments(invocation);
  arguments.positional("JOB", job, kJobDoc);
  arguments.option("-m,--message", "WHY", message, "for those who find the pin");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(const JobId id, core::JobStore(*production).find(job));
  const core::Mark mark = core::make_mark(core::MarkKind::pin, id.hex(), id, message);
  SOUSCHEF_CHECK(core::put_mark(*production, mark));
  tell(invocation.terminal(), "pin", mark, "pinned " + id.brief() + ": gc keeps it until souschef unpin");
  return ExitCode::done;
}

Result<ExitCode> cmd_unpin(Invocation& invocation) {
  std::string job;
  Arguments arguments(invocation);
  arguments.positional("JOB", job, kJobDoc);
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(const JobId id, core::JobStore(*production).find(job));
  SOUSCHEF_CHECK(core::remove_mark(*production, core::MarkKind::pin, id.hex()));
  invocation.terminal().record({{"type", "unpin"}, {"job", id.hex()}});
  invocation.terminal().print("unpinned " + id.brief());
  return ExitCode::done;
}

Result<ExitCode> cmd_tag(Invocation& invocation) {
  std::string job, tag;
  bool remove = false;
  Arguments arguments(invocation);
  arguments.positional("TAG", tag, "a word of your own: review-2, approved");
  arguments.optional_positional("JOB", job, kJobDoc);
  arguments.flag("-d,--delete", remove, "take the tag away");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  if (remove != job.empty())
    return Error(ErrorCode::usage, "souschef tag takes TAG JOB, or -d TAG").next_step("souschef tag --help");
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  if (remove) {
    SOUSCHEF_CHECK(core::remove_mark(*production, core::MarkKind::tag, tag));
    invocation.terminal().record({{"type", "untag"}, {"tag", escape_name(tag)}});
    invocation.terminal().print("tag " + escape_name(tag) + " is gone");
    return ExitCode::done;
  }
  SOUSCHEF_TRY(const JobId id, core::JobStore(*production).find(job));
  const core::Mark mark = core::make_mark(core::MarkKind::tag, tag, id);
  SOUSCHEF_CHECK(core::put_mark(*production, mark));
  tell(invocation.terminal(), "tag", mark, "tagged " + id.brief() + " " + escape_name(tag));
  return ExitCode::done;
}

}  // namespace souschef::cli
