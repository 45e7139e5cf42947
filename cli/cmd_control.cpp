// SPDX-License-Identifier: MIT
// The commands that change orders: each is a request to whoever holds the queue.
#include <algorithm>

#include <souschef/frame_range.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/queue_words.hpp"
#include "core/production/production.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/rendering/place_order.hpp"

namespace souschef::cli {
namespace {

using core::RequestKind;

// The same request for each of the orders named. One that fails does not keep the others from being done.
Result<ExitCode> ask_each(Invocation& invocation, const std::vector<std::string>& names, RequestKind kind,
                          const core::Json& arguments, std::string_view said) {
  ExitCode exit = ExitCode::done;
  for (const std::string& name : names) {
    auto order = find_named_order(invocation, name);
    Status asked =
        order ? ask_for(invocation, *order, name, kind, arguments, said) : Status(std::move(order).error());
    if (asked) continue;
    if (names.size() == 1) return std::move(asked.error());
    invocation.terminal().error(asked.error());
    exit = exit == ExitCode::done ? exit_code_for(asked.error().code) : exit;
  }
  return exit;
}

Result<ExitCode> plain_verb(Invocation& invocation, RequestKind kind, std::string_view said) {
  std::vector<std::string> names;
  Arguments arguments(invocation);
  arguments.positionals("ORDER", names, "by name");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  return ask_each(invocation, names, kind, core::Json::object(), said);
}

}  // namespace

Result<ExitCode> cmd_pause(Invocation& invocation) {
  std::vector<std::string> names;
  bool now = false;
  Arguments arguments(invocation);
  arguments.positionals("ORDER", names, "by name");
  arguments.flag("--now", now, "stop in the middle of the frame; resume goes on with it");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  return ask_each(invocation, names, RequestKind::pause, {{"now", now}}, "is paused");
}
Result<ExitCode> cmd_resume(Invocation& invocation) {
  return plain_verb(invocation, RequestKind::resume, "goes on");
}
Result<ExitCode> cmd_cancel(Invocation& invocation) {
  return plain_verb(invocation, RequestKind::cancel, "is cancelled");
}
Result<ExitCode> cmd_approve(Invocation& invocation) {
  return plain_verb(invocation, RequestKind::approve, "is approved: the other frames follow");
}
Result<ExitCode> cmd_reject(Invocation& invocation) {
  return plain_verb(invocation, RequestKind::reject, "is rejected");
}

Result<ExitCode> cmd_redo(Invocation& invocation) {
  std::vector<std::string> names;
  std::string frames;
  bool failed = false, all = false;
  Arguments arguments(invocation);
  arguments.positionals("ORDER", names, "by name");
  arguments.option("-F,--frames", "LIST", frames, "only these frames");
  arguments.flag("--failed", failed, "only frames that failed");
  arguments.flag("--all", all, "every frame; what happens to an order without failed frames anyway");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  if ((frames.empty() ? 0 : 1) + (failed ? 1 : 0) + (all ? 1 : 0) > 1)
    return Error(ErrorCode::usage, "--frames, --failed and --all exclude each other");
  for (const std::string& name : names) {
    SOUSCHEF_TRY(const NamedOrder order, find_named_order(invocation, name));
    SOUSCHEF_TRY(const core::OrderView view, core::read_order(order.queue, order.id));
    std::string wanted = failed ? "failed" : all ? "all" : frames;
    if (wanted.empty()) wanted = view.ledger.counts().failed > 0 ? "failed" : "all";
    std::string said = "renders ";
    if (wanted == "all") {
      said += "all frames again";
    } else if (wanted == "failed") {
      said += "what failed again: " + counted(view.ledger.counts().failed, "frame");
    } else {
      SOUSCHEF_TRY(const FrameRange range, FrameRange::parse(wanted));
      said += "again: " + range.text();
    }
    SOUSCHEF_CHECK(ask_for(invocation, order, name, RequestKind::redo, {{"frames", wanted}},
                           said + "; the earlier ones are moved aside"));
  }
  if (invocation.terminal().out_is_terminal()) invocation.terminal().say("Next: souschef render");
  return ExitCode::done;
}

Result<ExitCode> cmd_accept(Invocation& invocation) {
  std::string name, frames;
  Arguments arguments(invocation);
  arguments.positional("ORDER", name, "by name");
  arguments.option("-F,--frames", "LIST", frames,
                   "which failed frames will do as they are; all of them if not given");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  SOUSCHEF_TRY(const NamedOrder order, find_named_order(invocation, name));
  if (frames.empty()) {
    SOUSCHEF_TRY(const core::OrderView view, core::read_order(order.queue, order.id));
    std::vector<std::int32_t> failed;
    for (const core::FrameRecord& frame : view.ledger.frames())
      if (frame.state == core::FrameState::failed) failed.push_back(frame.frame);
    if (failed.empty()) return Error(ErrorCode::usage, name + " has no failed frames");
    frames = FrameRange::of(failed).text();
  }
  SOUSCHEF_CHECK(ask_for(invocation, order, name, RequestKind::accept, {{"frames", frames}},
                         "will do without frames " + frames));
  return ExitCode::done;
}

Result<ExitCode> cmd_set(Invocation& invocation) {
  std::vector<std::string> names;
  std::optional<std::int64_t> priority;
  Arguments arguments(invocation);
  arguments.positionals("ORDER", names, "by name");
  arguments.option("--priority", "N", priority, "0 to 100, higher first");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  if (!priority) return Error(ErrorCode::usage, "souschef set needs --priority N");
  if (*priority < 0 || *priority > 100) return Error(ErrorCode::usage, "--priority is 0 to 100");
  return ask_each(invocation, names, RequestKind::set, {{"priority", *priority}},
                  "has priority " + std::to_string(*priority));
}

Result<ExitCode> cmd_move(Invocation& invocation) {
  std::string name, place, other;
  Arguments arguments(invocation);
  arguments.positional("ORDER", name, "by name");
  arguments.positional("first|last|urgent|before", place,
                       "where to; urgent: at the next frame, whatever is rendered");
  arguments.optional_positional("OTHER", other, "the order that it is put before");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  if (place != "first" && place != "last" && place != "urgent" && place != "before")
    return Error(ErrorCode::usage,
                 "an order is moved first, last, urgent or before another one, not " + place);
  core::Json request = {{"to", place}};
  if (place == "before") {
    if (other.empty()) return Error(ErrorCode::usage, "before which order?").next_step("souschef list");
    SOUSCHEF_TRY(const NamedOrder before, find_named_order(invocation, other));
    request["before"] = before.id;
  }
  return ask_each(invocation, {name}, RequestKind::move, request,
                  place == "before" ? "comes before " + other : "comes " + place);
}

Result<ExitCode> cmd_delete(Invocation& invocation) {
  std::vector<std::string> names;
  bool yes = false;
  Arguments arguments(invocation);
  arguments.positionals("ORDER", names, "by name");
  arguments.flag("-y,--yes", yes, "do not ask");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  Terminal& terminal = invocation.terminal();
  for (const std::string& name : names) {
    SOUSCHEF_TRY(const NamedOrder order, find_named_order(invocation, name));
    const auto view = core::read_order(order.queue, order.id);
    const bool asks = view && view->ledger.counts().left() > 0 && !yes && terminal.can_ask();
    if (asks && !terminal.confirm("Delete " + name + ", which has " +
                                  counted(view->ledger.counts().left(), "frame") + " to render?"))
      return Error(ErrorCode::cancelled, "nothing was deleted");
  }
  return ask_each(invocation, names, RequestKind::remove, core::Json::object(),
                  "is deleted; its frames stay where they are");
}

Result<ExitCode> cmd_clean(Invocation& invocation) {
  bool hard = false, yes = false;
  Arguments arguments(invocation);
  arguments.flag("--hard", hard, "every order, not only those that are done");
  arguments.flag("-y,--yes", yes, "do not ask");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  Terminal& terminal = invocation.terminal();
  const core::QueueFolder queue = core::queue_of(*production);
  SOUSCHEF_TRY(const auto rows, core::list_orders(queue));
  std::vector<const core::OrderRow*> chosen;
  std::size_t unfinished = 0;
  for (const core::OrderRow& row : rows) {
    if (!hard && row.state != core::OrderState::done) continue;
    chosen.push_back(&row);
    unfinished += core::is_final(row.state) ? 0 : 1;
  }
  if (unfinished > 0 && !yes) {
    if (!terminal.can_ask())
      return Error(ErrorCode::usage, counted(unfinished, "order") + " of them would never be rendered")
          .next_step("souschef clean --hard --yes");
    if (!terminal.confirm("Delete all " + counted(rows.size(), "order") + "? " + std::to_string(unfinished) +
                          " are not rendered yet."))
      return Error(ErrorCode::cancelled, "nothing was deleted");
  }
  for (const core::OrderRow* row : chosen)
    SOUSCHEF_CHECK(ask_for(invocation, {queue, row->id}, row->name, RequestKind::remove, core::Json::object(),
                           "is deleted; its frames stay where they are"));
  terminal.print(std::to_string(chosen.size()) + " of " + counted(rows.size(), "order") + " removed");
  terminal.record({{"type", "summary"}, {"removed", chosen.size()}, {"orders", rows.size()}});
  return ExitCode::done;
}

}  // namespace souschef::cli
