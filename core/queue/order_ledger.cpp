// SPDX-License-Identifier: MIT
#include "core/queue/order_ledger.hpp"

#include <algorithm>
#include <utility>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/queue/frame_rows.hpp"
#include "store/hasher.hpp"

namespace souschef::core {
namespace {

constexpr std::array<std::pair<FrameState, std::string_view>, 5> kFrameStates = {
    {{FrameState::todo, "todo"},
     {FrameState::done, "done"},
     {FrameState::failed, "failed"},
     {FrameState::skipped, "skipped"},
     {FrameState::running, "running"}}};
constexpr std::array<std::pair<std::uint32_t, std::string_view>, 8> kFlags = {
    {{kAllBlack, "black"},
     {kAllTransparent, "transparent"},
     {kMagenta, "magenta"},
     {kSizeOutlier, "size"},
     {kAccepted, "accepted"},
     {kWarned, "warning"},
     {kExtraFiles, "extra files"},
     {kMissingExtra, "missing extra"}}};
constexpr std::size_t kRowsPerLine = 256;

template <class Number>
Number number_at(const Json& event, const char* name, Number otherwise = 0) {
  const auto found = event.find(name);
  return found != event.end() && found->is_number_integer() ? found->get<Number>() : otherwise;
}

bool flag_at(const Json& event, const char* name, bool otherwise) {
  const auto found = event.find(name);
  return found != event.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}

Result<std::vector<FileRecord>> files_at(const Json& event, const char* name) {
  std::vector<FileRecord> files;
  const auto found = event.find(name);
  if (found == event.end()) return files;
  for (const Json& each : *found) {
    auto path = unescape_name(text_at(each, "path"));
    auto hash = Hash::from_hex(text_at(each, "hash"));
    if (!path || path->empty() || !hash)
      return Error(ErrorCode::corrupt, "a journal names a file without its hash");
    files.push_back({std::move(*path), number_at<std::uint64_t>(each, "size"), *hash});
  }
  return files;
}

Json stage_json(const StageRecord& stage) {
  return {{"event", "stage"},
          {"stage", stage.name},
          {"what", stage.state == "running" ? "start" : stage.state},
          {"why", stage.why},
          {"summary", stage.summary},
          {"attempt", stage.attempt},
          {"ms", stage.ms},
          {"outputs", files_json(stage.outputs)}};
}

}  // namespace

Json files_json(const std::vector<FileRecord>& files) {
  Json list = Json::array();
  for (const FileRecord& file : files)
    list.push_back({{"path", escape_name(file.path)}, {"size", file.size}, {"hash", file.hash.hex()}});
  return list;
}

Hash frames_fingerprint(const OrderLedger& ledger) {
  store::Hasher hasher;
  for (const FrameRecord& frame : ledger.frames()) {
    if (frame.state != FrameState::done) continue;
    std::string line = std::to_string(frame.frame);
    for (const FileRecord& file : frame.files) line += " " + file.hash.hex();
    line += "\n";
    hasher.update(std::as_bytes(std::span(line)));
  }
  return hasher.finish();
}

std::string_view name_of(FrameState state) {
  for (const auto& [value, name] : kFrameStates)
    if (value == state) return name;
  return "?";
}

std::optional<FrameState> frame_state_named(std::string_view wanted) {
  for (const auto& [value, name] : kFrameStates)
    if (name == wanted) return value;
  return std::nullopt;
}

std::vector<std::string> names_of_flags(std::uint32_t flags) {
  std::vector<std::string> names;
  for (const auto& [bit, name] : kFlags)
    if ((flags & bit) != 0) names.emplace_back(name);
  return names;
}

OrderLedger::OrderLedger(const Order& order)
    : state_(order.paused ? OrderState::paused : OrderState::queued), priority_(order.priority) {
  std::vector<std::int32_t> numbers = order.frames.frames();
  std::sort(numbers.begin(), numbers.end());
  frames_.reserve(numbers.size());
  for (const std::int32_t number : numbers) {
    index_.emplace(number, frames_.size());
    frames_.push_back({.frame = number});
  }
  counts_.todo = frames_.size();
}

const FrameRecord* OrderLedger::frame(std::int32_t number) const {
  const auto found = index_.find(number);
  return found == index_.end() ? nullptr : &frames_[found->second];
}

std::string OrderLedger::root() const {
  return opened_.is_object() ? unescape_name(text_at(opened_, "root")).value_or("") : std::string();
}

FrameRecord* OrderLedger::find(const Json& event) {
  const auto member = event.find("frame");
  if (member == event.end() || !member->is_number_integer()) return nullptr;
  const auto found = index_.find(member->get<std::int32_t>());
  return found == index_.end() ? nullptr : &frames_[found->second];
}

void OrderLedger::set_state(FrameRecord& frame, FrameState state) {
  const auto count = [this](FrameState of) -> std::size_t& {
    switch (of) {
      case FrameState::done:
        return counts_.done;
      case FrameState::failed:
        return counts_.failed;
      case FrameState::skipped:
        return counts_.skipped;
      case FrameState::running:
        return counts_.running;
      case FrameState::todo:
        break;
    }
    return counts_.todo;
  };
  if (frame.state == FrameState::done) spent_ms_ -= frame.ms;
  --count(frame.state);
  ++count(state);
  frame.state = state;
}

void OrderLedger::forget_doubt(const FrameRecord& frame) {
  unsettled_.erase(frame.frame);
  suspect_.erase(frame.frame);
}

void OrderLedger::each_of(const Json& event, const std::function<void(FrameRecord&)>& change) {
  auto range = FrameRange::parse(text_at(event, "frames"));
  if (!range) return;
  for (const std::int32_t number : range->frames())
    if (const auto found = index_.find(number); found != index_.end()) change(frames_[found->second]);
}

Status OrderLedger::apply(const Json& event) {
  const std::string kind = text_at(event, "event");
  if (const std::string request = text_at(event, "request"); !request.empty()) requests_.insert(request);
  if (kind == "begin") {
    const std::string boot = text_at(event, "boot");
    if (boot != boot_) suspect_.insert(unsettled_.begin(), unsettled_.end());
    boot_ = boot;
  } else if (kind == "order") {
    apply_order(event);
  } else if (kind == "set") {
    priority_ = number_at(event, "priority", priority_);
    position_ = number_at(event, "position", position_);
    urgent_ = flag_at(event, "urgent", urgent_);
  } else if (kind == "opened") {
    opened_ = event;
  } else if (kind == "start" || kind == "failed" || kind == "lost" || kind == "unplaced" ||
             kind == "skipped") {
    apply_attempt(kind, event);
  } else if (kind == "done") {
    SOUSCHEF_TRY(auto files, files_at(event, "files"));
    apply_done(event, std::move(files));
  } else if (kind == "redo") {
    apply_redo(event);
  } else if (kind == "accept") {
    apply_accept(event);
  } else if (kind == "settled") {
    unsettled_.clear();
    suspect_.clear();
  } else if (kind == "unsettled") {
    each_of(event, [this](FrameRecord& frame) { unsettled_.insert(frame.frame); });
  } else if (kind == "suspect") {
    each_of(event, [this](FrameRecord& frame) { suspect_.insert(frame.frame); });
  } else if (kind == "delete") {
    doomed_ = true;
  } else if (kind == "stage") {
    SOUSCHEF_CHECK(files_at(event, "outputs"));
    apply_stage(event);
  } else if (kind == "account") {
    apply_account(event);
  } else if (kind == "rows") {
    SOUSCHEF_CHECK(frames_from_rows(event));
    apply_rows(event);
  }
  return {};
}

void OrderLedger::apply_order(const Json& event) {
  const auto what = order_event_named(text_at(event, "what"));
  const auto next = what ? next_state(state_, *what) : std::nullopt;
  if (!next) return;
  state_ = *next;
  why_ = text_at(event, "why");
  changed_ms_ = number_at<std::int64_t>(event, "at");
  if (*what == OrderEvent::approve) proof_passed_ = true;
  if (*what == OrderEvent::prepare) urgent_ = false;
}

void OrderLedger::apply_attempt(std::string_view kind, const Json& event) {
  FrameRecord* frame = find(event);
  if (frame == nullptr) return;
  if (kind == "skipped") {
    set_state(*frame, FrameState::skipped);
    frame->why = text_at(event, "why");
    return;
  }
  const auto attempt = number_at<std::uint32_t>(event, "attempt");
  if (kind == "start") {
    set_state(*frame, FrameState::running);
    frame->attempt = attempt;
    ++frame->tries;
    frame->slot = text_at(event, "slot");
    if (started_ms_ == 0) started_ms_ = number_at<std::int64_t>(event, "at");
    return;
  }
  const FrameState expected = kind == "unplaced" ? FrameState::done : FrameState::running;
  if (attempt != frame->attempt || frame->state != expected) return;  // of an attempt that was given up
  frame->why = text_at(event, "why");
  frame->files.clear();
  forget_doubt(*frame);
  set_state(*frame, flag_at(event, "final", false) ? FrameState::failed : FrameState::todo);
  if (kind == "lost" && !flag_at(event, "counted", true) && frame->tries > 0) --frame->tries;
}

void OrderLedger::apply_done(const Json& event, std::vector<FileRecord> files) {
  FrameRecord* frame = find(event);
  if (frame == nullptr || frame->state != FrameState::running ||
      frame->attempt != number_at<std::uint32_t>(event, "attempt"))
    return;
  set_state(*frame, FrameState::done);
  frame->why.clear();
  frame->files = std::move(files);
  frame->ms = number_at<std::uint32_t>(event, "ms");
  frame->mib = number_at<std::uint32_t>(event, "mib");
  frame->flags = number_at<std::uint32_t>(event, "flags");
  spent_ms_ += frame->ms;
  unsettled_.insert(frame->frame);
}

void OrderLedger::apply_redo(const Json& event) {
  each_of(event, [this](FrameRecord& frame) {
    // A running attempt goes on, but its number is not the frame's any more: what it brings is discarded.
    if (frame.state == FrameState::running) ++frame.attempt;
    set_state(frame, FrameState::todo);
    frame.tries = 0;
    frame.flags = 0;
    frame.files.clear();
    frame.why.clear();
    forget_doubt(frame);
  });
  if (flag_at(event, "stages", true)) stages_.clear();
  Json transition = event;
  transition["what"] = name_of(OrderEvent::redo);
  apply_order(transition);
}

void OrderLedger::apply_accept(const Json& event) {
  each_of(event, [this](FrameRecord& frame) {
    if (frame.state != FrameState::failed) return;
    set_state(frame, FrameState::skipped);
    frame.flags |= kAccepted;
  });
}

void OrderLedger::apply_stage(const Json& event) {
  const std::string name = text_at(event, "stage");
  auto found = std::find_if(stages_.begin(), stages_.end(),
                            [&](const StageRecord& stage) { return stage.name == name; });
  if (found == stages_.end()) found = stages_.insert(stages_.end(), StageRecord{.name = name});
  const std::string what = text_at(event, "what");
  found->attempt = number_at(event, "attempt", found->attempt);
  found->why = text_at(event, "why");
  found->summary = text_at(event, "summary");
  found->ms = number_at<std::uint32_t>(event, "ms");
  found->outputs = files_at(event, "outputs").value_or(std::vector<FileRecord>());
  found->state = what == "start" ? "running" : what == "lost" ? "" : what;
}

// The members of the order itself, as a compacted journal holds them.
void OrderLedger::apply_account(const Json& event) {
  if (const auto state = order_state_named(text_at(event, "state"))) state_ = *state;
  why_ = text_at(event, "why");
  priority_ = number_at(event, "priority", priority_);
  position_ = number_at(event, "position", position_);
  urgent_ = flag_at(event, "urgent", false);
  proof_passed_ = flag_at(event, "proof_passed", false);
  changed_ms_ = number_at<std::int64_t>(event, "changed");
  started_ms_ = number_at<std::int64_t>(event, "started");
  if (const auto requests = event.find("requests"); requests != event.end() && requests->is_array())
    for (const Json& request : *requests)
      if (request.is_string()) requests_.insert(request.get<std::string>());
}

void OrderLedger::apply_rows(const Json& event) {
  auto frames = frames_from_rows(event);
  if (!frames) return;
  for (FrameRecord& row : *frames) {
    const auto found = index_.find(row.frame);
    if (found == index_.end()) continue;
    FrameRecord& frame = frames_[found->second];
    set_state(frame, row.state);
    frame = std::move(row);
    if (frame.state == FrameState::done) spent_ms_ += frame.ms;
  }
}

std::vector<Json> OrderLedger::events() const {
  std::vector<Json> list;
  list.push_back({{"event", "account"},
                  {"state", name_of(state_)},
                  {"why", why_},
                  {"priority", priority_},
                  {"position", position_},
                  {"urgent", urgent_},
                  {"proof_passed", proof_passed_},
                  {"changed", changed_ms_},
                  {"started", started_ms_},
                  {"requests", requests_}});
  if (opened_.is_object()) {
    Json opened = opened_;
    opened.erase("seq");
    list.push_back(std::move(opened));
  }
  for (std::size_t first = 0; first < frames_.size(); first += kRowsPerLine) {
    const std::size_t count = std::min(kRowsPerLine, frames_.size() - first);
    Json rows = frame_rows(std::span(frames_).subspan(first, count));
    if (!rows["rows"].empty()) list.push_back(std::move(rows));
  }
  const auto add_set = [&](const char* event, const std::set<std::int32_t>& frames) {
    const std::vector<std::int32_t> numbers(frames.begin(), frames.end());
    if (!frames.empty()) list.push_back({{"event", event}, {"frames", FrameRange::of(numbers).text()}});
  };
  add_set("unsettled", unsettled_);
  add_set("suspect", suspect_);
  if (doomed_) list.push_back({{"event", "delete"}});
  for (const StageRecord& stage : stages_) list.push_back(stage_json(stage));
  return list;
}

bool OrderLedger::operator==(const OrderLedger& other) const {
  const auto same_opened = [](Json a, Json b) {
    if (a.is_object()) a.erase("seq");
    if (b.is_object()) b.erase("seq");
    return a == b;
  };
  return state_ == other.state_ && why_ == other.why_ && priority_ == other.priority_ &&
         position_ == other.position_ && urgent_ == other.urgent_ && proof_passed_ == other.proof_passed_ &&
         changed_ms_ == other.changed_ms_ && started_ms_ == other.started_ms_ &&
         requests_ == other.requests_ && same_opened(opened_, other.opened_) && frames_ == other.frames_ &&
         counts_ == other.counts_ && stages_ == other.stages_ && unsettled_ == other.unsettled_ &&
         suspect_ == other.suspect_ && doomed_ == other.doomed_;
}

}  // namespace souschef::core
