// SPDX-License-Identifier: MIT
// What happened that somebody may want to hear of. docs/format/events.md
//
//   EventLog log(production.paths().events());
//   log.append({.name = "order_done",
//               .message = "fisk is done",
//               .order = {id, "fisk"},
//               .data = {{"frames", 250}}});
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "store/clock.hpp"
#include "store/file_system.hpp"

namespace souschef::core {

// A name of docs/format/events.md.
struct EventName {
  std::string_view name;
  bool told_by_default = false;  // to listeners that do not say which they want
  std::string_view summary;
};
std::span<const EventName> event_names();
// Null for a name that this program does not know.
const EventName* event_name(std::string_view name);

struct EventOrder {
  std::string id;    // ULID; empty: about no order
  std::string name;  // the word that people know it by
};

struct Event {
  std::string id = {};    // given by append
  std::string time = {};  // given by append
  std::string host = {};  // given by append
  std::string name;
  std::string message;
  EventOrder order = {};
  Json data = Json::object();

  [[nodiscard]] Json json() const;
  // Nothing where the line is not an event.
  static std::optional<Event> read(std::string_view line);
};

// Thread-safe. Any number of processes, on any number of machines, append at once.
class EventLog {
 public:
  // `folder` may not exist yet.
  explicit EventLog(std::filesystem::path folder, store::FileSystem& disk = store::FileSystem::real(),
                    const store::Clock& clock = store::Clock::real());

  // On disk when this returns. Gives the event its id, time and host. An unknown name is a bug and refused
  // (`bad_input`); a message or data beyond 64 KiB are cut. Other errors: no_space, denied, io. Nobody's work
  // should fail because an event could not be written: callers log the error and go on.
  Result<Event> append(Event event);

  // Removes files whose month ended more than `months` ago. Losing them loses no work.
  Status prune(int months);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] store::FileSystem& disk() const { return disk_; }
  [[nodiscard]] const store::Clock& clock() const { return clock_; }

 private:
  [[nodiscard]] std::filesystem::path file_now() const;

  std::filesystem::path folder_;
  store::FileSystem& disk_;
  const store::Clock& clock_;
  std::string host_;
};

// "2026-11-21T02:25:15.250Z", and back; 0 where the text is no such time.
std::string utc_text(std::chrono::nanoseconds since_1970);
std::chrono::nanoseconds utc_time(std::string_view text);

}  // namespace souschef::core
