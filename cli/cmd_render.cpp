// SPDX-License-Identifier: MIT
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <optional>
#include <utility>

#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/render_display.hpp"
#include "core/base/process.hpp"
#include "core/production/event_delivery.hpp"
#include "core/production/plugin_options.hpp"
#include "core/production/production.hpp"
#include "core/rendering/render.hpp"
#include "core/rendering/render_events.hpp"
#include "core/rendering/watch_folders.hpp"

namespace souschef::cli {
namespace {

std::optional<int> two_digits(std::string_view text, int largest) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 0 && value <= largest ? std::optional(value) : std::nullopt;
}

// From now until the next time that clocks here show "07:00".
Result<std::chrono::nanoseconds> time_until(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto hour = two_digits(std::string_view(text).substr(0, colon), 23);
  const auto minute =
      colon == std::string::npos ? std::nullopt : two_digits(std::string_view(text).substr(colon + 1), 59);
  if (!hour || !minute) return Error(ErrorCode::usage, "--until takes a time of day like 07:00, not " + text);
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  parts.tm_hour = *hour;
  parts.tm_min = *minute;
  parts.tm_sec = 0;
  parts.tm_isdst = -1;
  std::time_t then = std::mktime(&parts);
  if (then <= now) {
    ++parts.tm_mday;
    parts.tm_isdst = -1;
    then = std::mktime(&parts);
  }
  return std::chrono::seconds(then - now);
}

Result<double> cores_in(const std::string& text) {
  double cores = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cores);
  if (error == std::errc() && end == text.data() + text.size() && cores >= 0 && cores < 10000) return cores;
  return Error(ErrorCode::usage, "--busy takes a number of cores like 1.5, not " + text);
}

void report(Terminal& terminal, const core::RenderSummary& summary) {
  terminal.clear_status();
  terminal.record({{"type", "summary"},
                   {"orders_done", summary.orders_done},
                   {"orders_failed", summary.orders_failed},
                   {"orders_left", summary.orders_left},
                   {"frames_done", summary.frames_done},
                   {"frames_failed", summary.frames_failed},
                   {"frames_skipped", summary.frames_skipped}});
  const bool nothing =
      summary.orders_done + summary.orders_failed + summary.frames_done + summary.frames_failed == 0;
  if (summary.end == core::RenderEnd::stopped) {
    terminal.say("Stopped after " + counted(summary.frames_done, "frame") +
                 ". Next: souschef render  goes on from here");
  } else if (summary.end == core::RenderEnd::no_slot) {
    terminal.say("No slot is left: the devices are gone. Next: souschef doctor");
  } else if (nothing && summary.orders_left == 0) {
    terminal.say("There is nothing to render. Next: souschef order SHOT.blend");
  } else if (summary.orders_left > 0) {
    terminal.say(counted(summary.orders_left, "order") + (summary.orders_left == 1 ? " is" : " are") +
                 " left that cannot go on now: souschef list");
  }
}

// What follows the night: `command` is the shell's business, and so is how long it takes.
Status run_then(Terminal& terminal, const std::string& command, const core::RenderSummary& summary) {
  core::ProcessOptions options;
  options.command = {"/bin/sh", "-c", command};
  options.input = options.output = options.errors = core::Stream::inherited;
  options.environment = {{"SOUSCHEF_ORDERS_DONE", std::to_string(summary.orders_done)},
                         {"SOUSCHEF_ORDERS_FAILED", std::to_string(summary.orders_failed)},
                         {"SOUSCHEF_ORDERS_LEFT", std::to_string(summary.orders_left)},
                         {"SOUSCHEF_FRAMES_DONE", std::to_string(summary.frames_done)},
                         {"SOUSCHEF_FRAMES_FAILED", std::to_string(summary.frames_failed)}};
  terminal.say("Then: " + command);
  SOUSCHEF_TRY(const auto process, core::Process::start(options));
  while (!process->wait_for(std::chrono::hours(1))) {
  }
  if (!process->poll()->success()) terminal.warn("--then " + command + ": " + process->poll()->text());
  return {};
}

}  // namespace

Result<ExitCode> cmd_render(Invocation& invocation) {
  core::RenderOptions options;
  std::string until, then, busy;
  Arguments arguments(invocation);
  arguments.optional_positionals("ORDER", options.orders, "only these; else whatever is in the queue");
  arguments.flag("--watch", options.watch, "stay, and render whatever is ordered");
  arguments.options("--slot", "NAME", options.slots, "only on this [[slot]] of the config; may be repeated");
  arguments.option("--until", "HH:MM", until, "begin no frame after this time of day");
  arguments.options("--window", "WHEN", options.windows,
                    "render only then: \"mo-fr 19:00-08:00\"; may be repeated");
  arguments.option("--busy", "CORES", busy, "stand still while other programs use more cores than this");
  arguments.option("--then", "COMMAND", then, "run this when the render has ended by itself");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  if (!until.empty()) {
    SOUSCHEF_TRY(options.run_for, time_until(until));
  }
  if (!busy.empty()) {
    SOUSCHEF_TRY(options.busy, cores_in(busy));
  }
  // The first Ctrl-C lets the frames under way finish, the second gives them up (the next run renders them
  // again), the third ends the program where it stands, which loses no more.
  set_interrupt_patience(2);
  ignore_hangup();
  Terminal& terminal = invocation.terminal();
  options.stop = [&terminal, told = false]() mutable {
    if (!interrupted()) return core::StopWish::none;
    if (terminated() || interrupt_count() > 1) return core::StopWish::now;
    if (!std::exchange(told, true))
      terminal.say("Stopping after the frames that are being rendered; Ctrl-C once more stops at once");
    return core::StopWish::after_frames;
  };

  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  RenderDisplay display(terminal);
  SOUSCHEF_TRY(core::PluginCatalog* const plugins, production->plugins());
  core::EventLog log(production->paths().events());
  // Tells the listeners while we render, and once more what is due when it goes.
  core::EventDeliveryThread delivery(*plugins, log, core::event_listeners(production->config()),
                                     [&](std::string_view, LogLevel, std::string_view problem) {
                                       terminal.warn("a listener was not told: " + std::string(problem));
                                     });
  auto wishes = core::RenderEventsOptions::of(*production);
  wishes.appended = [&] { delivery.wake(); };
  core::RenderEvents events(display, log, std::move(wishes));
  std::optional<core::WatchFolders> folders;
  if (options.watch && !production->config().names("watch").empty()) {
    display.on_overtaken = [&] { folders.reset(); };  // the other one looks at them now
    display.on_started = [&] {
      folders.emplace(
          production->root(),
          core::FolderOrders::Told{
              .ordered =
                  [&](const std::string& name, const std::filesystem::path& file) {
                    terminal.say(name + " was ordered: " + escape_name(file.string()));
                  },
              .trouble =
                  [&](const Error& trouble) {
                    terminal.warn(trouble.line() + (trouble.next.empty() ? "" : "  (" + trouble.next + ")"));
                  }});
    };
  }
  auto summary = core::render(*production, options, events);
  folders.reset();
  if (summary) events.ended(*summary);
  terminal.clear_status();
  if (!summary) return std::move(summary).error();
  report(terminal, *summary);
  if (interrupted()) return ExitCode::interrupted;
  if (!then.empty() && summary->end != core::RenderEnd::stopped)
    SOUSCHEF_CHECK(run_then(terminal, then, *summary));
  if (summary->end == core::RenderEnd::no_slot) return ExitCode::failed;
  const bool failed = summary->orders_failed > 0 || summary->frames_failed > 0;
  return failed ? ExitCode::partly : ExitCode::done;
}

}  // namespace souschef::cli
