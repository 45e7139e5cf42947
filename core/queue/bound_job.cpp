// SPDX-License-Identifier: MIT
#include "core/queue/bound_job.hpp"

#include <string>

#include "core/base/json_text.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"

namespace souschef::core {
namespace {

constexpr std::uint64_t kLargest = 4096;

std::filesystem::path file_of(const QueueFolder& queue, std::string_view order_id) {
  return queue.order_folder(order_id) / "bound.json";
}

}  // namespace

Result<std::optional<JobId>> bound_job(const QueueFolder& queue, std::string_view order_id) {
  const auto text = store::read_file(*queue.disk, file_of(queue, order_id), kLargest);
  if (!text && text.error().code == ErrorCode::not_found) return std::optional<JobId>();
  if (!text) return text.error();
  SOUSCHEF_TRY(const Json json, parse_json(*text));
  const auto job = JobId::from_hex(text_at(json, "job"));
  if (!job)
    return Error(ErrorCode::corrupt, "the bound job of order " + std::string(order_id) + " is damaged");
  return std::optional<JobId>(*job);
}

Result<JobId> keep_bound_job(const QueueFolder& queue, std::string_view order_id, JobId job) {
  const std::string text = Json{{"format", 1}, {"job", job.hex()}}.dump();
  const auto published = store::publish_file(*queue.disk, file_of(queue, order_id), text);
  if (!published && published.error().code != ErrorCode::exists) return published.error();
  SOUSCHEF_TRY(const auto first, bound_job(queue, order_id));
  if (first) return *first;
  return Error(ErrorCode::not_found, "the order is gone");
}

}  // namespace souschef::core
