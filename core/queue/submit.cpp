// SPDX-License-Identifier: MIT
#include "core/queue/submit.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

namespace souschef::core {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};  // a runner looks at its inbox once a second
constexpr std::chrono::milliseconds kLook{20};

// What the report says of this request.
Result<Submission> outcome(ApplyReport report, const Request& request) {
  for (RefusedRequest& refused : report.refused)
    if (refused.request.id == request.id) return std::move(refused.error);
  return Submission{.applied = true, .holder = {}};
}

}  // namespace

Result<Submission> submit(const QueueFolder& queue, const Request& request) {
  SOUSCHEF_CHECK(make_queue_folder(queue));
  SOUSCHEF_CHECK(drop_request(queue, request));

  // ---- from here it is on disk, whoever applies it

  SOUSCHEF_TRY(const auto door, QueueDoor::open(queue));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::string holder;
  while (true) {
    auto writer = door->acquire("souschef " + std::string(name_of(request.kind)));
    if (writer) {
      SOUSCHEF_TRY(ApplyReport report, (*writer)->apply_inbox());
      return outcome(std::move(report), request);
    }
    if (writer.error().code != ErrorCode::locked) return std::move(writer.error());
    holder = writer.error().line();
    std::error_code ignored;
    if (!std::filesystem::exists(queue.request_file(request.id), ignored))
      return Submission{.applied = true, .holder = holder};
    if (std::chrono::steady_clock::now() >= deadline) return Submission{.applied = false, .holder = holder};
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace souschef::core
