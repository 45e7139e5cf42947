// SPDX-License-Identifier: MIT
#include "cli/queue_words.hpp"

#include <souschef/file_name.hpp>

#include "core/base/local_time.hpp"
#include "core/production/production.hpp"
#include "core/queue/order_names.hpp"
#include "core/queue/submit.hpp"
#include "core/rendering/place_order.hpp"

namespace souschef::cli {

Style style_of(core::OrderState state) {
  switch (state) {
    case core::OrderState::done:
      return Style::green;
    case core::OrderState::failed:
      return Style::red;
    case core::OrderState::rendering:
    case core::OrderState::preparing:
    case core::OrderState::finishing:
      return Style::cyan;
    case core::OrderState::proof:
    case core::OrderState::paused:
    case core::OrderState::waiting:
      return Style::yellow;
    default:
      return Style::plain;
  }
}

std::string shot_of(const core::OrderRow& row) {
  return escape_name(row.entry) + (row.live ? " (live)" : "");
}

std::string progress_of(const core::FrameCounts& counts) {
  std::string text = std::to_string(counts.done + counts.skipped) + "/" + std::to_string(counts.total());
  if (counts.failed > 0) text += ", " + std::to_string(counts.failed) + " failed";
  return text;
}

std::string minute_of(std::int64_t time_ms) {
  return core::local_time(time_ms, "%Y-%m-%d %H:%M");
}

core::Json counts_json(const core::FrameCounts& counts) {
  return {{"total", counts.total()}, {"todo", counts.todo},     {"running", counts.running},
          {"done", counts.done},     {"failed", counts.failed}, {"skipped", counts.skipped}};
}

Result<NamedOrder> find_named_order(Invocation& invocation, std::string_view name) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  NamedOrder found;
  found.queue = core::queue_of(*production);
  SOUSCHEF_TRY(found.id, core::find_order(found.queue, name));
  return found;
}

Status ask_for(Invocation& invocation, const NamedOrder& order, std::string_view name, core::RequestKind kind,
               core::Json arguments, std::string_view said) {
  SOUSCHEF_TRY(const core::Submission submission,
               core::submit(order.queue, core::make_request(kind, order.id, std::move(arguments))));
  Terminal& terminal = invocation.terminal();
  terminal.record({{"type", "request"},
                   {"order", name},
                   {"request", core::name_of(kind)},
                   {"applied", submission.applied}});
  const std::string what(submission.applied ? said : "asked for; the runner does it as soon as it can");
  terminal.print(std::string(name) + "  " + what);
  return {};
}

}  // namespace souschef::cli
