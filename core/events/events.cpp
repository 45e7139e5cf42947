// SPDX-License-Identifier: MIT
#include "core/events/events.hpp"

#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "core/base/first_line.hpp"
#include "core/base/json_text.hpp"
#include "core/base/ulid.hpp"
#include "core/base/whoami.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::size_t kMaxLine = 64U << 10;
constexpr std::size_t kMaxMessage = 4U << 10;

constexpr EventName kNames[] = {
    {"order_added", false, "an order was accepted"},
    {"order_started", false, "its first frame begins"},
    {"order_done", true, "everything is there, stages included"},
    {"order_failed", true, "nothing more can be done by itself"},
    {"order_cancelled", false, "somebody cancelled it"},
    {"order_held", true, "it waits for an order that failed or was cancelled"},
    {"all_frames_failed", true, "every frame tried so far failed"},
    {"frame_failed", false, "a frame failed for good"},
    {"proof_ready", true, "the proof frames wait for approval"},
    {"stage_done", false, "a stage after the render has finished"},
    {"stage_failed", true, "a stage has failed for good"},
    {"stalled", true, "an order makes no progress"},
    {"slot_lost", true, "a device is gone from the machine and is not used any more"},
    {"disk_low", true, "the target's disk is nearly full"},
    {"queue_empty", true, "nothing is left to do"},
    {"runner_started", false, "a runner took the queue"},
    {"runner_stopped", false, "a runner left the queue"},
    {"snapshot_made", false, "a hook or watch banked something"},
    {"snapshot_incomplete", true, "a hook or watch banked a shot that misses files"},
    {"snapshot_failed", true, "a hook or watch could not bank"},
    {"hook_ran", false, "a hook has done its work"},
};

// The host's name as it may stand in a file's name, and what tells two hosts of one name apart.
std::string host_part(const std::string& host) {
  std::string name;
  for (const char c : host) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    name += plain ? c : '_';
  }
  return name + "-" +
         store::hash_of("souschef host\n" + host + "\n" + first_line("/etc/machine-id")).hex().substr(0, 8);
}

Result<bool> ends_with_newline(const store::OpenFile& file) {
  SOUSCHEF_TRY(const store::FileStatus status, file.status());
  if (status.size == 0) return true;
  std::array<std::byte, 1> last{};
  SOUSCHEF_TRY(const std::size_t count, file.read_at(status.size - 1, last));
  return count == 1 && last[0] == std::byte{'\n'};
}

int month_number(std::string_view text) {
  int year = 0, month = 0;
  if (text.size() < 7 || std::sscanf(std::string(text.substr(0, 7)).c_str(), "%4d-%2d", &year, &month) != 2)
    return 0;
  return year * 12 + month;
}

}  // namespace

std::span<const EventName> event_names() {
  return kNames;
}

const EventName* event_name(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kNames), std::end(kNames), [&](const EventName& n) { return n.name == name; });
  return found == std::end(kNames) ? nullptr : found;
}

Json Event::json() const {
  Json object = {{"id", id},     {"time", time},       {"host", host},
                 {"name", name}, {"message", message}, {"data", data}};
  if (!order.id.empty()) object["order"] = {{"id", order.id}, {"name", order.name}};
  return object;
}

std::optional<Event> Event::read(std::string_view line) {
  auto object = parse_json(line, {kMaxLine, 32});
  if (!object || !object->is_object()) return std::nullopt;
  Event event{.name = text_at(*object, "name"), .message = text_at(*object, "message")};
  event.id = text_at(*object, "id");
  event.time = text_at(*object, "time");
  event.host = text_at(*object, "host");
  if (event.id.empty() || event.name.empty() || event.time.empty()) return std::nullopt;
  if (const auto order = object->find("order"); order != object->end() && order->is_object())
    event.order = {text_at(*order, "id"), text_at(*order, "name")};
  if (const auto data = object->find("data"); data != object->end() && data->is_object())
    event.data = std::move(*data);
  return event;
}

EventLog::EventLog(fs::path folder, store::FileSystem& disk, const store::Clock& clock)
    : folder_(std::move(folder)), disk_(disk), clock_(clock), host_(host_name()) {}

fs::path EventLog::file_now() const {
  return folder_ / (utc_text(clock_.since_1970()).substr(0, 7) + "." + host_part(host_) + ".jsonl");
}

Result<Event> EventLog::append(Event event) {
  if (event_name(event.name) == nullptr) return Error(ErrorCode::bad_input, "no such event: " + event.name);
  event.id = new_ulid();
  event.time = utc_text(clock_.since_1970());
  event.host = host_;
  if (event.message.size() > kMaxMessage) event.message.resize(kMaxMessage);
  std::replace(event.message.begin(), event.message.end(), '\n', ' ');
  std::string line = json_text(event.json());
  if (line.size() >= kMaxLine) {
    event.data = {{"cut", true}};
    line = json_text(event.json());
  }

  SOUSCHEF_CHECK(store::make_folders(disk_, folder_));
  const fs::path path = file_now();
  const bool is_new = !store::exists(disk_, path);
  SOUSCHEF_TRY(const auto file, disk_.open(path, store::Access::append));
  // Where a file system has no locks, O_APPEND still keeps the lines of one machine apart.
  (void)::flock(file->descriptor(), LOCK_EX);
  SOUSCHEF_TRY(const auto readable, disk_.open(path, store::Access::read));
  SOUSCHEF_TRY(const bool whole, ends_with_newline(*readable));
  line = (whole ? "" : "\n") + line + "\n";
  SOUSCHEF_CHECK(file->append(std::as_bytes(std::span(line))));
  SOUSCHEF_CHECK(file->sync());
  if (is_new) SOUSCHEF_CHECK(disk_.sync_folder(folder_));
  return event;
}

Status EventLog::prune(int months) {
  auto entries = disk_.list(folder_);
  if (!entries) return entries.error().code == ErrorCode::not_found ? Status() : Status(entries.error());
  const int now = month_number(utc_text(clock_.since_1970()));
  for (const store::FolderEntry& entry : *entries) {
    const int month = month_number(entry.name);
    if (entry.kind != store::FileKind::regular || !entry.name.ends_with(".jsonl") || month == 0) continue;
    if (now - month > months) SOUSCHEF_CHECK(disk_.remove_file(folder_ / entry.name));
  }
  return {};
}

std::string utc_text(nanoseconds since_1970) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_1970);
  const auto rest = std::chrono::floor<milliseconds>(since_1970 - whole);
  const std::time_t seconds = whole.count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ", static_cast<int>(rest.count()));
  return text.data();
}

nanoseconds utc_time(std::string_view text) {
  std::tm parts{};
  int millis = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                  &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &millis) != 7)
    return nanoseconds(0);
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return std::chrono::seconds(::timegm(&parts)) + milliseconds(millis);
}

}  // namespace souschef::core
