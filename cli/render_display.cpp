// SPDX-License-Identifier: MIT
#include "cli/render_display.hpp"

#include <array>
#include <cstdio>

#include <souschef/file_name.hpp>

#include "cli/queue_words.hpp"
#include "core/queue/order_statistics.hpp"

namespace souschef::cli {
namespace {

std::string title(const core::OrderNow& now) {
  return now.order.name + "  " + escape_name(now.order.entry);
}

std::string percent(double fraction) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%.0f%%", fraction * 100);
  return text.data();
}

core::Json record_of(std::string_view type, const core::OrderNow& now) {
  return {{"type", type},
          {"order", now.order.name},
          {"id", now.order.id},
          {"state", core::name_of(now.ledger.state())},
          {"frames", counts_json(now.ledger.counts())}};
}

}  // namespace

void RenderDisplay::show(const core::OrderNow& now) {
  if (!terminal_.err_is_terminal() || !throttle_.lets_through()) return;
  std::string line = title(now) + "  " + progress_of(now.ledger.counts());
  for (const auto& [slot, doing] : doing_) line += "  " + doing;
  const core::FrameTimes times = core::frame_times(now.ledger);
  if (times.frames > 0) line += "  " + human_seconds(times.mean / 1000) + " a frame";
  if (const auto left = core::time_left(now.ledger, now.slots))
    line += "  ETA " + human_seconds(static_cast<double>(left->ms) / 1000);
  terminal_.status(line);
}

void RenderDisplay::started(std::size_t slots) {
  terminal_.detail("rendering on " + counted(slots, "slot"));
  if (on_started) on_started();
}

void RenderDisplay::overtaken(std::string_view why) {
  if (on_overtaken) on_overtaken();
  doing_.clear();
  waiting_.clear();
  terminal_.clear_status();
  terminal_.warn("this runner has lost the queue and stands by until it is free again: " + std::string(why));
  terminal_.record({{"type", "overtaken"}, {"why", why}});
}

void RenderDisplay::waiting(std::string_view why) {
  if (waiting_ == why) return;
  waiting_ = why;
  if (terminal_.err_is_terminal())
    terminal_.status(why);
  else
    terminal_.say(why);
  terminal_.record({{"type", "waiting"}, {"why", why}});
}

void RenderDisplay::request_applied(const core::Request& request, const Error* refusal) {
  const std::string what =
      std::string(core::name_of(request.kind)) + " by " + request.user + "@" + request.host;
  if (refusal != nullptr)
    terminal_.warn(what + " was refused: " + refusal->line());
  else
    terminal_.detail(what);
}

void RenderDisplay::order_started(const core::OrderNow& now) {
  waiting_.clear();
  doing_.clear();
  terminal_.say(terminal_.err_style(Style::bold, now.order.name) + "  " + escape_name(now.order.entry) +
                "  " + counted(now.ledger.counts().left(), "frame") + " of " + now.order.frames.text() +
                " with " + now.order.target);
  terminal_.record(record_of("order_started", now));
}

void RenderDisplay::order_preparing(const core::OrderNow& now, std::uint64_t done, std::uint64_t total) {
  terminal_.status(title(now) + "  checking out " + human_bytes(done) + " of " + human_bytes(total));
}

void RenderDisplay::order_opened(const core::OrderNow& now, std::string_view slot) {
  core::Json record = record_of("order_opened", now);
  record["slot"] = slot;
  record["output_folder"] = escape_name(now.ledger.root());
  terminal_.record(record);
}

void RenderDisplay::order_ended(const core::OrderNow& now) {
  doing_.clear();
  terminal_.clear_status();
  core::Json record = record_of("order_ended", now);
  record["why"] = now.ledger.why();
  record["output_folder"] = escape_name(now.ledger.root());
  terminal_.record(record);
  const core::OrderState state = now.ledger.state();
  std::string line = terminal_.out_style(style_of(state), core::name_of(state)) + "  " + title(now) + "  " +
                     progress_of(now.ledger.counts()) + " frames";
  const bool rendered = now.ledger.counts().done > 0;
  if (rendered) {
    const core::FrameTimes times = core::frame_times(now.ledger);
    line += " in " + human_seconds(static_cast<double>(now.ledger.spent_ms()) / 1000);
    if (times.frames > 1) line += ", " + human_seconds(times.mean / 1000) + " a frame";
  }
  if (state != core::OrderState::done && !now.ledger.why().empty()) line += "  " + now.ledger.why();
  terminal_.print(line);
  if (rendered) terminal_.print("      frames: " + escape_name(now.ledger.root()));
  for (const core::StageRecord& stage : now.ledger.stages())
    for (const core::FileRecord& file : stage.outputs)
      terminal_.print("      " + stage.name + ": " + escape_name(file.path));
  if (state == core::OrderState::failed)
    terminal_.say("Next: souschef show " + now.order.name + "  says what failed, souschef redo " +
                  now.order.name + "  tries again");
  if (state == core::OrderState::proof)
    terminal_.say("Next: look at the frames, then souschef approve " + now.order.name +
                  "  or souschef reject " + now.order.name);
}

void RenderDisplay::frame_started(const core::AttemptNow& attempt) {
  doing_[std::string(attempt.slot)] = "frame " + std::to_string(attempt.frame);
  show(attempt.of);
}

void RenderDisplay::frame_suspended(const core::AttemptNow& attempt, std::string_view why) {
  const std::string frame = "frame " + std::to_string(attempt.frame);
  doing_[std::string(attempt.slot)] = frame + " suspended";
  core::Json record = record_of("frame", attempt.of);
  record["frame"] = attempt.frame;
  record["state"] = "suspended";
  record["why"] = why;
  terminal_.record(record);
  terminal_.say(attempt.of.order.name + "  " + frame + " stands still on " + std::string(attempt.slot) +
                ": " + std::string(why) + "; its renderer keeps its memory");
  show(attempt.of);
}

void RenderDisplay::frame_resumed(const core::AttemptNow& attempt) {
  core::Json record = record_of("frame", attempt.of);
  record["frame"] = attempt.frame;
  record["state"] = "resumed";
  terminal_.record(record);
  terminal_.say(attempt.of.order.name + "  frame " + std::to_string(attempt.frame) + " goes on");
  doing_[std::string(attempt.slot)] = "frame " + std::to_string(attempt.frame);
  show(attempt.of);
}

void RenderDisplay::frame_progress(const core::AttemptNow& attempt, double fraction, std::string_view) {
  std::string& doing = doing_[std::string(attempt.slot)];
  doing = "frame " + std::to_string(attempt.frame);
  if (fraction >= 0) doing += " " + percent(fraction);
  show(attempt.of);
}

void RenderDisplay::frame_done(const core::AttemptNow& attempt) {
  const core::FrameRecord* frame = attempt.of.ledger.frame(attempt.frame);
  core::Json record = record_of("frame", attempt.of);
  record["frame"] = attempt.frame;
  record["state"] = "done";
  record["seconds"] = attempt.seconds;
  record["slot"] = attempt.slot;
  record["files"] = core::Json::array();
  std::string flags;
  if (frame != nullptr) {
    for (const core::FileRecord& file : frame->files) record["files"].push_back(escape_name(file.path));
    for (const std::string& flag : core::names_of_flags(frame->flags)) flags += "  [" + flag + "]";
  }
  terminal_.record(record);
  const std::string line = attempt.of.order.name + "  frame " + std::to_string(attempt.frame) + " done in " +
                           human_seconds(attempt.seconds) + "  " + progress_of(attempt.of.ledger.counts());
  if (!flags.empty())
    terminal_.warn(line + flags);
  else if (!terminal_.err_is_terminal())
    terminal_.say(line);
  show(attempt.of);
}

void RenderDisplay::frame_failed(const core::AttemptNow& attempt, std::string_view why, bool final,
                                 std::string_view log) {
  core::Json record = record_of("frame", attempt.of);
  record["frame"] = attempt.frame;
  record["state"] = final ? "failed" : "retry";
  record["why"] = why;
  record["log"] = escape_name(log);
  terminal_.record(record);
  terminal_.warn(attempt.of.order.name + "  frame " + std::to_string(attempt.frame) +
                 (final ? " failed: " : " is tried again: ") + std::string(why) + "  (souschef log " +
                 attempt.of.order.name + " " + std::to_string(attempt.frame) + ")");
}

void RenderDisplay::stage_started(const core::OrderNow& now, std::string_view stage) {
  terminal_.status(title(now) + "  " + std::string(stage));
}

void RenderDisplay::stage_progress(const core::OrderNow& now, std::string_view stage, double fraction,
                                   std::string_view text) {
  terminal_.status(title(now) + "  " + std::string(stage) + (fraction >= 0 ? " " + percent(fraction) : "") +
                   "  " + std::string(text));
}

void RenderDisplay::stage_ended(const core::OrderNow& now, const core::StageRecord& stage) {
  core::Json record = record_of("stage", now);
  record["stage"] = stage.name;
  record["state"] = stage.state;
  record["why"] = stage.why;
  record["outputs"] = core::Json::array();
  for (const core::FileRecord& file : stage.outputs) record["outputs"].push_back(escape_name(file.path));
  terminal_.record(record);
  if (stage.state == "failed") {
    terminal_.warn(now.order.name + "  stage " + stage.name + " failed: " + stage.why);
    return;
  }
  terminal_.say(now.order.name + "  stage " + stage.name + " " + stage.state + "  " + stage.summary);
}

void RenderDisplay::slot_lost(std::string_view slot, std::string_view why) {
  terminal_.warn("the slot " + std::string(slot) + " is not used any more: " + std::string(why) +
                 "  (when it is back: souschef slots enable " + std::string(slot) + ")");
}

void RenderDisplay::warning(const Error& warning) {
  terminal_.warn(warning.line() + (warning.next.empty() ? "" : "  (" + warning.next + ")"));
}

}  // namespace souschef::cli
