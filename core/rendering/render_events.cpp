// SPDX-License-Identifier: MIT
#include "core/rendering/render_events.hpp"

#include <algorithm>
#include <filesystem>

#include <souschef/file_name.hpp>

#include "core/queue/queue_reader.hpp"
#include "core/rendering/place_order.hpp"
#include "core/rendering/run_context.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr auto kLookAtDisk = std::chrono::minutes(1);
constexpr std::size_t kSureAllFail = 3;   // frames that have failed for good, and none was good
constexpr std::size_t kMostOutputs = 20;  // that an event names
constexpr std::uint64_t kLargestThumbnail = 8U << 20;

std::string frames_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " frame" : " frames");
}

std::string took_text(std::int64_t ms) {
  const std::int64_t seconds = ms / 1000, minutes = seconds / 60;
  if (minutes >= 60) return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
  if (minutes > 0) return std::to_string(minutes) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds) + " s";
}

std::int64_t took_ms(const OrderLedger& ledger) {
  return ledger.started_ms() == 0 ? 0 : std::max<std::int64_t>(0, ledger.changed_ms() - ledger.started_ms());
}

// A picture that programs of people can show, from the middle of what is done; empty where there is none.
std::string thumbnail_of(const OrderLedger& ledger) {
  static const std::set<std::string> kShown = {".png", ".jpg", ".jpeg", ".webp", ".gif"};
  std::vector<const FileRecord*> pictures;
  for (const FrameRecord& frame : ledger.frames()) {
    if (frame.state != FrameState::done || frame.files.empty()) continue;
    const FileRecord& file = frame.files.front();
    if (file.size <= kLargestThumbnail && kShown.contains(fs::path(file.path).extension().string()))
      pictures.push_back(&file);
  }
  if (pictures.empty()) return {};
  return escape_name((fs::path(ledger.root()) / pictures[pictures.size() / 2]->path).string());
}

Json with_thumbnail(Json data, const OrderLedger& ledger) {
  if (std::string picture = thumbnail_of(ledger); !picture.empty()) data["thumbnail"] = std::move(picture);
  return data;
}

Json outputs_of(const std::vector<FileRecord>& files) {
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(files.size(), kMostOutputs); ++i)
    list.push_back(escape_name(files[i].path));
  return list;
}

}  // namespace

RenderEventsOptions RenderEventsOptions::of(const Production& production) {
  const RenderLimits limits = RenderLimits::of(production.config());
  return {.queue = queue_of(production), .keep_free = limits.keep_free, .stall = limits.stall};
}

RenderEvents::RenderEvents(RenderObserver& next, EventLog& log, RenderEventsOptions options)
    : next_(next), log_(log), options_(std::move(options)) {}

void RenderEvents::append(std::string name, std::string message, const EventOrder& order, Json data) {
  const auto appended = log_.append(
      {.name = std::move(name), .message = std::move(message), .order = order, .data = std::move(data)});
  if (!appended) {
    if (!std::exchange(told_trouble_, true))
      next_.warning(Error(appended.error()).in_context("what happens cannot be written down for listeners"));
    return;
  }
  if (options_.appended) options_.appended();
}

void RenderEvents::append(std::string name, std::string message, const Order& order, Json data) {
  append(std::move(name), std::move(message), EventOrder{order.id, order.name}, std::move(data));
}

// ---- the runner

void RenderEvents::started(std::size_t slots) {
  append("runner_started",
         "a runner begins with " + std::to_string(slots) + (slots == 1 ? " slot" : " slots"), EventOrder{},
         {{"slots", slots}});
  next_.started(slots);
}

void RenderEvents::overtaken(std::string_view why) {
  watched_.clear();  // what becomes of them is told by the other one
  orders_ended_ = 0;
  append("runner_stopped", "the runner has lost the queue and stands by: " + std::string(why), EventOrder{},
         {{"reason", std::string(why)}});
  next_.overtaken(why);
}

void RenderEvents::waiting(std::string_view why) {
  if (why == kQueueEmpty) tell_queue_empty();
  next_.waiting(why);
}

void RenderEvents::ended(const RenderSummary& summary) {
  if (summary.end == RenderEnd::nothing_left && summary.orders_left == 0) tell_queue_empty();
  append("runner_stopped", "the runner has ended after " + frames_text(summary.frames_done), EventOrder{},
         {{"frames", summary.frames_done}});
}

void RenderEvents::tell_queue_empty() {
  const std::size_t orders = std::exchange(orders_ended_, 0);
  if (orders == 0) return;  // it was empty when the runner came, or has been told
  append("queue_empty", "nothing is left to render", EventOrder{}, {{"orders", orders}});
}

void RenderEvents::request_applied(const Request& request, const Error* refusal) {
  if (refusal == nullptr && request.kind == RequestKind::order) {
    if (const auto order = order_from_json(request.arguments)) {
      const auto frames = static_cast<std::size_t>(order->frames.size());
      append("order_added", order->name + " was ordered: " + frames_text(frames), *order,
             {{"frames", frames}});
    }
  }
  // Here and not where it ends: one that has not begun never ends.
  if (refusal == nullptr && request.kind == RequestKind::cancel) {
    if (const auto order = read_order_file(options_.queue, request.order)) {
      append("order_cancelled", order->name + " was cancelled by " + request.user, *order, Json::object());
      tell_held(*order, "was cancelled");
    }
  }
  next_.request_applied(request, refusal);
}

// ---- orders

RenderEvents::Watched& RenderEvents::watch(const Order& order) {
  return watched_.try_emplace(order.id, Watched{.progress = log_.clock().since_1970()}).first->second;
}

void RenderEvents::order_started(const OrderNow& now) {
  watch(now.order).progress = log_.clock().since_1970();
  const std::size_t frames = now.ledger.counts().total();
  if (now.ledger.started_ms() == 0)
    append("order_started", now.order.name + " begins: " + frames_text(frames), now.order,
           {{"frames", frames}});
  next_.order_started(now);
}

void RenderEvents::order_ended(const OrderNow& now) {
  const OrderLedger& ledger = now.ledger;
  watched_.erase(now.order.id);
  if (ledger.state() == OrderState::done) {
    ++orders_ended_;
    const std::size_t frames = ledger.counts().done + ledger.counts().skipped;
    std::vector<FileRecord> outputs;
    for (const StageRecord& stage : ledger.stages())
      outputs.insert(outputs.end(), stage.outputs.begin(), stage.outputs.end());
    append("order_done",
           now.order.name + " is done: " + frames_text(frames) + " in " + took_text(took_ms(ledger)),
           now.order,
           with_thumbnail(
               {{"frames", frames}, {"seconds", took_ms(ledger) / 1000}, {"outputs", outputs_of(outputs)}},
               ledger));
  } else if (ledger.state() == OrderState::failed) {
    ++orders_ended_;
    order_failed(now);
  } else if (ledger.state() == OrderState::proof) {
    append("proof_ready",
           "the proof frames of " + now.order.name + " wait for approval: souschef approve " + now.order.name,
           now.order, with_thumbnail({{"frames", ledger.counts().done}}, ledger));
  }
  next_.order_ended(now);
}

void RenderEvents::order_failed(const OrderNow& now) {
  const OrderLedger& ledger = now.ledger;
  if (!ledger.stages().empty() && ledger.stages().back().state == "failed") {
    const StageRecord& stage = ledger.stages().back();
    append("stage_failed", "the stage " + stage.name + " of " + now.order.name + " failed: " + stage.why,
           now.order, {{"stage", stage.name}, {"reason", stage.why}});
  }
  append("order_failed", now.order.name + " failed: " + ledger.why(), now.order,
         {{"done", ledger.counts().done}, {"failed", ledger.counts().failed}, {"reason", ledger.why()}});
  tell_held(now.order, "failed");
}

void RenderEvents::tell_held(const Order& parent, std::string_view became) {
  const auto rows = list_orders(options_.queue);
  if (!rows) return;
  for (const OrderRow& row : *rows) {
    if (is_final(row.state) || std::find(row.after.begin(), row.after.end(), parent.id) == row.after.end())
      continue;
    const std::string reason = parent.name + ", which it comes after, " + std::string(became);
    append("order_held", row.name + " waits: " + reason, EventOrder{row.id, row.name}, {{"reason", reason}});
  }
}

// ---- frames

void RenderEvents::frame_started(const AttemptNow& now) {
  next_.frame_started(now);
}

void RenderEvents::frame_done(const AttemptNow& now) {
  Watched& watched = watch(now.of.order);
  watched.progress = log_.clock().since_1970();
  watched.told_stalled = false;
  look_at_disk(now.of);
  next_.frame_done(now);
}

void RenderEvents::frame_failed(const AttemptNow& now, std::string_view why, bool final,
                                std::string_view log) {
  const OrderLedger& ledger = now.of.ledger;
  const std::string reason(why);
  Watched& watched = watch(now.of.order);
  if (final)
    append("frame_failed",
           "frame " + std::to_string(now.frame) + " of " + now.of.order.name + " failed: " + reason,
           now.of.order, {{"frame", now.frame}, {"reason", reason}});
  const FrameCounts& counts = ledger.counts();
  const bool sure = counts.failed >= kSureAllFail || (counts.failed > 0 && counts.left() == 0);
  if (final && sure && counts.done + counts.skipped == 0 && !std::exchange(watched.told_all_failed, true))
    append("all_frames_failed", "every frame of " + now.of.order.name + " so far has failed: " + reason,
           now.of.order, {{"failed", counts.failed}, {"reason", reason}});
  const auto since = log_.clock().since_1970() - watched.progress;
  if (since >= options_.stall && !std::exchange(watched.told_stalled, true)) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
    append("stalled", now.of.order.name + " makes no progress: no frame for " + took_text(seconds * 1000),
           now.of.order, {{"seconds", seconds}, {"slot", std::string(now.slot)}});
  }
  next_.frame_failed(now, why, final, log);
}

// Once for each time that it gets low.
void RenderEvents::look_at_disk(const OrderNow& now) {
  const Nanoseconds time = log_.clock().since_1970();
  if (options_.keep_free == 0 || (looked_ != Nanoseconds(0) && time - looked_ < kLookAtDisk)) return;
  looked_ = time;
  const std::string root = now.ledger.root();
  const auto space = store::FileSystem::real().space(root);
  if (!space) return;
  if (space->available >= 2 * options_.keep_free) {
    low_.erase(root);
    return;
  }
  if (!low_.insert(root).second) return;
  append("disk_low",
         "the disk of " + escape_name(root) + " is nearly full: " + std::to_string(space->available >> 20) +
             " MiB are left",
         now.order, {{"folder", escape_name(root)}, {"available", space->available}});
}

// ---- stages

void RenderEvents::stage_ended(const OrderNow& now, const StageRecord& stage) {
  if (stage.state == "done")
    append("stage_done",
           "the stage " + stage.name + " of " + now.order.name + " is done" +
               (stage.summary.empty() ? "" : ": " + stage.summary),
           now.order,
           {{"stage", stage.name}, {"outputs", outputs_of(stage.outputs)}, {"summary", stage.summary}});
  next_.stage_ended(now, stage);
}

// ---- only shown

void RenderEvents::order_preparing(const OrderNow& now, std::uint64_t done, std::uint64_t total) {
  next_.order_preparing(now, done, total);
}
void RenderEvents::order_opened(const OrderNow& now, std::string_view slot) {
  next_.order_opened(now, slot);
}
void RenderEvents::frame_suspended(const AttemptNow& now, std::string_view why) {
  next_.frame_suspended(now, why);
}
void RenderEvents::frame_resumed(const AttemptNow& now) {
  next_.frame_resumed(now);
}
void RenderEvents::frame_progress(const AttemptNow& now, double fraction, std::string_view text) {
  next_.frame_progress(now, fraction, text);
}
void RenderEvents::stage_started(const OrderNow& now, std::string_view stage) {
  next_.stage_started(now, stage);
}
void RenderEvents::stage_progress(const OrderNow& now, std::string_view stage, double fraction,
                                  std::string_view text) {
  next_.stage_progress(now, stage, fraction, text);
}
void RenderEvents::slot_lost(std::string_view slot, std::string_view why) {
  append("slot_lost", "the slot " + std::string(slot) + " is not used any more: " + std::string(why),
         EventOrder(), {{"slot", std::string(slot)}, {"reason", std::string(why)}});
  next_.slot_lost(slot, why);
}
void RenderEvents::warning(const Error& warning) {
  next_.warning(warning);
}

}  // namespace souschef::core
