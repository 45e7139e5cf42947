// SPDX-License-Identifier: MIT
#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "core/production/config_edit.hpp"
#include "core/production/config_trust.hpp"
#include "core/production/find_programs.hpp"
#include "core/production/production.hpp"
#include "core/rendering/renderers.hpp"
#include "core/slots/find_devices.hpp"

namespace fs = std::filesystem;

namespace souschef::cli {
namespace {

// What of this machine they may render on; whether a target can only it knows (souschef slots --help).
void list_devices(Terminal& terminal) {
  Table table({Align::left, Align::left, Align::left});
  for (const core::Device& device : core::find_gpus()) {
    const bool by_itself = device.vendor == "nvidia";
    terminal.record({{"type", "device"},
                     {"device", device.uuid},
                     {"vendor", device.vendor},
                     {"model", device.model},
                     {"backends", device.backends},
                     {"slot_by_itself", by_itself}});
    std::string backends;
    for (const std::string& backend : device.backends) backends += (backends.empty() ? "" : ", ") + backend;
    table.row(
        {"  " + device.uuid, device.model, backends + (by_itself ? "" : ", with a [[slot]] of its own")});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
}

Result<ExitCode> list_targets(Invocation& invocation, bool probe) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  Terminal& terminal = invocation.terminal();
  const std::string chosen = production->config().text("default_target");
  Table table({Align::left, Align::left, Align::left, Align::left});
  bool all_good = true;
  bool first = true;
  for (const core::ProbedTarget& probed : core::probe_targets(*production, probe)) {
    const bool is_default = chosen.empty() ? first : probed.target.name == chosen;
    first = false;
    const bool good = probed.exists && probed.problem.empty();
    all_good = all_good && good;
    terminal.record({{"type", "target"},
                     {"name", probed.target.name},
                     {"path", probed.target.path.string()},
                     {"default", is_default},
                     {"exists", probed.exists},
                     {"version", probed.version},
                     {"build", probed.build},
                     {"trusted", probed.is_trusted},
                     {"problem", probed.problem}});
    std::string note = probed.version.empty() ? "" : "Blender " + probed.version;
    if (!probed.build.empty()) note += " (" + probed.build + ")";
    if (!probed.exists) note = "missing";
    if (!probed.problem.empty()) note += (note.empty() ? "" : ", ") + probed.problem;
    const Style style = good ? Style::plain : Style::red;
    table.row({is_default ? "*" : " ",
               terminal.out_style(good ? Style::bold : Style::red, probed.target.name),
               terminal.out_style(style, probed.target.path.string()), terminal.out_style(style, note)});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  list_devices(terminal);
  if (table.empty()) {
    terminal.say("No targets. Next: souschef targets add blender /path/to/blender");
    return ExitCode::partly;
  }
  return all_good ? ExitCode::done : ExitCode::partly;
}

Result<ExitCode> add_target(Invocation& invocation, const std::string& name, const std::string& path) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  if (name.empty() || path.empty())
    return Error(ErrorCode::usage, "souschef targets add needs a name and a path")
        .next_step("souschef targets add lts /opt/blender/blender");
  const fs::path program = invocation.absolute(path);
  if (!core::is_program(program))
    return Error(ErrorCode::not_found, "there is no program " + program.string())
        .next_step("give the path of the blender executable");
  const core::TrustedEdit edit(*production);
  SOUSCHEF_CHECK(core::add_named_table(production->paths().dot / "config.toml", "target", name,
                                       {{"path", program.string()}}));
  SOUSCHEF_TRY(const auto again, core::Production::open(production->root()));
  SOUSCHEF_CHECK(edit.finish(*again));
  invocation.terminal().print("added target " + name + ": " + program.string());
  return ExitCode::done;
}

}  // namespace

Result<ExitCode> cmd_targets(Invocation& invocation) {
  std::string action, name, path;
  Arguments arguments(invocation);
  arguments.optional_positional("ACTION", action,
                                "add NAME PATH, or probe; without one the targets are listed");
  arguments.optional_positional("NAME", name, "of the new target");
  arguments.optional_positional("PATH", path, "of its Blender");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  if (action.empty()) return list_targets(invocation, true);
  if (action == "probe") return list_targets(invocation, true);
  if (action == "add") return add_target(invocation, name, path);
  return Error(ErrorCode::usage, "targets knows add and probe, not " + action)
      .next_step("souschef targets --help");
}

}  // namespace souschef::cli
