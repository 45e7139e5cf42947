// SPDX-License-Identifier: MIT
#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/queue_words.hpp"
#include "cli/snapshot_events.hpp"
#include "cli/table.hpp"
#include "core/jobs/job_store.hpp"
#include "core/production/production.hpp"
#include "core/queue/bound_job.hpp"
#include "core/queue/order_statistics.hpp"
#include "core/queue/queue_reader.hpp"

namespace souschef::cli {
namespace {

core::Json frame_json(const core::FrameRecord& frame) {
  return {{"frame", frame.frame},
          {"state", core::name_of(frame.state)},
          {"attempt", frame.attempt},
          {"seconds", static_cast<double>(frame.ms) / 1000},
          {"mib", frame.mib},
          {"slot", frame.slot},
          {"why", frame.why},
          {"flags", core::names_of_flags(frame.flags)},
          {"files", core::files_json(frame.files)}};
}

core::Json order_record(const core::OrderView& view) {
  core::Json json = core::order_json(view.order);
  core::Json frames = core::Json::array(), stages = core::Json::array();
  for (const core::FrameRecord& frame : view.ledger.frames()) frames.push_back(frame_json(frame));
  for (const core::StageRecord& stage : view.ledger.stages())
    stages.push_back({{"stage", stage.name},
                      {"state", stage.state},
                      {"why", stage.why},
                      {"summary", stage.summary},
                      {"outputs", core::files_json(stage.outputs)}});
  return {{"type", "order"},
          {"order", view.order.name},
          {"id", view.order.id},
          {"state", core::name_of(view.ledger.state())},
          {"why", view.ledger.why()},
          {"job", json["job"]},
          {"entry", json["entry"]},
          {"priority", view.ledger.priority()},
          {"output_folder",
           view.ledger.root().empty() ? core::Json() : core::Json(escape_name(view.ledger.root()))},
          {"counts", counts_json(view.ledger.counts())},
          {"frames", frames},
          {"stages", stages},
          {"opened", view.ledger.opened()},
          {"settings", json}};
}

class Rows {
 public:
  explicit Rows(Terminal& terminal) : terminal_(terminal), table_({Align::left, Align::left}) {}
  void row(const std::string& name, const std::string& value) {
    if (!value.empty()) table_.row({terminal_.out_style(Style::dim, name), value});
  }
  void print() {
    for (const std::string& line : table_.lines()) terminal_.print(line);
  }

 private:
  Terminal& terminal_;
  Table table_;
};

std::string settings_text(const core::RenderSettings& settings) {
  const core::Json json = settings.to_json();
  std::string text;
  for (const auto& [name, value] : json.items())
    text += (text.empty() ? "" : ", ") + name + " " +
            (value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

std::string times_text(const core::OrderLedger& ledger) {
  const core::FrameTimes times = core::frame_times(ledger);
  if (times.frames == 0) return {};
  return human_seconds(times.mean / 1000) + " a frame, from " + human_seconds(times.shortest / 1000.0) +
         " to " + human_seconds(times.longest / 1000.0);
}

std::string late_text(const core::Order& order, const std::optional<JobId>& bound) {
  const auto paths = core::paths_of(order.late);
  if (paths.empty()) return {};
  return escape_name(paths.front()) +
         (paths.size() > 1 ? " and " + std::to_string(paths.size() - 1) + " more" : "") +
         (bound ? ", in job " + bound->brief() : ", when the orders that write them are done");
}

void print_order(Terminal& terminal, const core::OrderView& view, const std::optional<JobId>& bound) {
  const core::Order& order = view.order;
  const core::OrderLedger& ledger = view.ledger;
  Rows rows(terminal);
  rows.row("order", terminal.out_style(Style::bold, order.name) + "  " + order.id);
  rows.row("state", terminal.out_style(style_of(ledger.state()), core::name_of(ledger.state())) +
                        (ledger.why().empty() ? "" : "  " + ledger.why()));
  rows.row("shot", escape_name(order.entry) + (order.job ? "  job " + order.job->brief() : "  live"));
  rows.row("late inputs", late_text(order, bound));
  rows.row("frames", progress_of(ledger.counts()) + "  of " + order.frames.text());
  rows.row("times", times_text(ledger));
  rows.row("target", order.target);
  rows.row("changes", settings_text(order.settings));
  rows.row("output", order.output.empty() ? "as the file says" : escape_name(order.output));
  rows.row("frames in", escape_name(ledger.root()));
  std::string stages;
  for (const std::string& stage : order.stages) stages += (stages.empty() ? "" : ", ") + stage;
  rows.row("stages", stages);
  for (const core::StageRecord& stage : ledger.stages()) {
    rows.row("  " + stage.name, stage.state + (stage.why.empty() ? "" : ": " + stage.why) +
                                    (stage.summary.empty() ? "" : "  " + stage.summary));
    for (const core::FileRecord& file : stage.outputs) rows.row("", escape_name(file.path));
  }
  rows.row("priority", std::to_string(ledger.priority()) + (ledger.urgent() ? ", urgent" : ""));
  rows.row("ordered", minute_of(order.submitted_ms) + " by " + order.user + "@" + order.host);
  rows.print();
  for (const core::FrameRecord& frame : ledger.frames())
    if (frame.state == core::FrameState::failed)
      terminal.print("frame " + std::to_string(frame.frame) + " failed: " + frame.why + "  (souschef log " +
                     order.name + " " + std::to_string(frame.frame) + ")");
  for (const core::FrameRecord& frame : ledger.frames()) {
    std::string flags;
    for (const std::string& flag : core::names_of_flags(frame.flags))
      flags += (flags.empty() ? "" : ", ") + flag;
    if (!flags.empty()) terminal.print("frame " + std::to_string(frame.frame) + ": " + flags);
  }
}

Result<ExitCode> show_job(Terminal& terminal, core::Production& production, JobId job) {
  core::JobStore jobs(production);
  SOUSCHEF_TRY(const core::Manifest manifest, jobs.load(job));
  terminal.record({{"type", "job"},
                   {"job", job.hex()},
                   {"entry", escape_name(manifest.entry)},
                   {"files", manifest.files.size()},
                   {"bytes", manifest.bytes()},
                   {"missing", missing_json(manifest.missing)}});
  Rows rows(terminal);
  rows.row("job", job.hex());
  rows.row("shot", manifest.entry.empty() ? "a folder" : escape_name(manifest.entry));
  rows.row("files", counted(manifest.files.size(), "file") + ", " + human_bytes(manifest.bytes()));
  for (const core::ManifestMissing& each : manifest.missing)
    rows.row("missing", escape_name(each.path) + ", needed by " + escape_name(each.from));
  SOUSCHEF_TRY(const auto records, jobs.snapshots());
  for (const core::SnapshotRecord& record : records)
    if (record.job == job)
      rows.row("banked", minute_of(record.time_ms) + " by " + record.user + "@" + record.host + "  " +
                             std::string(core::name_of(record.origin)) +
                             (record.message.empty() ? "" : "  " + record.message));
  rows.print();
  if (terminal.out_is_terminal()) terminal.say("Next: souschef ls " + job.brief());
  return ExitCode::done;
}

}  // namespace

Result<ExitCode> cmd_show(Invocation& invocation) {
  std::string name;
  Arguments arguments(invocation);
  arguments.positional("ORDER|JOB", name, "an order by its name, or a job by its id or tag");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  Terminal& terminal = invocation.terminal();
  auto order = find_named_order(invocation, name);
  if (!order) {
    const auto job = core::JobStore(*production).find(name);
    if (!job) return Error(ErrorCode::not_found, "no such order or job: " + name).next_step("souschef list");
    return show_job(terminal, *production, *job);
  }
  SOUSCHEF_TRY(const core::OrderView view, core::read_order(order->queue, order->id));
  SOUSCHEF_TRY(const auto bound, core::bound_job(order->queue, order->id));
  core::Json record = order_record(view);
  record["bound_job"] = bound ? core::Json(bound->hex()) : core::Json();
  terminal.record(record);
  print_order(terminal, view, bound);
  return ExitCode::done;
}

Result<ExitCode> cmd_frames(Invocation& invocation) {
  std::string name, state;
  Arguments arguments(invocation);
  arguments.positional("ORDER", name, "an order by its name");
  arguments.option("--state", "STATE", state, "only frames that are todo, running, done, failed or skipped");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  std::optional<core::FrameState> wanted;
  if (!state.empty()) {
    wanted = core::frame_state_named(state);
    if (!wanted)
      return Error(ErrorCode::usage, "--state is todo, running, done, failed or skipped, not " + state);
  }
  SOUSCHEF_TRY(const NamedOrder order, find_named_order(invocation, name));
  SOUSCHEF_TRY(const core::OrderView view, core::read_order(order.queue, order.id));
  Terminal& terminal = invocation.terminal();
  Table table({Align::right, Align::left, Align::right, Align::right, Align::left, Align::left});
  for (const core::FrameRecord& frame : view.ledger.frames()) {
    if (wanted && frame.state != *wanted) continue;
    core::Json json = frame_json(frame);
    json["type"] = "frame";
    terminal.record(json);
    const bool failed = frame.state == core::FrameState::failed;
    std::string notes = failed ? frame.why : frame.files.empty() ? "" : escape_name(frame.files.front().path);
    for (const std::string& flag : core::names_of_flags(frame.flags)) notes += "  [" + flag + "]";
    table.row({std::to_string(frame.frame),
               terminal.out_style(failed ? Style::red : Style::plain, core::name_of(frame.state)),
               frame.ms > 0 ? human_seconds(frame.ms / 1000.0) : "",
               frame.attempt > 1 ? "attempt " + std::to_string(frame.attempt) : "", frame.slot, notes});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  return ExitCode::done;
}

}  // namespace souschef::cli
