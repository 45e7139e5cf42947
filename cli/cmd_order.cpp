// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>

#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "cli/snapshot_events.hpp"
#include "core/hooks/repository.hpp"
#include "core/hooks/revision_job.hpp"
#include "core/jobs/job_store.hpp"
#include "core/production/production.hpp"
#include "core/rendering/place_order.hpp"

namespace fs = std::filesystem;

namespace souschef::cli {
namespace {

// Where the words of the command line lead; the rest is core::OrderWishes.
struct Words {
  std::string subject, output, old_frames, frame_order, stages;
  bool cache = false, dry_run = false, rehash = false;
};

void declare(Arguments& arguments, Words& words, core::OrderWishes& wishes) {
  arguments.positional("FILE.blend|JOB", words.subject, "a shot to bank and order, or a job that was banked");
  arguments.optional_positional("OUTPUT", words.output,
                                "a folder (ends with /), or a name with #### for the frame; may hold {shot}, "
                                "{version}, {date}, {order}, {scene}, {camera}, {preset}");
  arguments.option("-F,--frames", "LIST", wishes.frames, "1-100, 1-100x5, 1,7,20-30: souschef help frames");
  arguments.option("-f,--frame", "END|A:B", words.old_frames, "as in the original: a last frame, or a range");
  arguments.option("--frame-order", "ORDER", words.frame_order, "forward, reverse, spread or list");
  arguments.option("-t,--target", "NAME", wishes.target, "the Blender to render with: souschef targets");
  arguments.option("--preset", "NAME", wishes.preset, "a [[preset]] of the config");
  arguments.option("-r,--resolution", "SIZE", wishes.resolution, "1920x1080, 50%, HD, UHD, DCP2K, DCP4K");
  arguments.option("--samples", "N", wishes.samples, "render samples");
  arguments.option("--engine", "NAME", wishes.engine, "CYCLES, BLENDER_EEVEE, ...");
  arguments.option("--scene", "NAME", wishes.scene, "which scene; else the one that is active in the file");
  arguments.option("--camera", "NAME", wishes.camera, "which camera");
  arguments.options("--view-layer", "NAME", wishes.view_layers, "only this view layer; may be repeated");
  arguments.option("-o,--overwrite", "yes|no", wishes.overwrite,
                   "yes: older frames give way; no: frames that exist are skipped");
  arguments.option("-p,--placeholders", "yes|no", wishes.placeholders,
                   "kept for those who come from the original");
  arguments.option("--stages", "LIST", words.stages,
                   "what follows the render, with commas: render,preview,notify");
  arguments.option("--priority", "N", wishes.priority, "0 to 100, higher first; 50 where nothing is said");
  arguments.flag("--no-late", wishes.no_late,
                 "do not wait for files that other orders are going to write: take what is there now");
  arguments.options("--after", "ORDER", wishes.after, "wait until this order is done; may be repeated");
  arguments.option("--proof", "N", wishes.proof, "render N spread frames first, then wait for approve");
  arguments.option("--proof-hours", "N", wishes.proof_hours, "go on without approval after so long");
  arguments.option("--attempts", "N", wishes.attempts, "how often a frame is tried");
  arguments.option("--name", "WORD", wishes.name, "a name of your own for the order");
  arguments.option("--replace", "ORDER", wishes.replaces,
                   "this order goes, the new one takes its place in the queue");
  arguments.flag("--paused", wishes.paused, "put it in the queue, but do not begin");
  arguments.flag("-c,--cache", words.cache, "bank it first; this is what always happens");
  arguments.flag("--live", wishes.live, "do not bank: render the working file as it is then");
  arguments.flag("--allow-missing", wishes.allow_missing, "order although files are missing");
  arguments.flag("--allow-outside", wishes.allow_outside, "bank files outside the production without asking");
  arguments.flag("--include-unused", wishes.include_unused, "bank everything in a library");
  arguments.flag("--allow-unbaked", wishes.allow_unbaked,
                 "render simulations that are not baked, frame after frame");
  arguments.flag("--autoexec", wishes.autoexec, "let scripts and drivers in the file run");
  arguments.flag("--accept-blocked-scripts", wishes.accept_blocked_scripts,
                 "render although scripts in the file may not run");
  arguments.flag("--as-movie", wishes.as_movie, "let Blender write its movie in one piece");
  arguments.flag("-n,--dry-run", words.dry_run, "say what would be ordered; nothing is banked");
  arguments.flag("--rehash", words.rehash, "read every file again, whatever its times say");
}

// "24" is 1 to 24, "10:20" is 10 to 20: the original's meaning, said aloud because most read 24 as one frame.
Result<std::string> frames_from_old(Terminal& terminal, const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string list =
      colon == std::string::npos ? "1-" + text : text.substr(0, colon) + "-" + text.substr(colon + 1);
  SOUSCHEF_TRY(const FrameRange range, FrameRange::parse(list));
  terminal.say("-f " + text + " means frames " + range.text() + ", as in the original  (-F " + text +
               " would be " + (colon == std::string::npos ? "frame " + text + " alone" : "the same") + ")");
  return list;
}

// The output as the order keeps it: relative to the production where it lies below it.
std::string placed_output(const Invocation& invocation, const core::Production& production,
                          const std::string& typed) {
  if (typed.empty()) return {};
  const fs::path absolute = invocation.absolute(typed);
  const std::string inside = production.relative(production.located(absolute));
  std::string output = inside.empty() ? absolute.lexically_normal().string() : inside;
  if (typed.back() == '/' && output.back() != '/') output += '/';
  return output;
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> words;
  std::size_t start = 0;
  while (start <= text.size()) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    if (end > start) words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

// "v2:shots/sh010.blend": the shot as of a revision that was banked.
Result<JobId> job_of_revision(Invocation& invocation, core::Production& production,
                              const std::string& subject) {
  const std::size_t colon = subject.find(':');
  SOUSCHEF_TRY(const auto repository, core::Repository::find(production.root()));
  if (repository == nullptr)
    return Error(ErrorCode::not_found, "there is no file and no job " + subject,
                 "and no repository that could have a revision " + subject.substr(0, colon))
        .next_step("souschef snapshots");
  const std::string named = subject.substr(colon + 1);
  std::string entry = production.relative(production.located(invocation.absolute(named)));
  std::error_code ignored;
  // As git has it: from the root of all, but for names that begin with a dot.
  if (!named.starts_with('.') && !fs::exists(invocation.absolute(named), ignored)) entry = named;
  return core::job_at_revision(production, *repository, subject.substr(0, colon), entry);
}

// A job by its id, tag, "latest:" or a revision; everything else is a file.
Status choose_subject(Invocation& invocation, core::Production& production, const std::string& subject,
                      core::OrderWishes& wishes) {
  const fs::path file = invocation.absolute(subject);
  std::error_code ignored;
  if (subject.ends_with(".blend") && subject.find(':') == std::string::npos) {
    wishes.blend = file;
    return {};
  }
  if (fs::exists(file, ignored)) {
    wishes.blend = file;
    return {};
  }
  auto job = core::JobStore(production).find(subject);
  if (!job && !subject.starts_with("latest:") && subject.ends_with(".blend")) {
    SOUSCHEF_TRY(wishes.job, job_of_revision(invocation, production, subject));
    return {};
  }
  if (!job)
    return Error(ErrorCode::not_found, "there is no file and no job " + subject)
        .next_step("souschef snapshots");
  wishes.job = *job;
  return {};
}

std::string size_text(const core::Order& order) {
  const auto& resolution = order.settings.resolution;
  if (!resolution) return {};
  std::string text;
  if (resolution->width > 0)
    text = std::to_string(resolution->width) + "x" + std::to_string(resolution->height);
  if (resolution->percentage > 0)
    text += (text.empty() ? "" : " at ") + std::to_string(resolution->percentage) + "%";
  return text;
}

core::Json late_paths(const core::Order& order) {
  core::Json paths = core::Json::array();
  for (const std::string& path : core::paths_of(order.late)) paths.push_back(escape_name(path));
  return paths;
}

void report(Terminal& terminal, const core::PlacedOrder& placed, bool dry_run) {
  const core::Order& order = placed.order;
  for (const std::string& note : placed.notes) terminal.warn(note);
  terminal.record({{"type", "order"},
                   {"order", dry_run ? core::Json() : core::Json(order.name)},
                   {"id", dry_run ? core::Json() : core::Json(order.id)},
                   {"job", order.job ? core::Json(order.job->hex()) : core::Json()},
                   {"entry", escape_name(order.entry)},
                   {"frames", order.frames.size()},
                   {"frame_list", order.frames.text()},
                   {"target", order.target},
                   {"output", escape_name(order.output)},
                   {"stages", order.stages},
                   {"live", order.live()},
                   {"after", order.after},
                   {"late", late_paths(order)},
                   {"new_bytes", placed.snapshot ? core::Json(placed.snapshot->new_bytes) : core::Json()},
                   {"dry_run", dry_run}});
  std::string line = dry_run ? "would order" : terminal.out_style(Style::green, order.name);
  line += "  " + escape_name(order.entry) + "  " + counted(order.frames.size(), "frame") + " (" +
          order.frames.text() + ")";
  if (const std::string size = size_text(order); !size.empty()) line += "  " + size;
  line += "  " + order.target;
  if (!order.output.empty()) line += "  to " + escape_name(order.output);
  if (placed.snapshot)
    line += "  " + (placed.snapshot->new_bytes == 0 || placed.snapshot->unchanged
                        ? std::string("nothing new to bank")
                        : human_bytes(placed.snapshot->new_bytes) + " banked");
  terminal.print(line);
  for (const core::PlannedOutput& output : placed.outputs) {
    core::Json files = core::Json::array();
    for (const std::string& file : output.first_files) files.push_back(escape_name(file));
    terminal.record({{"type", "output"},
                     {"node", escape_name(output.node)},
                     {"written", escape_name(output.written)},
                     {"natural", escape_name(output.natural)},
                     {"destination", escape_name(output.destination)},
                     {"first_files", files}});
    terminal.print("  " + (output.node.empty() ? "render" : escape_name(output.node)) + "  " +
                   escape_name(output.natural) + " -> " +
                   (output.natural == output.destination ? "the same" : escape_name(output.destination)));
  }
  if (!placed.replaced.empty()) terminal.say(placed.replaced + " was replaced and is gone");
  if (!placed.waiting_for.empty()) terminal.say("It is handed in; the runner takes it as soon as it looks.");
  if (order.live() && !dry_run)
    terminal.say("It is live: what lies there when it renders is what is rendered.");
  if (!dry_run && terminal.out_is_terminal() && placed.waiting_for.empty())
    terminal.say("Next: souschef render");
}

}  // namespace

Result<ExitCode> cmd_order(Invocation& invocation) {
  Words words;
  core::OrderWishes wishes;
  Arguments arguments(invocation);
  declare(arguments, words, wishes);
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  Terminal& terminal = invocation.terminal();
  invocation.set_rehash(words.rehash);
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  if (!words.old_frames.empty() && !wishes.frames.empty())
    return Error(ErrorCode::usage, "-f and -F both name frames").next_step("use -F");
  if (!words.old_frames.empty()) {
    SOUSCHEF_TRY(wishes.frames, frames_from_old(terminal, words.old_frames));
  }
  if (!words.frame_order.empty()) {
    wishes.frame_order = core::frame_order_named(words.frame_order);
    if (!wishes.frame_order)
      return Error(ErrorCode::usage,
                   "--frame-order is forward, reverse, spread or list, not " + words.frame_order);
  }
  if (!words.stages.empty()) wishes.stages = split_at_commas(words.stages);
  wishes.output = placed_output(invocation, *production, words.output);
  SOUSCHEF_CHECK(choose_subject(invocation, *production, words.subject, wishes));

  Progress progress(terminal, "banking", Progress::Unit::bytes);
  SOUSCHEF_TRY(const core::PlacedOrder placed,
               core::place_order(*production, wishes, snapshot_events(terminal, progress), words.dry_run));
  terminal.clear_status();
  if (placed.snapshot) warn_of(terminal, *placed.snapshot);
  report(terminal, placed, words.dry_run);
  return ExitCode::done;
}

}  // namespace souschef::cli
