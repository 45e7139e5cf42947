// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <thread>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/table.hpp"
#include "core/base/local_time.hpp"
#include "core/base/suggestion.hpp"
#include "core/events/event_cursor.hpp"
#include "core/events/events.hpp"
#include "core/production/event_delivery.hpp"
#include "core/production/plugin_options.hpp"
#include "core/production/production.hpp"

namespace souschef::cli {
namespace {

// The log is looked at this often: other machines append to it, and nothing tells us.
constexpr auto kEvery = std::chrono::milliseconds(500);

struct Wanted {
  std::string order, name;

  [[nodiscard]] bool fits(const core::Event& event) const {
    return (order.empty() || event.order.name == order || event.order.id == order) &&
           (name.empty() || event.name == name);
  }
};

// With its seconds, by the clocks here.
std::string local_second(const std::string& utc) {
  const auto since_1970 = std::chrono::duration_cast<std::chrono::milliseconds>(core::utc_time(utc));
  return core::local_time(since_1970.count(), "%Y-%m-%d %H:%M:%S");
}

Style style_of(const std::string& name) {
  if (name.ends_with("failed") || name == "slot_lost") return Style::red;
  if (name.ends_with("_done") || name == "queue_empty") return Style::green;
  const core::EventName* known = core::event_name(name);
  return known != nullptr && known->told_by_default ? Style::yellow : Style::plain;
}

void print(Terminal& terminal, const core::Event& event) {
  core::Json record = event.json();
  record["type"] = "event";
  terminal.record(record);
  terminal.print(terminal.out_style(Style::dim, local_second(event.time)) + "  " +
                 terminal.out_style(style_of(event.name), event.name) + "  " + event.message);
}

// Everything from the reader's place to the end for now; of it the last `count`, or all.
Status print_all(Terminal& terminal, core::EventReader& reader, const Wanted& wanted,
                 std::optional<std::int64_t> count) {
  std::vector<core::Event> kept;
  while (!interrupted()) {
    SOUSCHEF_TRY(const auto event, reader.peek());
    if (!event) break;
    reader.pass();
    if (!wanted.fits(*event)) continue;
    if (!count) {
      print(terminal, *event);
      continue;
    }
    kept.push_back(*event);
    // Cut in pieces: one by one would move the list each time.
    const auto limit = static_cast<std::size_t>(*count);
    if (kept.size() > 2 * limit + 1000)
      kept.erase(kept.begin(), kept.end() - static_cast<std::ptrdiff_t>(limit));
  }
  const std::size_t limit = count ? static_cast<std::size_t>(*count) : kept.size();
  for (std::size_t i = kept.size() > limit ? kept.size() - limit : 0; i < kept.size(); ++i)
    print(terminal, kept[i]);
  return {};
}

// Tells the listeners of the config what they have not heard yet.
Result<ExitCode> deliver(Invocation& invocation, core::Production& production, const core::EventLog& log) {
  class Context final : public CallContext {
   public:
    [[nodiscard]] bool cancelled() const override { return interrupted(); }
    void progress(double, std::string_view) override {}
    void log(LogLevel, std::string_view) override {}
  } context;
  SOUSCHEF_TRY(core::PluginCatalog* const plugins, production.plugins());
  core::EventDelivery delivery(*plugins, log, core::event_listeners(production.config()));
  const core::DeliveryOutcome outcome = delivery.deliver(context);
  Terminal& terminal = invocation.terminal();
  for (const std::string& problem : outcome.problems) terminal.warn(problem);
  terminal.record(
      {{"type", "delivery"}, {"told", outcome.told}, {"failed", outcome.failed}, {"lost", outcome.lost}});
  terminal.print(counted(outcome.told, "event") + " told, " + std::to_string(outcome.failed) +
                 " to be tried again, " + std::to_string(outcome.lost) + " given up");
  return outcome.problems.empty() ? ExitCode::done : ExitCode::partly;
}

void list_names(Terminal& terminal) {
  Table table({Align::left, Align::left, Align::left});
  for (const core::EventName& name : core::event_names()) {
    terminal.record({{"type", "event_name"},
                     {"name", name.name},
                     {"told_by_default", name.told_by_default},
                     {"summary", name.summary}});
    table.row({name.told_by_default ? "*" : " ", std::string(name.name),
               terminal.out_style(Style::dim, name.summary)});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  terminal.say("* is told to listeners that do not say what they want to hear of");
}

}  // namespace

Result<ExitCode> cmd_events(Invocation& invocation) {
  std::string action;
  Wanted wanted;
  bool follow = false, all = false;
  std::optional<std::int64_t> count;
  Arguments arguments(invocation);
  arguments.optional_positional("ACTION", action,
                                "deliver: tell the listeners now; names: what there is to hear of");
  arguments.flag("-f,--follow", follow, "stay, and print what happens");
  arguments.option("-n,--lines", "N", count, "only the last N; 50 where nothing is said");
  arguments.flag("-a,--all", all, "from the beginning");
  arguments.option("--order", "ORDER", wanted.order, "only what is about this order");
  arguments.option("--name", "EVENT", wanted.name, "only these: order_done, frame_failed, ...");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  Terminal& terminal = invocation.terminal();
  if (action == "names") return list_names(terminal), ExitCode::done;
  if (!action.empty() && action != "deliver")
    return Error(ErrorCode::usage, "souschef events takes deliver or names, not " + action)
        .next_step("souschef events --help");
  if (count && *count < 0) return Error(ErrorCode::usage, "--lines cannot be below 0");
  if (!wanted.name.empty() && core::event_name(wanted.name) == nullptr) {
    std::vector<std::string> known;
    for (const core::EventName& name : core::event_names()) known.emplace_back(name.name);
    const std::string meant = core::closest_word(wanted.name, known);
    return Error(ErrorCode::usage, "there is no event " + wanted.name)
        .next_step(meant.empty() ? "souschef events names" : "did you mean " + meant + "?");
  }

  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  const core::EventLog log(production->paths().events());
  if (action == "deliver") return deliver(invocation, *production, log);
  core::EventReader reader(log);
  if (!all && !count) count = 50;
  SOUSCHEF_CHECK(print_all(terminal, reader, wanted, all ? std::nullopt : count));
  while (follow && !interrupted()) {
    std::this_thread::sleep_for(kEvery);
    SOUSCHEF_CHECK(print_all(terminal, reader, wanted, std::nullopt));
  }
  return interrupted() ? ExitCode::interrupted : ExitCode::done;
}

}  // namespace souschef::cli
