// SPDX-License-Identifier: MIT
// A listener's place in the event log. docs/format/events.md
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <souschef/result.hpp>

#include "core/events/events.hpp"

namespace souschef::core {

enum class StartAt { now, beginning };

// Reads a log from a place on; used by `events` and by cursors. One thread at a time.
class EventReader {
 public:
  // Bytes read so far, by file name. Files that are not named are read from their start.
  using Places = std::map<std::string, std::uint64_t>;

  explicit EventReader(const EventLog& log, Places places = {}) : log_(log), places_(std::move(places)) {}

  // The ends of all files there are.
  static Result<Places> end_of(const EventLog& log);

  // The event that comes next, without passing it; nothing at the end for now. Lines that are no events are
  // passed over. Errors: denied, io.
  Result<std::optional<Event>> peek();
  // Passes the event that peek gave.
  void pass();

  [[nodiscard]] const Places& places() const { return places_; }

 private:
  struct Next {
    Event event;
    std::string file;
    std::uint64_t end = 0;
  };
  Result<std::optional<Next>> next_in(const std::string& file);

  const EventLog& log_;
  Places places_;
  std::optional<Next> next_;
};

// The next event could not be told.
struct EventTrouble {
  std::string id;
  std::chrono::nanoseconds since{0};  // since 1970: the first attempt
  int attempts = 0;
  std::chrono::nanoseconds next{0};  // since 1970: not before
};

// Held by one process at a time. One thread at a time.
class EventCursor {
 public:
  // Null: another process tells this listener. `consumer` is a name of the config. A cursor that cannot be
  // read begins anew at `start`, as one that is not there. Errors: denied, io, no_space.
  static Result<std::unique_ptr<EventCursor>> take(const EventLog& log, const std::string& consumer,
                                                   StartAt start);

  Result<std::optional<Event>> peek() { return reader_.peek(); }
  // The event that peek gave is done with. On disk when this returns; after an error it may come again.
  Status pass();
  // The same for an event that nobody was told of: on disk with the next pass() or save().
  void skip();
  // What was skipped is on disk when this returns.
  Status save();
  // It could not be told: remembered, with when to try again. On disk when this returns.
  Status keep_trouble(const EventTrouble& trouble);
  [[nodiscard]] const std::optional<EventTrouble>& trouble() const { return trouble_; }

 private:
  EventCursor(const EventLog& log, std::filesystem::path file, EventReader reader,
              std::unique_ptr<store::OpenFile> lock);

  const EventLog& log_;
  std::filesystem::path file_;
  EventReader reader_;
  std::optional<EventTrouble> trouble_;
  std::unique_ptr<store::OpenFile> lock_;
  bool dirty_ = true;
};

}  // namespace souschef::core
