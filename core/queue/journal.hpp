// SPDX-License-Identifier: MIT
// The journal of one order: everything that has happened to it, in files that are only ever appended to.
// docs/format/journal.md is the law.
//
//   journal.1.jsonl    {"event":"begin","seq":1,...}  {"event":"submitted",...}  ...
//   journal.2.jsonl    {"event":"begin","seq":8,"after":7,...}  ...
//
// Whoever takes the queue over begins a new segment. Its first line says how much of the earlier ones it has
// seen; what an earlier holder appends after that is ignored. Segments are made exclusively: of two that try,
// one stops.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/queue/queue_folder.hpp"
#include "store/file_system.hpp"

namespace souschef::core {

// How far a journal goes.
struct JournalPosition {
  std::uint64_t segment = 0;  // 0: there is none
  std::uint64_t seq = 0;      // of the last good line
  std::uint64_t bytes = 0;    // of all segments that count
  std::uint64_t lines = 0;
};

// One line: the event's members with "seq" and, at the end, "sum". Without the line end.
std::string journal_line(const Json& event, std::uint64_t seq);
// Errors: corrupt.
Result<Json> parse_journal_line(std::string_view line);

// Gives every event in order to `visit` (with "seq" and "at", without "sum"). A damaged end of a segment (a
// power cut in the middle of a write) is passed over; damage anywhere else is `corrupt`. `not_found`: no
// segment at all.
Result<JournalPosition> read_journal(const QueueFolder& queue, std::string_view order_id,
                                     const std::function<Status(const Json& event)>& visit);

// Who begins a segment.
struct SegmentHead {
  std::string lease;  // of the queue
  std::string boot;   // of the machine: core/base/process_identity.hpp
  std::int64_t now_ms = 0;
};

// Appends. One thread at a time; there is one writer for an order, the holder of the queue's lease.
class JournalWriter {
 public:
  // A new segment after `previous`. `state`: a complete account of the order (OrderLedger::events): earlier
  // segments are then removed, they are not needed any more. Errors: `locked`, if somebody else has begun the
  // segment. On disk when this returns.
  static Result<std::unique_ptr<JournalWriter>> begin(const QueueFolder& queue, std::string_view order_id,
                                                      const JournalPosition& previous,
                                                      const SegmentHead& head,
                                                      const std::vector<Json>* state = nullptr);

  // Survives the death of this process when it returns; a power cut only after sync(). After an error the
  // writer must be thrown away.
  Status append(const Json& event);
  Status sync();
  [[nodiscard]] bool synced() const { return synced_; }
  [[nodiscard]] const JournalPosition& position() const { return position_; }

 private:
  JournalWriter() = default;
  std::unique_ptr<store::OpenFile> file_;
  JournalPosition position_;
  bool synced_ = true;
};

}  // namespace souschef::core
