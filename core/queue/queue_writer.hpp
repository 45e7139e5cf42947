// SPDX-License-Identifier: MIT
// Holding the queue: one process at a time may change it. The runner holds it as long as it runs; where no
// runner does, a command holds it for the moment that it takes to apply what is in the inbox.
//
// Threads: one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/queue/journal.hpp"
#include "core/queue/order.hpp"
#include "core/queue/order_ledger.hpp"
#include "core/queue/order_row.hpp"
#include "core/queue/queue_folder.hpp"
#include "core/queue/request.hpp"
#include "store/clock.hpp"
#include "store/lease.hpp"

namespace souschef::core {

// Between the positions of two orders that come in one after the other: room for others in between.
inline constexpr std::int64_t kPositionStep = std::int64_t{1} << 20;

struct QueueOptions {
  const store::Clock* clock = nullptr;       // null: the real one
  std::chrono::nanoseconds lease_expiry{0};  // 0: by the kind of file system
};

class QueueWriter;

// The way to the queue's lease. Keeps what it has seen of another machine's holder, whose death shows only in
// time: who wants to take over keeps the door and asks it again. Outlives what it gives out.
class QueueDoor {
 public:
  static Result<std::unique_ptr<QueueDoor>> open(const QueueFolder& queue, const QueueOptions& options = {});

  // Takes the lease and puts in order what a dead holder has left: attempts that were under way count as
  // lost. Errors: `locked`, naming the holder. Never waits. `purpose` is for people: "souschef render".
  Result<std::unique_ptr<QueueWriter>> acquire(std::string_view purpose);
  // After so long without a sign of life a holder counts as dead.
  [[nodiscard]] std::chrono::nanoseconds patience() const { return leases_->expiry(); }
  [[nodiscard]] const QueueFolder& folder() const { return queue_; }

 private:
  QueueDoor(QueueFolder queue, const store::Clock& clock) : queue_(std::move(queue)), clock_(clock) {}
  QueueFolder queue_;
  const store::Clock& clock_;
  std::unique_ptr<store::LeaseFolder> leases_;
};

// An order that is open for changes.
struct OpenOrder {
  Order order;
  OrderLedger ledger;
  JournalPosition position;
  std::unique_ptr<JournalWriter> journal;  // begun with the first change
};

struct RefusedRequest {
  Request request;
  Error error;
};

struct ApplyReport {
  std::vector<Request> applied;
  std::vector<RefusedRequest> refused;
  std::vector<Request> for_runner;   // slot, stop
  std::vector<std::string> removed;  // ids of orders that are gone
  std::size_t later = 0;             // for orders that are not known yet; they wait a minute
};

class QueueWriter {
 public:
  ~QueueWriter();
  QueueWriter(const QueueWriter&) = delete;
  QueueWriter& operator=(const QueueWriter&) = delete;

  // `locked` for ever once another process may have taken the queue over: then stop at once.
  Status check() { return lease_->check(); }
  [[nodiscard]] const QueueFolder& folder() const { return queue_; }
  [[nodiscard]] std::string lease_id() const { return lease_->id(); }

  // Applies the inbox. A request is removed once what it asked for is on disk; one that is found again is not
  // applied twice.
  Result<ApplyReport> apply_inbox();

  // All orders, by id.
  [[nodiscard]] const std::map<std::string, OrderRow>& rows() const { return rows_->rows(); }
  // Stays open, at the same address, until close() or remove().
  Result<OpenOrder*> open(const std::string& id);
  [[nodiscard]] OpenOrder* find_open(const std::string& id);
  Status close(const std::string& id);

  // Makes a new order, once: false where it is there already. On disk when this returns.
  Result<bool> add(const Order& order, std::string_view request_id);
  // Adds an event to the order's journal. `at` is filled in. Survives the death of this process when it
  // returns; on disk too where the order's state has changed.
  Status record(OpenOrder& order, Json event);
  // An event of the order's state table; false, and nothing happens, where the table does not know it.
  Result<bool> record(OpenOrder& order, OrderEvent what, std::string why = {});
  // The order's row follows its journal at once where the state changes, else here.
  Status update_row(const OpenOrder& order);
  // Everything recorded so far is on disk.
  Status sync();
  // The order is gone: its folder, its name. Its statistics stay.
  Status remove(const std::string& id);

  [[nodiscard]] std::int64_t now_ms() const;

 private:
  friend class QueueDoor;
  QueueWriter(QueueFolder queue, const store::Clock& clock) : queue_(std::move(queue)), clock_(clock) {}
  Status recover();
  Status recover_order(const std::string& id);
  Status tidy_names();

  bool must_wait(const Request& request);
  Status begin_segment(OpenOrder& order);
  Status compact(OpenOrder& order);
  [[nodiscard]] bool deserves_compaction(const OpenOrder& order, std::uint64_t times) const;

  QueueFolder queue_;
  const store::Clock& clock_;
  std::unique_ptr<store::Lease> lease_;
  std::unique_ptr<RowFile> rows_;
  std::map<std::string, std::unique_ptr<OpenOrder>> open_;
  std::map<std::string, std::chrono::nanoseconds> first_seen_;  // of requests that wait for their order
};

}  // namespace souschef::core
