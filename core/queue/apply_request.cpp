// SPDX-License-Identifier: MIT
#include "core/queue/apply_request.hpp"

#include <algorithm>
#include <vector>

#include "core/base/json_text.hpp"

namespace souschef::core {
namespace {

RequestOutcome refused(Error error) {
  return {.refusal = std::move(error)};
}
RequestOutcome refused(std::string what) {
  return refused(Error(ErrorCode::usage, std::move(what)));
}

// One request about one order.
class Change {
 public:
  Change(QueueWriter& queue, OpenOrder& order, const Request& request)
      : queue_(queue), order_(order), request_(request) {}

  Result<RequestOutcome> make() {
    switch (request_.kind) {
      case RequestKind::pause:
        return transition(OrderEvent::pause);
      case RequestKind::resume:
        return transition(OrderEvent::resume);
      case RequestKind::cancel:
        return transition(OrderEvent::cancel);
      case RequestKind::approve:
        return transition(OrderEvent::approve);
      case RequestKind::reject:
        return transition(OrderEvent::reject);
      case RequestKind::redo:
        return redo();
      case RequestKind::accept:
        return accept();
      case RequestKind::set:
        return set();
      case RequestKind::move:
        return move();
      case RequestKind::remove:
        return remove();
      case RequestKind::stage:
        return stage();
      case RequestKind::order:
      case RequestKind::slot:
      case RequestKind::stop:
        break;
    }
    return refused("a request of this kind has no order");
  }

 private:
  [[nodiscard]] const OrderLedger& ledger() const { return order_.ledger; }
  [[nodiscard]] std::string argument(const char* name) const { return text_at(request_.arguments, name); }

  // Every event that is made here names the request that it answers.
  Status record(Json event) {
    event["request"] = request_.id;
    event["by"] = request_.user;
    return queue_.record(order_, std::move(event));
  }

  Result<RequestOutcome> transition(OrderEvent what) {
    if (!next_state(ledger().state(), what))
      return refused(order_.order.name + " is " + std::string(name_of(ledger().state())) +
                     ": there is nothing to " + std::string(name_of(what)));
    Json event = {{"event", "order"}, {"what", name_of(what)}};
    for (const char* member : {"now", "why"})
      if (request_.arguments.contains(member)) event[member] = request_.arguments[member];
    SOUSCHEF_CHECK(record(std::move(event)));
    return RequestOutcome{};
  }

  Result<RequestOutcome> redo() {
    const std::string wanted = argument("frames");
    std::vector<std::int32_t> numbers;
    if (wanted == "all" || wanted == "failed") {
      for (const FrameRecord& frame : ledger().frames())
        if (wanted == "all" || frame.state == FrameState::failed) numbers.push_back(frame.frame);
    } else {
      auto range = FrameRange::parse(wanted);
      if (!range) return refused(std::move(range.error()));
      for (const std::int32_t number : range->frames())
        if (ledger().frame(number) != nullptr) numbers.push_back(number);
      if (numbers.empty()) return refused(order_.order.name + " has none of these frames");
    }
    // Without a failed frame only the stages run again: it may have been one of them that failed.
    SOUSCHEF_CHECK(record({{"event", "redo"}, {"frames", FrameRange::of(numbers).text()}}));
    return RequestOutcome{};
  }

  Result<RequestOutcome> accept() {
    const auto range = FrameRange::parse(argument("frames"));
    if (!range) return refused(range.error());
    SOUSCHEF_CHECK(record({{"event", "accept"}, {"frames", argument("frames")}}));
    const bool nothing_failed = ledger().counts().failed == 0;
    if (ledger().state() == OrderState::failed && nothing_failed)
      SOUSCHEF_CHECK(queue_.record(order_, OrderEvent::resume, "its failed frames were accepted"));
    return RequestOutcome{};
  }

  Result<RequestOutcome> set() {
    const auto priority = request_.arguments.find("priority");
    if (priority == request_.arguments.end() || !priority->is_number_integer())
      return refused("there is no setting to change");
    SOUSCHEF_CHECK(record({{"event", "set"}, {"priority", std::clamp(priority->get<int>(), 0, 100)}}));
    return RequestOutcome{};
  }

  Result<RequestOutcome> move() {
    const std::string to = argument("to");
    std::int64_t lowest = 0, highest = 0;
    int top = ledger().priority();
    for (const auto& [id, row] : queue_.rows()) {
      lowest = std::min(lowest, row.position);
      highest = std::max(highest, row.position);
      if (!is_final(row.state)) top = std::max(top, row.priority);
    }
    Json event = {{"event", "set"}};
    if (to == "urgent") {
      event["urgent"] = true;
    } else if (to == "first") {
      event.update({{"position", lowest - kPositionStep}, {"priority", top}});
    } else if (to == "last") {
      event["position"] = highest + kPositionStep;
    } else if (to == "before") {
      const auto target = queue_.rows().find(argument("before"));
      if (target == queue_.rows().end() || target->first == order_.order.id)
        return refused("there is no such order to stand before");
      event.update({{"position", place_before(target->second)}, {"priority", target->second.priority}});
    } else {
      return refused("move needs first, last, before or urgent");
    }
    SOUSCHEF_CHECK(record(std::move(event)));
    return RequestOutcome{};
  }

  // Half-way between an order and the one before it. Two orders that are moved between the same two a score
  // of times end up at one position; then the older one goes first.
  [[nodiscard]] std::int64_t place_before(const OrderRow& target) const {
    std::int64_t below = target.position - 2 * kPositionStep;
    for (const auto& [id, row] : queue_.rows())
      if (row.priority == target.priority && row.position < target.position && id != order_.order.id)
        below = std::max(below, row.position);
    return below + (target.position - below) / 2;
  }

  Result<RequestOutcome> remove() {
    const std::string id = order_.order.id;
    if (!is_under_way(ledger().state())) {
      SOUSCHEF_CHECK(queue_.remove(id));
      return RequestOutcome{.removed = id};
    }
    // The runner lets go of it first.
    SOUSCHEF_CHECK(record({{"event", "delete"}}));
    SOUSCHEF_CHECK(queue_.record(order_, OrderEvent::cancel, "it is to be deleted"));
    return RequestOutcome{};
  }

  // What a stage made of other frames than these would pass for a finished stage.
  Result<RequestOutcome> stage() {
    const std::string name = argument("stage");
    if (name.empty()) return refused("the request names no stage");
    if (!is_final(ledger().state()))
      return refused(order_.order.name + " is " + std::string(name_of(ledger().state())) +
                     ": only an order that is over remembers what a stage made by itself");
    if (argument("frames") != frames_fingerprint(ledger()).hex())
      return refused("the frames of " + order_.order.name + " are not those that the stage worked on");
    std::uint32_t attempt = 1;
    for (const StageRecord& known : ledger().stages())
      if (known.name == name) attempt = known.attempt + 1;
    Json event = {{"event", "stage"}, {"stage", name}, {"what", "done"}, {"attempt", attempt}};
    for (const char* member : {"summary", "ms", "outputs"})
      if (request_.arguments.contains(member)) event[member] = request_.arguments[member];
    SOUSCHEF_CHECK(record(std::move(event)));
    return RequestOutcome{};
  }

  QueueWriter& queue_;
  OpenOrder& order_;
  const Request& request_;
};

}  // namespace

Result<RequestOutcome> apply_request(QueueWriter& queue, const Request& request) {
  if (request.kind == RequestKind::slot || request.kind == RequestKind::stop)
    return RequestOutcome{.for_runner = true};
  if (request.kind == RequestKind::order) {
    auto order = order_from_json(request.arguments);
    if (!order) return refused(std::move(order.error()));
    SOUSCHEF_CHECK(queue.add(*order, request.id));
    return RequestOutcome{};
  }
  if (!queue.rows().contains(request.order))
    return refused(Error(ErrorCode::not_found, "no such order: " + request.order));
  const bool was_open = queue.find_open(request.order) != nullptr;
  auto order = queue.open(request.order);
  if (!order) return refused(std::move(order.error()));  // damaged: the others go on
  RequestOutcome outcome;
  if (!(*order)->ledger.answered(request.id)) {
    SOUSCHEF_TRY(outcome, Change(queue, **order, request).make());
  }
  if (!outcome.removed.empty()) return outcome;
  if ((*order)->journal != nullptr) SOUSCHEF_CHECK((*order)->journal->sync());
  SOUSCHEF_CHECK(queue.update_row(**order));
  if (!was_open) SOUSCHEF_CHECK(queue.close(request.order));
  return outcome;
}

}  // namespace souschef::core
