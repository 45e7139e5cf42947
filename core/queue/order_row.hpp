// SPDX-License-Identifier: MIT
// One line about an order: what `list` shows, kept in one small file so that ten thousand orders are listed
// without opening any of them. Derived from the journals: the file may be deleted at any time.
// docs/format/queue.md, "rows".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <souschef/result.hpp>

#include "core/queue/order.hpp"
#include "core/queue/order_ledger.hpp"
#include "core/queue/queue_folder.hpp"
#include "store/file_system.hpp"

namespace souschef::core {

struct OrderRow {
  std::string id, name;
  OrderState state = OrderState::queued;
  int priority = kDefaultPriority;
  std::int64_t position = 0;  // within a priority; lower first
  bool urgent = false;
  bool live = false;
  std::string entry, target, output, user, host, why;
  FrameCounts counts;
  std::int64_t submitted_ms = 0, started_ms = 0, changed_ms = 0;
  std::uint64_t spent_ms = 0;  // over the frames that are done
  std::vector<std::string> after;
  // All that it is going to write, as far as it is foretold, is below this folder of the production; ".":
  // below the production; empty: nothing.
  std::string writes_below;
  bool pending = false;  // ordered, but no holder of the queue has taken it in yet
  bool operator==(const OrderRow&) const = default;
};

OrderRow row_of(const Order& order, const OrderLedger& ledger);

// True if `a` is worked on before `b`.
bool comes_before(const OrderRow& a, const OrderRow& b);

// A row as a line of the file; `generation` is the number of the queue's lease under which it was written.
std::string row_line(const OrderRow& row, std::uint64_t generation);
struct ParsedRow {
  OrderRow row;
  std::uint64_t generation = 0;
};
std::optional<ParsedRow> parse_row(std::string_view line);

// The file as it was when it was read. An order has several lines of which the last one counts, so lines are
// parsed only when they are asked for: ten thousand orders are listed in a few milliseconds. Immutable.
class RowLines {
 public:
  // Nothing where there is no file, or another version's.
  static std::optional<RowLines> read(const QueueFolder& queue);
  explicit RowLines(std::string text);  // the whole file

  // The newest row of an order. Nothing where there is none, where the order was removed, or where the line
  // is damaged: its journal is asked then.
  [[nodiscard]] std::optional<OrderRow> row(std::string_view id) const;
  // All of them, by id.
  [[nodiscard]] std::map<std::string, OrderRow> rows() const;

 private:
  struct Line {
    std::string_view text;  // empty: removed
    std::uint64_t generation = 0;
  };
  std::unique_ptr<const std::string> text_;  // where the lines are
  std::unordered_map<std::string_view, Line> lines_;
};

// Keeps the file; for the holder of the queue. One thread at a time.
//
// What a reader may rely on: a row never says that an order is over (done, failed, cancelled) when its
// journal does not. Therefore write() comes after the journal's line where an order ends, and before it, with
// `now`, where it begins again.
class RowFile {
 public:
  // Reads what there is; damaged or missing: an empty file, to which the caller adds what it finds.
  static Result<std::unique_ptr<RowFile>> open(const QueueFolder& queue, std::uint64_t generation);

  enum class When { soon, now };  // now: on disk when the call returns
  Status write(const OrderRow& row, When when = When::soon);
  Status remove(const std::string& id);
  [[nodiscard]] const std::map<std::string, OrderRow>& rows() const { return rows_; }

 private:
  RowFile(const QueueFolder& queue, std::uint64_t generation) : queue_(queue), generation_(generation) {}
  Status rewrite();
  Status append(const std::string& line);

  QueueFolder queue_;
  std::uint64_t generation_;
  std::map<std::string, OrderRow> rows_;
  std::unique_ptr<store::OpenFile> file_;
  std::uint64_t size_ = 0;
};

}  // namespace souschef::core
