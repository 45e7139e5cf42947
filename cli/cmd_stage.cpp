// SPDX-License-Identifier: MIT
#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/queue_words.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/production.hpp"
#include "core/rendering/stage_alone.hpp"

namespace souschef::cli {
namespace {

// "crf=20", and "preview.crf=20" as `order` takes it; of another stage it is a mistake.
Result<std::string> own_setting(const std::string& stage, const std::string& word) {
  const std::size_t equals = word.find('='), dot = word.find('.');
  if (equals == std::string::npos)
    return Error(ErrorCode::usage, "not a setting: " + word).next_step("write --set KEY=VALUE");
  if (dot == std::string::npos || dot > equals) return word;
  if (word.substr(0, dot) == stage) return word.substr(dot + 1);
  return Error(ErrorCode::usage, "this is about the stage " + stage + ", not about " + word.substr(0, dot));
}

void report(Terminal& terminal, const std::string& stage, const core::StageAlone& ran) {
  core::Json outputs = core::Json::array();
  for (const core::FileRecord& file : ran.outcome.outputs) outputs.push_back(escape_name(file.path));
  terminal.record({{"type", "stage"},
                   {"order", ran.order.name},
                   {"stage", stage},
                   {"frames", ran.frames},
                   {"done", ran.done},
                   {"outputs", outputs},
                   {"summary", ran.outcome.summary},
                   {"warnings", ran.outcome.warnings}});
  for (const std::string& warning : ran.outcome.warnings) terminal.warn(warning);
  for (const core::FileRecord& file : ran.outcome.outputs)
    terminal.print(escape_name(file.path) + "  " + terminal.out_style(Style::dim, human_bytes(file.size)));
  if (!ran.outcome.summary.empty()) terminal.say(ran.outcome.summary);
  if (!ran.not_kept.empty()) terminal.say("Not kept in the order's record: " + ran.not_kept);
}

}  // namespace

Result<ExitCode> cmd_stage(Invocation& invocation) {
  std::string name, stage;
  std::vector<std::string> settings;
  Arguments arguments(invocation);
  arguments.positional("ORDER", name, "whose frames");
  arguments.positional("STAGE", stage, "a [[stage]] of the config, preview, or a stage plugin");
  arguments.options("--set", "KEY=VALUE", settings, "a setting of the stage; may be repeated");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  SOUSCHEF_TRY(const NamedOrder order, find_named_order(invocation, name));
  core::StageWish wish{order.id, stage, {}};
  for (const std::string& word : settings) {
    SOUSCHEF_TRY(std::string own, own_setting(stage, word));
    wish.overrides.push_back(std::move(own));
  }
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  Terminal& terminal = invocation.terminal();
  auto ran = core::run_stage_alone(
      *production, wish,
      [&](double fraction, std::string_view text) {
        if (fraction >= 0)
          terminal.status(stage + "  " + std::to_string(static_cast<int>(fraction * 100)) + "%  " +
                          std::string(text));
        else if (!text.empty())
          terminal.detail(text);
      },
      [] { return interrupted(); });
  terminal.clear_status();
  if (!ran) return std::move(ran).error();
  report(terminal, stage, *ran);
  return ExitCode::done;
}

}  // namespace souschef::cli
