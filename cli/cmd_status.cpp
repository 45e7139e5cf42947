// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <thread>

#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/queue_words.hpp"
#include "core/production/production.hpp"
#include "core/queue/queue_holder.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/rendering/place_order.hpp"

namespace souschef::cli {
namespace {

constexpr std::chrono::milliseconds kLook{1000};

// How long an order will take at the pace of its frames so far; 0: not known.
double seconds_left(const core::OrderRow& row) {
  if (row.counts.done == 0) return 0;
  return static_cast<double>(row.spent_ms) / 1000 / static_cast<double>(row.counts.done) *
         static_cast<double>(row.counts.left());
}

Status print_once(Terminal& terminal, const core::QueueFolder& queue) {
  SOUSCHEF_TRY(const auto holder, core::queue_holder(queue));
  SOUSCHEF_TRY(const auto rows, core::list_orders(queue));
  std::size_t waiting = 0, failed = 0, frames = 0;
  for (const core::OrderRow& row : rows) {
    waiting += !core::is_final(row.state) && !core::is_under_way(row.state) ? 1 : 0;
    failed += row.state == core::OrderState::failed ? 1 : 0;
    frames += core::is_final(row.state) ? 0 : row.counts.left();
  }
  terminal.record(
      {{"type", "status"},
       {"runner", holder
                      ? core::Json{{"host", holder->host}, {"pid", holder->pid}, {"purpose", holder->purpose}}
                      : core::Json()},
       {"waiting", waiting},
       {"failed", failed},
       {"frames_left", frames}});
  terminal.print(holder ? holder->purpose + " on " + holder->host + ", process " + std::to_string(holder->pid)
                        : "nobody renders");
  for (const core::OrderRow& row : rows) {
    const bool stands_still = row.state == core::OrderState::paused && row.counts.running > 0;
    if (!core::is_under_way(row.state) && !stands_still) continue;
    const double left = seconds_left(row);
    terminal.print("  " + terminal.out_style(style_of(row.state), core::name_of(row.state)) + "  " +
                   row.name + "  " + shot_of(row) + "  " + progress_of(row.counts) +
                   (stands_still ? "  " + counted(row.counts.running, "frame") + " not finished yet"
                    : left > 0   ? "  ETA " + human_seconds(left)
                                 : ""));
  }
  terminal.print(counted(waiting, "order") + " waiting, " + std::to_string(failed) + " failed, " +
                 counted(frames, "frame") + " to render");
  return {};
}

}  // namespace

Result<ExitCode> cmd_status(Invocation& invocation) {
  bool watch = false;
  Arguments arguments(invocation);
  arguments.flag("--watch", watch, "again every second, until Ctrl-C");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  const core::QueueFolder queue = core::queue_of(*production);
  Terminal& terminal = invocation.terminal();
  do {
    if (watch && terminal.out_is_terminal()) terminal.write("\x1b[H\x1b[2J");
    SOUSCHEF_CHECK(print_once(terminal, queue));
    if (watch) std::this_thread::sleep_for(kLook);
  } while (watch && !interrupted());
  return ExitCode::done;
}

Result<ExitCode> cmd_wait(Invocation& invocation) {
  std::vector<std::string> names;
  Arguments arguments(invocation);
  arguments.positionals("ORDER", names, "by name");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  bool all_done = true;
  for (const std::string& name : names) {
    SOUSCHEF_TRY(const NamedOrder order, find_named_order(invocation, name));
    while (true) {
      if (interrupted()) return ExitCode::interrupted;
      SOUSCHEF_TRY(const auto rows, core::list_orders(order.queue));
      const auto row =
          std::find_if(rows.begin(), rows.end(), [&](const auto& each) { return each.id == order.id; });
      if (row == rows.end())
        return Error(ErrorCode::not_found, name + " was deleted while somebody waited for it");
      if (core::is_final(row->state)) {
        invocation.terminal().record(
            {{"type", "order"}, {"order", name}, {"state", core::name_of(row->state)}});
        invocation.terminal().print(name + "  " + std::string(core::name_of(row->state)));
        all_done = all_done && row->state == core::OrderState::done;
        break;
      }
      std::this_thread::sleep_for(kLook);
    }
  }
  return all_done ? ExitCode::done : ExitCode::partly;
}

}  // namespace souschef::cli
