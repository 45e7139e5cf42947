// SPDX-License-Identifier: MIT
#include "core/queue/order_statistics.hpp"

#include <algorithm>
#include <cmath>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "store/file_system.hpp"

namespace souschef::core {
namespace {

std::vector<std::uint32_t> times_of(const OrderLedger& ledger) {
  std::vector<std::uint32_t> times;
  for (const FrameRecord& frame : ledger.frames())
    if (frame.state == FrameState::done) times.push_back(frame.ms);
  std::sort(times.begin(), times.end());
  return times;
}

}  // namespace

FrameTimes frame_times(const OrderLedger& ledger) {
  const auto times = times_of(ledger);
  FrameTimes result;
  result.frames = times.size();
  if (times.empty()) return result;
  const auto at = [&](double share) {
    return times[std::min(times.size() - 1,
                          static_cast<std::size_t>(share * static_cast<double>(times.size())))];
  };
  double sum = 0;
  for (const std::uint32_t time : times) sum += time;
  result.shortest = times.front();
  result.longest = times.back();
  result.median = at(0.5);
  result.ninetieth = at(0.9);
  result.mean = sum / static_cast<double>(times.size());
  return result;
}

std::optional<TimeLeft> time_left(const OrderLedger& ledger, unsigned slots) {
  const FrameTimes times = frame_times(ledger);
  if (times.frames < 2) return std::nullopt;
  // The mean of n samples is off by about its deviation over the root of n: twice that each way.
  double variance = 0;
  for (const std::uint32_t time : times_of(ledger)) variance += (time - times.mean) * (time - times.mean);
  const double count = static_cast<double>(times.frames);
  const double doubt = 2 * std::sqrt(variance / (count - 1) / count);
  const double frames = static_cast<double>(ledger.counts().left()) / std::max(1U, slots);
  const auto of = [&](double mean) { return static_cast<std::int64_t>(std::max(0.0, mean) * frames); };
  return TimeLeft{of(times.mean), of(times.mean - doubt), of(times.mean + doubt)};
}

Status keep_statistics(const QueueFolder& queue, const Order& order, const OrderLedger& ledger,
                       std::int64_t now_ms) {
  const FrameTimes times = frame_times(ledger);
  std::uint32_t memory = 0;
  std::uint64_t attempts = 0, bytes = 0;
  for (const FrameRecord& frame : ledger.frames()) {
    memory = std::max(memory, frame.mib);
    attempts += frame.attempt;
    for (const FileRecord& file : frame.files) bytes += file.size;
  }
  const FrameCounts& counts = ledger.counts();
  const Json line = {{"order", order.id},
                     {"name", order.name},
                     {"job", order.job ? Json(order.job->hex()) : Json()},
                     {"entry", escape_name(order.entry)},
                     {"target", order.target},
                     {"at", now_ms},
                     {"state", name_of(ledger.state())},
                     {"submitted", order.submitted_ms},
                     {"started", ledger.started_ms()},
                     {"frames",
                      {{"done", counts.done},
                       {"failed", counts.failed},
                       {"skipped", counts.skipped},
                       {"total", counts.total()}}},
                     {"ms",
                      {{"mean", std::llround(times.mean)},
                       {"median", times.median},
                       {"p90", times.ninetieth},
                       {"shortest", times.shortest},
                       {"longest", times.longest}}},
                     {"mib", memory},
                     {"attempts", attempts},
                     {"bytes", bytes}};
  const std::string text = json_text(line) + "\n";
  SOUSCHEF_TRY(const auto file, queue.disk->open(queue.statistics(), store::Access::append));
  return file->append(std::as_bytes(std::span(text)));
}

}  // namespace souschef::core
