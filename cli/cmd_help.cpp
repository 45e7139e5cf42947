// SPDX-License-Identifier: MIT
#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/help.hpp"
#include "core/base/suggestion.hpp"

namespace souschef::cli {

Result<ExitCode> cmd_help(Invocation& invocation) {
  std::string topic;
  Arguments arguments(invocation);
  arguments.optional_positional("COMMAND", topic, "a command, or a topic: frames, exit-codes");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help || topic.empty()) {
    print_overview(invocation.terminal());
    return ExitCode::done;
  }
  if (const Command* command = find_command(topic)) {
    Invocation inner(invocation.terminal(), command->verb, {"--help"});
    return command->run(inner);
  }
  if (const std::string_view text = help_text(topic); !text.empty()) {
    print_topic(invocation.terminal(), text);
    return ExitCode::done;
  }
  const std::string guess = closest_command(topic);
  return Error(ErrorCode::usage, "there is no help on " + topic)
      .next_step(guess.empty() ? "souschef help" : "did you mean  souschef help " + guess + "?");
}

}  // namespace souschef::cli
