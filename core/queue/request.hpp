// SPDX-License-Identifier: MIT
// A request: a small file by which any command, on any machine, asks the holder of the queue to change
// something. docs/format/request.md is the law.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/queue/order.hpp"
#include "core/queue/queue_folder.hpp"

namespace souschef::core {

inline constexpr int kRequestVersion = 1;

enum class RequestKind : std::uint8_t {
  order,  // a new one; `arguments` is the order itself
  pause,  // arguments: "now": suspend what is being rendered, instead of letting it finish
  resume,
  cancel,
  redo,    // arguments: "frames": a frame list, "failed" or "all"
  accept,  // arguments: "frames"
  set,     // arguments: "priority"
  move,    // arguments: "to": "first", "last", "before", "urgent"; "before": an order's id
  approve,
  reject,
  remove,  // the order goes, its frames stay
  stage,   // one was run alone; arguments: "stage", "summary", "ms", "outputs", "frames"
  slot,    // arguments: "slot", "enabled"; for the runner; has no order
  stop     // arguments: "now"; for the runner; has no order
};
std::string_view name_of(RequestKind kind);
std::optional<RequestKind> request_kind_named(std::string_view name);

struct Request {
  std::string id;  // ULID: the file's name
  RequestKind kind = RequestKind::order;
  std::string order;  // id; empty for kinds that have none
  Json arguments = Json::object();
  std::string user, host;
  std::uint64_t counter = 0;  // rises with every request of this user on this host
  std::int64_t made_ms = 0;   // since 1970, by the submitter's clock: for people, decides nothing
  bool operator==(const Request&) const = default;
};

Json request_json(const Request& request);
// Errors: corrupt; unsupported.
Result<Request> request_from_json(const Json& json);

// Fills id, user, host, counter and time.
Request make_request(RequestKind kind, std::string order, Json arguments = Json::object());
// A request for a new order; claims nothing.
Request make_order_request(const Order& order);

// Puts it into the inbox. On disk when this returns.
Status drop_request(const QueueFolder& queue, const Request& request);

// What is in the inbox, in the order in which it is to be applied: by host, and there by the host's own
// counter. A file that cannot be read is in `damaged`, with the reason.
struct Inbox {
  std::vector<Request> requests;
  struct Damaged {
    std::string id;
    Error error;
  };
  std::vector<Damaged> damaged;
};
Result<Inbox> read_inbox(const QueueFolder& queue);
Status remove_request(const QueueFolder& queue, std::string_view id);

}  // namespace souschef::core
