// SPDX-License-Identifier: MIT
#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/snapshot_events.hpp"
#include "core/production/production.hpp"
#include "core/rendering/import_legacy.hpp"

namespace souschef::cli {

Result<ExitCode> cmd_import_legacy(Invocation& invocation) {
  Arguments arguments(invocation);
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  Terminal& terminal = invocation.terminal();
  Progress progress(terminal, "banking", Progress::Unit::bytes);
  SOUSCHEF_TRY(const auto orders, core::import_legacy(*production, snapshot_events(terminal, progress)));
  terminal.clear_status();
  std::size_t made = 0, failed = 0;
  for (const core::ImportedOrder& order : orders) {
    made += order.name.empty() ? 0 : 1;
    failed += order.failed ? 1 : 0;
    terminal.record({{"type", "imported"},
                     {"legacy", escape_name(order.legacy_name)},
                     {"order", order.name.empty() ? core::Json() : core::Json(order.name)},
                     {"failed", order.failed},
                     {"why", order.why}});
    const Style style = order.failed ? Style::red : order.name.empty() ? Style::dim : Style::green;
    terminal.print(terminal.out_style(style, escape_name(order.legacy_name)) + "  " +
                   (order.name.empty() ? (order.failed ? "not imported: " : "passed over: ")
                                       : "order " + order.name + "  ") +
                   order.why);
  }
  terminal.print(std::to_string(made) + " of " + counted(orders.size(), "order") + " imported");
  if (made > 0) terminal.say("They are paused. Next: souschef list, then souschef resume NAME");
  return failed > 0 ? ExitCode::partly : ExitCode::done;
}

}  // namespace souschef::cli
