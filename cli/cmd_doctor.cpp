// SPDX-License-Identifier: MIT
#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "core/production/production.hpp"
#include "core/rendering/doctor.hpp"

namespace souschef::cli {

Result<ExitCode> cmd_doctor(Invocation& invocation) {
  Arguments arguments(invocation);
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  Terminal& terminal = invocation.terminal();
  Table table({Align::left, Align::left, Align::left});
  bool any_bad = false;
  for (const core::Finding& finding : core::examine(*production)) {
    terminal.record({{"type", "finding"},
                     {"subject", finding.subject},
                     {"health", core::name_of(finding.health)},
                     {"what", finding.what},
                     {"mend", finding.mend}});
    const bool bad = finding.health == core::Health::bad;
    any_bad = any_bad || bad;
    const Style style = bad                                      ? Style::red
                        : finding.health == core::Health::notice ? Style::yellow
                                                                 : Style::green;
    table.row({terminal.out_style(style, bad                                      ? "bad"
                                         : finding.health == core::Health::notice ? "look"
                                                                                  : "ok"),
               finding.subject, finding.what});
    if (!finding.mend.empty()) table.row({"", "", "-> " + finding.mend});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  return any_bad ? ExitCode::failed : ExitCode::done;
}

}  // namespace souschef::cli
