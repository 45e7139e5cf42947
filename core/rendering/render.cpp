// SPDX-License-Identifier: MIT
#include "core/rendering/render.hpp"

#include <set>
#include <thread>

#include "core/queue/order_names.hpp"
#include "core/queue/queue_writer.hpp"
#include "core/rendering/order_checkout.hpp"
#include "core/rendering/run_context.hpp"
#include "core/rendering/runner.hpp"
#include "core/rendering/worker_list.hpp"
#include "core/slots/slots.hpp"

namespace souschef::core {
namespace {

constexpr unsigned kBackgroundThreads = 3;  // for looking at files; a checkout takes one for itself

Result<std::set<std::string>> ids_of(const QueueFolder& folder, const std::vector<std::string>& names) {
  std::set<std::string> ids;
  for (const std::string& name : names) {
    SOUSCHEF_TRY(std::string id, find_order(folder, name));
    ids.insert(std::move(id));
  }
  return ids;
}

std::size_t left_over(const QueueWriter& queue, const std::set<std::string>& orders) {
  std::size_t count = 0;
  for (const auto& [id, row] : queue.rows())
    if (!is_final(row.state) && (orders.empty() || orders.contains(id))) ++count;
  return count;
}

Error held_by_another(Error error) {
  if (error.code != ErrorCode::locked) return error;
  return std::move(error)
      .in_context("another runner works on this production")
      .next_step(
          "what you order reaches it by itself; souschef render --watch  stands by and takes over when it "
          "stops");
}

// While it worked.
Error lost_the_queue(Error error) {
  if (error.code != ErrorCode::locked) return error;
  return std::move(error)
      .in_context("this runner has stopped: the queue is not its own any more")
      .next_step(
          "souschef status  says who renders now; souschef render --watch  stands by. Nothing is lost: "
          "frames "
          "that were under way are rendered again");
}

// The queue; nothing where somebody wished to stop before it was free.
Result<std::unique_ptr<QueueWriter>> take_queue(QueueDoor& door, const RenderOptions& options,
                                                RenderObserver& observer) {
  constexpr std::chrono::milliseconds kAskAgain{500};
  while (true) {
    auto acquired = door.acquire("souschef render");
    if (acquired || acquired.error().code != ErrorCode::locked || !options.watch) return acquired;
    observer.waiting("standing by: " + acquired.error().line());
    if (options.stop && options.stop() != StopWish::none) return std::unique_ptr<QueueWriter>();
    std::this_thread::sleep_for(kAskAgain);
  }
}

}  // namespace

RenderLimits RenderLimits::of(const Config& config) {
  const auto milliseconds = [&](const char* key, double unit) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(config.number(key) * unit));
  };
  return {.stall = milliseconds("render.stall", 60'000),
          .longest_frame = milliseconds("render.longest_frame", 60'000),
          .exit_grace = milliseconds("render.exit_grace", 1000),
          .keep_free = static_cast<std::uint64_t>(config.integer("render.keep_free")) << 20,
          .suspend_release = milliseconds("render.suspend_release", 60'000)};
}

Result<RenderSummary> render(Production& production, const RenderOptions& options, RenderObserver& observer) {
  const QueueFolder folder{production.paths().queue()};
  SOUSCHEF_TRY(std::vector<Slot> slots, slots_of(production.config(), options.slots));
  SOUSCHEF_TRY(RenderSchedule schedule, RenderSchedule::of(production.config(), options));
  SOUSCHEF_TRY(const RenderFolders folders, RenderFolders::of(production));
  SOUSCHEF_TRY(const auto door,
               QueueDoor::open(folder, {.clock = options.clock, .lease_expiry = options.lease_expiry}));
  auto acquired = take_queue(*door, options, observer);
  if (!acquired) return held_by_another(std::move(acquired.error()));
  const auto queue = std::move(*acquired);
  if (queue == nullptr) return RenderSummary{.end = RenderEnd::stopped};

  // From here nobody else changes the queue.
  SOUSCHEF_CHECK(end_leftover_workers(folder));
  SOUSCHEF_CHECK(note_workers(folder));
  SOUSCHEF_TRY(const std::set<std::string> orders, ids_of(folder, options.orders));
  SOUSCHEF_CHECK(tidy_checkouts(folders, [&](const std::string& id) {
    const auto row = queue->rows().find(id);
    return row != queue->rows().end() && !is_final(row->second.state);
  }));

  // From here nothing runs that this process has not started.
  SOUSCHEF_TRY(const auto loop, EventLoop::create());
  RenderSummary summary;
  {
    Background background(*loop, kBackgroundThreads);
    RunContext context{production, folders, RenderLimits::of(production.config()), *queue, *loop, background,
                       observer,   {}};
    Runner runner(context, options, std::move(schedule), orders, std::move(slots));
    context.summary.end = runner.work();
    runner.wind_up();
    if (context.broken) return lost_the_queue(std::move(*context.broken));
    summary = context.summary;
  }

  // From here nothing runs any more.
  if (Status synced = queue->sync(); !synced) return lost_the_queue(std::move(synced.error()));
  summary.orders_left = left_over(*queue, orders);
  return summary;
}

}  // namespace souschef::core
