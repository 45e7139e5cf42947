// SPDX-License-Identifier: MIT
#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/queue_words.hpp"
#include "cli/table.hpp"
#include "core/production/production.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/rendering/place_order.hpp"

namespace souschef::cli {
namespace {

// Member by member: an initialiser list costs three times as much, and there may be ten thousand of these.
core::Json row_json(const core::OrderRow& row) {
  core::Json json = core::Json::object();
  json["type"] = "order";
  json["order"] = row.name;
  json["id"] = row.id;
  json["state"] = core::name_of(row.state);
  json["why"] = row.why;
  json["entry"] = escape_name(row.entry);
  json["live"] = row.live;
  json["target"] = row.target;
  json["output"] = escape_name(row.output);
  json["priority"] = row.priority;
  json["urgent"] = row.urgent;
  json["frames"] = counts_json(row.counts);
  json["after"] = row.after;
  json["user"] = row.user;
  json["host"] = row.host;
  json["submitted"] = row.submitted_ms;
  json["started"] = row.started_ms;
  json["changed"] = row.changed_ms;
  json["seconds"] = static_cast<double>(row.spent_ms) / 1000;
  json["pending"] = row.pending;
  return json;
}

std::string state_text(const core::OrderRow& row) {
  std::string text(core::name_of(row.state));
  if (row.pending) text += ", not taken in yet";
  if (row.urgent) text += ", urgent";
  return text;
}

}  // namespace

Result<ExitCode> cmd_list(Invocation& invocation) {
  bool all = false;
  Arguments arguments(invocation);
  arguments.flag("-a,--all", all, "orders that are over too; they are shown anyway while they are few");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  Terminal& terminal = invocation.terminal();
  std::vector<std::string> damaged;
  SOUSCHEF_TRY(const auto rows, core::list_orders(core::queue_of(*production), &damaged));
  constexpr std::size_t kFew = 40;
  Table table({Align::left, Align::left, Align::right, Align::left, Align::left, Align::left});
  std::size_t hidden = 0;
  for (const core::OrderRow& row : rows) {
    if (terminal.json()) {
      terminal.record(row_json(row), Terminal::Flush::later);
      continue;
    }
    if (!all && rows.size() > kFew && row.state == core::OrderState::done) {
      ++hidden;
      continue;
    }
    std::string notes = row.output.empty() ? "" : "to " + escape_name(row.output);
    const bool tells = row.state != core::OrderState::done && row.state != core::OrderState::queued;
    if (tells && !row.why.empty()) notes += (notes.empty() ? "" : "  ") + row.why;
    table.row(
        {terminal.out_style(Style::bold, row.name), terminal.out_style(style_of(row.state), state_text(row)),
         progress_of(row.counts), shot_of(row),
         row.target + (row.priority == core::kDefaultPriority ? "" : " p" + std::to_string(row.priority)),
         notes});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  if (hidden > 0) terminal.say(counted(hidden, "order") + " done and not shown: souschef list --all");
  if (rows.empty()) terminal.say("The queue is empty. Next: souschef order SHOT.blend");
  for (const std::string& name : damaged)
    terminal.warn("an order cannot be read: " + name + "  (souschef check)");
  return damaged.empty() ? ExitCode::done : ExitCode::corrupt;
}

}  // namespace souschef::cli
