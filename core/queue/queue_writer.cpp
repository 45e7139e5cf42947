// SPDX-License-Identifier: MIT
// What is written in which order, so that a kill at any instant loses nothing and repeats nothing:
//
// - a new order: order.json, then journal.1 (which names the request), then the row, then the request goes;
// - a change: the journal's line (which names the request), synced, then the row, then the request goes;
// - an order ends: the journal, synced, then the row: a row never says "over" before the journal does;
// - one begins again: the row, synced, then the journal, for the same reason;
// - an order goes: its folder gets another name, then is removed; then its name, then its row.
//
// A request that is found again after its line is in the journal has been applied: its file is only removed.
#include "core/queue/queue_writer.hpp"

#include <algorithm>
#include <set>

#include "core/base/json_text.hpp"
#include "core/base/log.hpp"
#include "core/base/process_identity.hpp"
#include "core/base/ulid.hpp"
#include "core/queue/apply_request.hpp"
#include "core/queue/order_names.hpp"
#include "core/queue/order_statistics.hpp"
#include "core/queue/queue_reader.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system_kind.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::string_view kRole = "runner";
constexpr std::chrono::minutes kPatience{1};                             // for the order of a request
constexpr std::chrono::milliseconds kOldClaim = std::chrono::hours(24);  // of a name that no order has
constexpr std::uint64_t kSmallJournal = 64 << 10;                        // not worth compacting
// A journal is compacted when it is so many times as long as it would be then. One that is over is read for
// years and written no more.
constexpr std::uint64_t kOnTheWay = 4, kAtTheEnd = 2;
constexpr std::uint32_t kMostLosses = 10;  // of runners over one frame, before it is the frame's fault

// What an event makes of the order's state.
std::optional<OrderState> state_after(const OrderLedger& ledger, const Json& event) {
  const std::string kind = text_at(event, "event");
  const auto what = kind == "redo"    ? std::optional(OrderEvent::redo)
                    : kind == "order" ? order_event_named(text_at(event, "what"))
                                      : std::nullopt;
  return what ? next_state(ledger.state(), *what) : std::nullopt;
}

}  // namespace

std::int64_t QueueWriter::now_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.since_1970()).count();
}

Result<std::unique_ptr<QueueDoor>> QueueDoor::open(const QueueFolder& queue, const QueueOptions& options) {
  SOUSCHEF_CHECK(make_queue_folder(queue));
  const store::Clock& clock = options.clock != nullptr ? *options.clock : store::Clock::real();
  std::unique_ptr<QueueDoor> door(new QueueDoor(queue, clock));
  store::LeaseOptions lease;
  lease.expiry = options.lease_expiry;
  if (lease.expiry.count() == 0) {
    SOUSCHEF_TRY(const auto kind, store::file_system_kind(queue.path));
    lease.expiry = kind.nearness == store::Nearness::local
                       ? std::chrono::nanoseconds(store::kLocalLeaseExpiry)
                       : std::chrono::nanoseconds(store::kRemoteLeaseExpiry);
  }
  SOUSCHEF_TRY(door->leases_, store::LeaseFolder::open(queue.leases(), lease, *queue.disk, clock));
  return door;
}

Result<std::unique_ptr<QueueWriter>> QueueDoor::acquire(std::string_view purpose) {
  std::unique_ptr<QueueWriter> writer(new QueueWriter(queue_, clock_));
  SOUSCHEF_TRY(writer->lease_, leases_->acquire(kRole, purpose));
  SOUSCHEF_TRY(writer->rows_, RowFile::open(queue_, writer->lease_->record().number));
  SOUSCHEF_CHECK(writer->recover());
  return writer;
}

QueueWriter::~QueueWriter() {
  if (lease_ != nullptr) (void)sync();
}

// ----------------------------------------------------------------------------- after a dead holder

Status QueueWriter::recover() {
  SOUSCHEF_TRY(const auto entries, queue_.disk->list(queue_.orders()));
  std::set<std::string> present;
  for (const store::FolderEntry& entry : entries) {
    if (entry.name.starts_with('.'))
      SOUSCHEF_CHECK(store::remove_tree(*queue_.disk, queue_.orders() / entry.name));
    else
      present.insert(entry.name);
  }
  std::vector<std::string> gone, doubtful;
  for (const auto& [id, row] : rows()) {
    if (!present.contains(id))
      gone.push_back(id);
    else if (is_under_way(row.state) || row.counts.running > 0)
      doubtful.push_back(id);
  }
  for (const std::string& id : present)
    if (!rows().contains(id)) doubtful.push_back(id);
  for (const std::string& id : gone) {
    const std::string name = rows().at(id).name;
    const auto owner = find_order(queue_, name);
    if (owner && *owner == id) SOUSCHEF_CHECK(release_order_name(queue_, name));
    SOUSCHEF_CHECK(rows_->remove(id));
  }
  for (const std::string& id : doubtful) SOUSCHEF_CHECK(recover_order(id));
  return gone.empty() && doubtful.empty() ? Status() : tidy_names();
}

Status QueueWriter::recover_order(const std::string& id) {
  auto opened = open(id);
  if (!opened) {
    // An order whose making was cut short has no journal: its request is still there and makes it again. One
    // that is damaged stays as it is, for a person to look at; the others go on.
    const bool unfinished = opened.error().code == ErrorCode::not_found;
    return unfinished ? store::remove_tree(*queue_.disk, queue_.order_folder(id)) : Status();
  }
  OpenOrder& order = **opened;
  std::vector<Json> lost;
  for (const FrameRecord& frame : order.ledger.frames()) {
    if (frame.state != FrameState::running) continue;
    // The death of a runner is not the frame's fault, unless it happens again and again.
    const bool blamed = frame.attempt >= frame.tries + kMostLosses;
    lost.push_back({{"event", "lost"},
                    {"frame", frame.frame},
                    {"attempt", frame.attempt},
                    {"counted", blamed},
                    {"final", blamed},
                    {"why", "the runner was gone before the frame was done"}});
  }
  for (Json& event : lost) SOUSCHEF_CHECK(record(order, std::move(event)));
  if (is_under_way(order.ledger.state()))
    SOUSCHEF_CHECK(record(order, OrderEvent::requeue, "the runner that worked on it is gone"));
  SOUSCHEF_CHECK(update_row(order));
  if (order.ledger.doomed()) return remove(id);
  return close(id);
}

// Names whose order is gone, or whose making was cut short long ago.
Status QueueWriter::tidy_names() {
  SOUSCHEF_TRY(const auto names, queue_.disk->list(queue_.names()));
  SOUSCHEF_TRY(const Inbox inbox, read_inbox(queue_));
  std::set<std::string> known;
  for (const auto& [id, row] : rows()) known.insert(id);
  for (const Request& request : inbox.requests) known.insert(request.order);
  for (const store::FolderEntry& name : names) {
    const auto id = store::read_file(*queue_.disk, queue_.names() / name.name / "order", 100);
    if (!id || known.contains(*id)) continue;  // without a file: somebody is just claiming it
    const bool old = is_ulid(*id) && now_ms() - ulid_milliseconds(*id) > kOldClaim.count();
    if (old) SOUSCHEF_CHECK(release_order_name(queue_, name.name));
  }
  return {};
}

// ------------------------------------------------------------------------------------------ orders

Result<OpenOrder*> QueueWriter::open(const std::string& id) {
  if (OpenOrder* known = find_open(id)) return known;
  SOUSCHEF_TRY(OrderView view, read_order(queue_, id));
  auto opened = std::make_unique<OpenOrder>(
      OpenOrder{std::move(view.order), std::move(view.ledger), view.position, nullptr});
  return open_.emplace(id, std::move(opened)).first->second.get();
}

OpenOrder* QueueWriter::find_open(const std::string& id) {
  const auto found = open_.find(id);
  return found == open_.end() ? nullptr : found->second.get();
}

Status QueueWriter::close(const std::string& id) {
  const auto found = open_.find(id);
  if (found == open_.end()) return {};
  Status synced = found->second->journal != nullptr ? found->second->journal->sync() : Status();
  open_.erase(found);
  return synced;
}

Status QueueWriter::begin_segment(OpenOrder& order) {
  const SegmentHead head = {lease_->id(), boot_id(), now_ms()};
  SOUSCHEF_TRY(order.journal, JournalWriter::begin(queue_, order.order.id, order.position, head));
  order.position = order.journal->position();
  return order.ledger.apply({{"event", "begin"}, {"boot", head.boot}});
}

Status QueueWriter::record(OpenOrder& order, Json event) {
  SOUSCHEF_CHECK(lease_->check());
  event["at"] = now_ms();
  const auto next = state_after(order.ledger, event);
  const bool begins_again = next && is_final(order.ledger.state()) && !is_final(*next);
  if (begins_again) {
    OrderRow row = row_of(order.order, order.ledger);
    row.state = *next;
    SOUSCHEF_CHECK(rows_->write(row, RowFile::When::now));
  }
  if (order.journal == nullptr) SOUSCHEF_CHECK(begin_segment(order));
  SOUSCHEF_CHECK(order.journal->append(event));
  if (log::wants(LogLevel::info)) log::info("queue", json_text(event), {{"order", order.order.name}});
  order.position = order.journal->position();
  SOUSCHEF_CHECK(order.ledger.apply(event));
  if (!next) return {};
  SOUSCHEF_CHECK(order.journal->sync());
  if (is_final(*next) && deserves_compaction(order, kAtTheEnd)) SOUSCHEF_CHECK(compact(order));
  if (*next == OrderState::done) SOUSCHEF_CHECK(keep_statistics(queue_, order.order, order.ledger, now_ms()));
  return update_row(order);
}

Result<bool> QueueWriter::record(OpenOrder& order, OrderEvent what, std::string why) {
  if (!next_state(order.ledger.state(), what)) return false;
  SOUSCHEF_CHECK(record(order, Json{{"event", "order"}, {"what", name_of(what)}, {"why", std::move(why)}}));
  return true;
}

Status QueueWriter::update_row(const OpenOrder& order) {
  return rows_->write(row_of(order.order, order.ledger));
}

Status QueueWriter::sync() {
  for (auto& [id, order] : open_) {
    if (order->journal == nullptr) continue;
    SOUSCHEF_CHECK(order->journal->sync());
    if (deserves_compaction(*order, kOnTheWay)) SOUSCHEF_CHECK(compact(*order));
  }
  return {};
}

bool QueueWriter::deserves_compaction(const OpenOrder& order, std::uint64_t times) const {
  const std::uint64_t compacted = 100 * order.ledger.frames().size() + 4096;
  return order.position.bytes > kSmallJournal && order.position.bytes > times * compacted;
}

Status QueueWriter::compact(OpenOrder& order) {
  SOUSCHEF_CHECK(lease_->check());
  const std::vector<Json> state = order.ledger.events();
  const SegmentHead head = {lease_->id(), boot_id(), now_ms()};
  SOUSCHEF_TRY(order.journal, JournalWriter::begin(queue_, order.order.id, order.position, head, &state));
  order.position = order.journal->position();
  return {};
}

Status QueueWriter::remove(const std::string& id) {
  SOUSCHEF_CHECK(lease_->check());
  SOUSCHEF_TRY(OpenOrder * order, open(id));
  if (order->ledger.state() != OrderState::done && order->ledger.counts().done > 0)
    SOUSCHEF_CHECK(keep_statistics(queue_, order->order, order->ledger, now_ms()));
  const std::string name = order->order.name;
  open_.erase(id);
  const fs::path leaving = queue_.orders() / ("." + id);
  SOUSCHEF_CHECK(queue_.disk->replace(queue_.order_folder(id), leaving));
  SOUSCHEF_CHECK(queue_.disk->sync_folder(queue_.orders()));
  SOUSCHEF_CHECK(store::remove_tree(*queue_.disk, leaving));
  SOUSCHEF_CHECK(release_order_name(queue_, name));
  return rows_->remove(id);
}

Result<bool> QueueWriter::add(const Order& order, std::string_view request_id) {
  if (rows().contains(order.id)) return false;
  SOUSCHEF_CHECK(lease_->check());
  if (Status made = queue_.disk->make_folder(queue_.order_folder(order.id));
      !made && made.error().code != ErrorCode::exists)
    return std::move(made.error());
  const std::string text = json_text(order_json(order)) + "\n";
  SOUSCHEF_CHECK(store::publish_file(*queue_.disk, queue_.order_file(order.id), text));
  SOUSCHEF_CHECK(queue_.disk->sync_folder(queue_.orders()));

  std::int64_t position = 0;
  for (const auto& [id, row] : rows()) position = std::max(position, row.position);
  auto opened = std::make_unique<OpenOrder>(OpenOrder{order, OrderLedger(order), {}, nullptr});
  OpenOrder& fresh = *open_.emplace(order.id, std::move(opened)).first->second;
  const Json event = {{"event", "set"}, {"position", position + kPositionStep}, {"request", request_id}};
  SOUSCHEF_CHECK(record(fresh, event));
  SOUSCHEF_CHECK(update_row(fresh));
  SOUSCHEF_CHECK(close(order.id));
  return true;
}

// ---------------------------------------------------------------------------------------- requests

Result<ApplyReport> QueueWriter::apply_inbox() {
  ApplyReport report;
  std::set<std::string> handled;
  // Requests can name orders that other requests make: go on as long as something moves.
  for (bool moved = true; moved;) {
    moved = false;
    report.later = 0;
    SOUSCHEF_TRY(Inbox inbox, read_inbox(queue_));
    for (Inbox::Damaged& damaged : inbox.damaged) {
      if (!handled.insert(damaged.id).second) continue;
      // One of a newer program may be applied by a newer runner; what cannot be read at all is only in the
      // way.
      if (damaged.error.code == ErrorCode::corrupt) SOUSCHEF_CHECK(remove_request(queue_, damaged.id));
      report.refused.push_back({Request{.id = damaged.id}, std::move(damaged.error)});
    }
    for (Request& request : inbox.requests) {
      if (handled.contains(request.id)) continue;
      if (must_wait(request)) {
        ++report.later;
        continue;
      }
      SOUSCHEF_TRY(RequestOutcome outcome, apply_request(*this, request));
      handled.insert(request.id);
      moved = true;
      SOUSCHEF_CHECK(remove_request(queue_, request.id));
      if (!outcome.removed.empty()) report.removed.push_back(std::move(outcome.removed));
      if (outcome.refusal)
        report.refused.push_back({std::move(request), std::move(*outcome.refusal)});
      else if (outcome.for_runner)
        report.for_runner.push_back(std::move(request));
      else
        report.applied.push_back(std::move(request));
    }
  }
  return report;
}

// A request can overtake the order that it is about, on its way through a shared folder.
bool QueueWriter::must_wait(const Request& request) {
  const bool about_an_order = !request.order.empty() && request.kind != RequestKind::order;
  if (!about_an_order || rows().contains(request.order)) return false;
  const auto now = clock_.since_boot();
  const auto seen = first_seen_.emplace(request.id, now).first->second;
  if (now - seen < kPatience) return true;
  first_seen_.erase(request.id);
  return false;
}

}  // namespace souschef::core
