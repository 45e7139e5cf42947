// SPDX-License-Identifier: MIT
#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "core/base/suggestion.hpp"
#include "core/jobs/job_store.hpp"
#include "core/jobs/restore.hpp"

namespace souschef::cli {
namespace {

class StdoutSink final : public ByteSink {
 public:
  explicit StdoutSink(Terminal& terminal) : terminal_(terminal) {}
  using ByteSink::write;
  bool write(std::span<const std::byte> data) override {
    terminal_.write({reinterpret_cast<const char*>(data.data()), data.size()});
    return true;
  }

 private:
  Terminal& terminal_;
};

}  // namespace

Result<ExitCode> cmd_cat(Invocation& invocation) {
  std::string job, path;
  bool unwrapped = false;
  Arguments arguments(invocation);
  arguments.positional("JOB", job,
                       "a job's id or its beginning, a snapshot, a tag, or latest:shots/sh010.blend");
  arguments.positional("PATH", path, "of a file in it");
  arguments.flag("--unwrapped", unwrapped, "a compressed .blend without its compression");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  core::JobStore jobs(*production);
  SOUSCHEF_TRY(const JobId id, jobs.find(job));
  SOUSCHEF_TRY(const core::Manifest manifest, jobs.load(id));
  const core::ManifestFile* const file = manifest.find(unescape_name(path).value_or(path));
  if (file == nullptr || file->mode == core::FileMode::symlink) {
    std::vector<std::string> known;
    for (const core::ManifestFile& each : manifest.files) known.push_back(escape_name(each.path));
    const std::string guess = core::closest_word(path, known);
    return Error(ErrorCode::not_found, "job " + id.brief() + " has no file " + path)
        .next_step(guess.empty() ? "souschef ls " + id.brief() : "did you mean " + guess + "?");
  }
  StdoutSink sink(invocation.terminal());
  SOUSCHEF_CHECK(core::read_banked_file(*production, id, *file,
                                        unwrapped ? store::Form::content : store::Form::original, sink));
  return ExitCode::done;
}

}  // namespace souschef::cli
