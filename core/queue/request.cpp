// SPDX-License-Identifier: MIT
#include "core/queue/request.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <tuple>
#include <utility>

#include "core/base/file_descriptor.hpp"
#include "core/base/json_text.hpp"
#include "core/base/ulid.hpp"
#include "core/base/whoami.hpp"
#include "store/atomic_file.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::uint64_t kLargestRequest = 16 << 20;

constexpr std::array<std::pair<RequestKind, std::string_view>, 14> kKinds = {
    {{RequestKind::order, "order"},
     {RequestKind::pause, "pause"},
     {RequestKind::resume, "resume"},
     {RequestKind::cancel, "cancel"},
     {RequestKind::redo, "redo"},
     {RequestKind::accept, "accept"},
     {RequestKind::set, "set"},
     {RequestKind::move, "move"},
     {RequestKind::approve, "approve"},
     {RequestKind::reject, "reject"},
     {RequestKind::remove, "remove"},
     {RequestKind::stage, "stage"},
     {RequestKind::slot, "slot"},
     {RequestKind::stop, "stop"}}};

fs::path counter_file() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
    return fs::path(state) / "souschef" / "request-counter";
  const char* home = std::getenv("HOME");
  return fs::path(home != nullptr ? home : "/tmp") / ".local/state/souschef/request-counter";
}

// The next number of this user on this host. It follows the clock, so that a lost file does no harm, but
// never goes back when the clock does.
std::uint64_t next_counter() {
  const auto now = static_cast<std::uint64_t>(now_ms()) * 1000;
  const fs::path path = counter_file();
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file || ::flock(file.get(), LOCK_EX) != 0) return now;
  std::array<char, 32> text{};
  std::uint64_t last = 0;
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), 0);
  if (got > 0) std::from_chars(text.data(), text.data() + got, last);
  const std::uint64_t next = std::max(now, last + 1);
  const std::string line = std::to_string(next) + "\n";
  if (::pwrite(file.get(), line.data(), line.size(), 0) < 0) return next;
  return next;
}

}  // namespace

std::string_view name_of(RequestKind kind) {
  for (const auto& [value, name] : kKinds)
    if (value == kind) return name;
  return "?";
}

std::optional<RequestKind> request_kind_named(std::string_view wanted) {
  for (const auto& [value, name] : kKinds)
    if (name == wanted) return value;
  return std::nullopt;
}

Json request_json(const Request& request) {
  return {{"format", kRequestVersion},  {"id", request.id},        {"kind", name_of(request.kind)},
          {"order", request.order},     {"user", request.user},    {"host", request.host},
          {"counter", request.counter}, {"made", request.made_ms}, {"arguments", request.arguments}};
}

Result<Request> request_from_json(const Json& json) {
  const auto corrupt = [](std::string why) {
    return Error(ErrorCode::corrupt, "a request cannot be read", std::move(why));
  };
  if (!json.is_object() || !json.contains("format") || !json["format"].is_number_integer())
    return corrupt("it has no format");
  const int version = json["format"].get<int>();
  const auto kind = request_kind_named(text_at(json, "kind"));
  if (version > kRequestVersion || (!kind && version == kRequestVersion))
    return Error(ErrorCode::unsupported, "a request was made by a newer Sous Chef",
                 "format " + std::to_string(version) + ", kind " + text_at(json, "kind"))
        .next_step("update souschef on this machine");
  Request request;
  request.id = text_at(json, "id");
  if (!kind || !is_ulid(request.id)) return corrupt("it has no kind or id");
  request.kind = *kind;
  request.order = text_at(json, "order");
  request.user = text_at(json, "user");
  request.host = text_at(json, "host");
  if (json.contains("counter") && json["counter"].is_number_unsigned())
    request.counter = json["counter"].get<std::uint64_t>();
  if (json.contains("made") && json["made"].is_number_integer())
    request.made_ms = json["made"].get<std::int64_t>();
  if (json.contains("arguments")) request.arguments = json["arguments"];
  if (!request.arguments.is_object()) return corrupt("its arguments are no object");
  return request;
}

Request make_request(RequestKind kind, std::string order, Json arguments) {
  Request request;
  request.id = new_ulid();
  request.kind = kind;
  request.order = std::move(order);
  request.arguments = std::move(arguments);
  request.user = user_name();
  request.host = host_name();
  request.counter = next_counter();
  request.made_ms = now_ms();
  return request;
}

Request make_order_request(const Order& order) {
  return make_request(RequestKind::order, order.id, order_json(order));
}

Status drop_request(const QueueFolder& queue, const Request& request) {
  auto published = store::publish_file(*queue.disk, queue.request_file(request.id),
                                       json_text(request_json(request)) + "\n");
  if (!published) return std::move(published.error()).in_context("the request could not be handed in");
  return {};
}

Result<Inbox> read_inbox(const QueueFolder& queue) {
  store::FileSystem& disk = *queue.disk;
  Inbox inbox;
  SOUSCHEF_TRY(const auto entries, disk.list(queue.requests()));
  for (const store::FolderEntry& entry : entries) {
    constexpr std::string_view kEnding = ".json";
    if (!entry.name.ends_with(kEnding) || store::is_temporary(entry.name)) continue;
    const std::string id = entry.name.substr(0, entry.name.size() - kEnding.size());
    auto text = store::read_file(disk, queue.requests() / entry.name, kLargestRequest);
    if (!text && text.error().code == ErrorCode::not_found) continue;  // applied by somebody else in between
    auto json = text ? parse_json(*text) : Result<Json>(std::move(text.error()));
    auto request = json ? request_from_json(*json) : Result<Request>(std::move(json.error()));
    if (request)
      inbox.requests.push_back(std::move(*request));
    else
      inbox.damaged.push_back({id, std::move(request.error())});
  }
  std::stable_sort(inbox.requests.begin(), inbox.requests.end(), [](const Request& a, const Request& b) {
    return std::tie(a.host, a.user, a.counter) < std::tie(b.host, b.user, b.counter);
  });
  return inbox;
}

Status remove_request(const QueueFolder& queue, std::string_view id) {
  Status removed = queue.disk->remove_file(queue.request_file(id));
  if (!removed && removed.error().code != ErrorCode::not_found) return removed;
  return {};
}

}  // namespace souschef::core
