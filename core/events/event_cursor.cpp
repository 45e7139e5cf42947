// SPDX-License-Identifier: MIT
#include "core/events/event_cursor.hpp"

#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <tuple>
#include <vector>

#include "core/base/json_text.hpp"
#include "store/atomic_file.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::uint64_t kMaxCursor = 1U << 20;
constexpr std::size_t kWindow = 128U << 10;  // twice the longest line: one is always whole in it

Result<std::vector<std::string>> log_files(const EventLog& log) {
  std::vector<std::string> names;
  auto entries = log.disk().list(log.folder());
  if (!entries && entries.error().code == ErrorCode::not_found) return names;
  if (!entries) return std::move(entries).error();
  for (const store::FolderEntry& entry : *entries)
    if (entry.kind == store::FileKind::regular && entry.name.ends_with(".jsonl")) names.push_back(entry.name);
  return names;
}

// A listener's name as a file's name: what is not plain is spelled out.
std::string file_name_of(const std::string& consumer) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string name;
  for (const char c : consumer) {
    const auto value = static_cast<unsigned char>(c);
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (plain)
      name += c;
    else
      name += std::string("%") + kDigits[value >> 4] + kDigits[value & 15U];
  }
  return name;
}

EventReader::Places read_places(const Json& cursor) {
  EventReader::Places places;
  const auto files = cursor.find("files");
  if (files == cursor.end() || !files->is_object()) return places;
  for (const auto& [name, bytes] : files->items())
    if (bytes.is_number_unsigned()) places[name] = bytes.get<std::uint64_t>();
  return places;
}

std::optional<EventTrouble> read_trouble(const Json& cursor) {
  const auto found = cursor.find("trouble");
  if (found == cursor.end() || !found->is_object()) return std::nullopt;
  const auto text = [&](const char* name) {
    const auto member = found->find(name);
    return member != found->end() && member->is_string() ? member->get<std::string>() : std::string();
  };
  EventTrouble trouble{text("id"), utc_time(text("since")), 0, utc_time(text("next"))};
  if (const auto attempts = found->find("attempts");
      attempts != found->end() && attempts->is_number_integer())
    trouble.attempts =
        static_cast<int>(std::clamp<std::int64_t>(attempts->get<std::int64_t>(), 0, 1'000'000));
  return trouble;
}

}  // namespace

Result<EventReader::Places> EventReader::end_of(const EventLog& log) {
  Places places;
  SOUSCHEF_TRY(const auto files, log_files(log));
  for (const std::string& name : files) {
    SOUSCHEF_TRY(const store::FileStatus status, log.disk().status(log.folder() / name));
    places[name] = status.size;
  }
  return places;
}

Result<std::optional<EventReader::Next>> EventReader::next_in(const std::string& file) {
  SOUSCHEF_TRY(const auto open, log_.disk().open(log_.folder() / file, store::Access::read));
  SOUSCHEF_TRY(const store::FileStatus status, open->status());
  std::uint64_t& at = places_[file];
  at = std::min(at, status.size);  // a file that was cut short has nothing new yet
  std::string window(kWindow, '\0');
  for (;;) {
    SOUSCHEF_TRY(const std::size_t count, open->read_at(at, std::as_writable_bytes(std::span(window))));
    const std::string_view bytes(window.data(), count);
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      if (count < kWindow) return std::optional<Next>();  // the end, or a line that is being written
      at += count;                                        // longer than any event: passed over in pieces
      continue;
    }
    if (auto event = Event::read(bytes.substr(0, end)))
      return std::optional(Next{std::move(*event), file, at + end + 1});
    at += end + 1;
  }
}

Result<std::optional<Event>> EventReader::peek() {
  if (next_) return std::optional(next_->event);
  SOUSCHEF_TRY(const auto files, log_files(log_));
  for (const std::string& file : files) {
    auto found = next_in(file);
    if (!found && found.error().code == ErrorCode::not_found) continue;  // pruned meanwhile
    if (!found) return std::move(found).error();
    const auto earlier = [](const Event& a, const Event& b) {
      return std::tie(a.time, a.id) < std::tie(b.time, b.id);
    };
    if (*found && (!next_ || earlier((*found)->event, next_->event))) next_ = std::move(*found);
  }
  return next_ ? std::optional(next_->event) : std::nullopt;
}

void EventReader::pass() {
  if (!next_) return;
  places_[next_->file] = next_->end;
  next_.reset();
}

EventCursor::EventCursor(const EventLog& log, fs::path file, EventReader reader,
                         std::unique_ptr<store::OpenFile> lock)
    : log_(log), file_(std::move(file)), reader_(std::move(reader)), lock_(std::move(lock)) {}

Result<std::unique_ptr<EventCursor>> EventCursor::take(const EventLog& log, const std::string& consumer,
                                                       StartAt start) {
  const fs::path folder = log.folder() / "cursors";
  SOUSCHEF_CHECK(store::make_folders(log.disk(), folder));
  const std::string name = file_name_of(consumer);
  SOUSCHEF_TRY(auto lock, log.disk().open(folder / (name + ".lock"), store::Access::append));
  // A file system without locks: two runners would tell twice, which beats telling nobody.
  if (::flock(lock->descriptor(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return std::unique_ptr<EventCursor>();

  const fs::path file = folder / (name + ".json");
  const auto text = store::read_file(log.disk(), file, kMaxCursor);
  const auto saved = text ? parse_json(*text, {kMaxCursor, 8}) : Result<Json>(Json());
  if (saved && saved->is_object()) {
    std::unique_ptr<EventCursor> cursor(
        new EventCursor(log, file, EventReader(log, read_places(*saved)), std::move(lock)));
    cursor->trouble_ = read_trouble(*saved);
    cursor->dirty_ = false;
    return cursor;
  }
  EventReader::Places places;
  if (start == StartAt::now) {
    SOUSCHEF_TRY(places, EventReader::end_of(log));
  }
  std::unique_ptr<EventCursor> cursor(
      new EventCursor(log, file, EventReader(log, std::move(places)), std::move(lock)));
  SOUSCHEF_CHECK(cursor->save());
  return cursor;
}

Status EventCursor::pass() {
  skip();
  return save();
}

void EventCursor::skip() {
  reader_.pass();
  trouble_.reset();
  dirty_ = true;
}

Status EventCursor::keep_trouble(const EventTrouble& trouble) {
  trouble_ = trouble;
  dirty_ = true;
  return save();
}

Status EventCursor::save() {
  if (!dirty_) return {};
  Json files = Json::object();
  for (const auto& [name, bytes] : reader_.places()) files[name] = bytes;
  Json cursor = {{"files", std::move(files)}};
  if (trouble_)
    cursor["trouble"] = {{"id", trouble_->id},
                         {"since", utc_text(trouble_->since)},
                         {"attempts", trouble_->attempts},
                         {"next", utc_text(trouble_->next)}};
  SOUSCHEF_CHECK(store::replace_file(log_.disk(), file_, json_text(cursor) + "\n"));
  dirty_ = false;
  return {};
}

}  // namespace souschef::core
