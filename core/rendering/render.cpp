// SPDX-License-Identifier: MIT
#include "core/rendering/render.hpp"

#include <algorithm>
#include <optional>
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

Error lost_the_queue(Error error) {
  return std::move(error)
      .in_context("this runner has stopped: the queue is not its own any more")
      .next_step(
          "souschef status  says who renders now; souschef render --watch  stands by. Nothing is lost: "
          "frames that were under way are rendered again");
}

using Steady = std::chrono::steady_clock;

// One runner's time: it may hold the queue more than once.
class Render {
 public:
  Render(Production& production, const RenderOptions& options, RenderObserver& observer, QueueDoor& door,
         std::vector<Slot> slots, RenderSchedule schedule, RenderFolders folders)
      : production_(production),
        options_(options),
        observer_(observer),
        door_(door),
        slots_(std::move(slots)),
        schedule_(std::move(schedule)),
        folders_(std::move(folders)) {}

  Result<RenderSummary> run();

 private:
  Result<std::unique_ptr<QueueWriter>> take_queue();
  Status hold(QueueWriter& queue);
  Status begin(QueueWriter& queue);
  [[nodiscard]] RenderOptions options_from_now() const;

  Production& production_;
  const RenderOptions& options_;
  RenderObserver& observer_;
  QueueDoor& door_;
  const std::vector<Slot> slots_;
  const RenderSchedule schedule_;
  const RenderFolders folders_;
  const Steady::time_point began_ = Steady::now();
  std::optional<std::set<std::string>> orders_;  // ids; known once the queue was ours
  RenderSummary summary_;
};

// With watch, who is overtaken stands by like one who comes second.
Result<RenderSummary> Render::run() {
  while (true) {
    auto acquired = take_queue();
    if (!acquired) return held_by_another(std::move(acquired.error()));
    const std::unique_ptr<QueueWriter> queue = std::move(*acquired);
    if (queue == nullptr) return summary_;
    Status held = hold(*queue);
    if (held) return summary_;
    const Status still_ours = queue->check();
    const bool overtaken = held.error().code == ErrorCode::locked && !still_ours;
    if (!overtaken) return std::move(held.error());
    if (!options_.watch) return lost_the_queue(std::move(held.error()));
    const Error& lost = held.error();
    observer_.overtaken(lost.why.empty() ? lost.what : lost.why.back());
  }
}

// Nothing where it was time to end before the queue was free; the summary says why.
Result<std::unique_ptr<QueueWriter>> Render::take_queue() {
  constexpr std::chrono::milliseconds kAskAgain{500};
  while (true) {
    auto acquired = door_.acquire("souschef render");
    if (acquired || acquired.error().code != ErrorCode::locked || !options_.watch) return acquired;
    observer_.waiting("standing by: " + acquired.error().line());
    const bool stopped = options_.stop && options_.stop() != StopWish::none;
    const bool time_over = options_.run_for && Steady::now() - began_ > *options_.run_for;
    if (stopped || time_over) {
      summary_.end = stopped ? RenderEnd::stopped : RenderEnd::time_over;
      return std::unique_ptr<QueueWriter>();
    }
    std::this_thread::sleep_for(kAskAgain);
  }
}

// Until the runner ends, or the queue is lost.
Status Render::hold(QueueWriter& queue) {
  SOUSCHEF_CHECK(begin(queue));

  // From here nothing runs that this process has not started.
  SOUSCHEF_TRY(const auto loop, EventLoop::create());
  const RenderOptions options = options_from_now();
  {
    Background background(*loop, kBackgroundThreads);
    RunContext context{production_, folders_, RenderLimits::of(production_.config()),
                       queue,       *loop,    background,
                       observer_,   summary_};
    Runner runner(context, options, schedule_, *orders_, slots_);
    context.summary.end = runner.work();
    runner.wind_up();
    summary_ = context.summary;
    if (context.broken) return std::move(*context.broken);
  }

  // From here nothing runs any more.
  SOUSCHEF_CHECK(queue.sync());
  summary_.orders_left = left_over(queue, *orders_);
  return {};
}

// From here nobody else changes the queue.
Status Render::begin(QueueWriter& queue) {
  SOUSCHEF_CHECK(end_leftover_workers(door_.folder()));
  SOUSCHEF_CHECK(note_workers(door_.folder()));
  if (!orders_) {
    SOUSCHEF_TRY(orders_, ids_of(door_.folder(), options_.orders));
  }
  return tidy_checkouts(folders_, [&](const std::string& id) {
    const auto row = queue.rows().find(id);
    return row != queue.rows().end() && !is_final(row->second.state);
  });
}

RenderOptions Render::options_from_now() const {
  RenderOptions options = options_;
  if (options.run_for)
    options.run_for = std::max(*options.run_for - (Steady::now() - began_), std::chrono::nanoseconds(0));
  return options;
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
  return Render(production, options, observer, *door, std::move(slots), std::move(schedule), folders).run();
}

}  // namespace souschef::core
