// SPDX-License-Identifier: MIT
#include <souschef/plugin.h>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "core/base/version.hpp"
#include "core/plugin_host/plugin_catalog.hpp"

namespace souschef::cli {

Result<ExitCode> cmd_version(Invocation& invocation) {
  Arguments arguments(invocation);
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  Terminal& terminal = invocation.terminal();
  const std::string abi = std::to_string(SOUSCHEF_ABI_MAJOR) + "." + std::to_string(SOUSCHEF_ABI_MINOR);
  core::Json record = {{"type", "version"}, {"version", core::product_version()}, {"plugin_abi", abi}};
  terminal.print("souschef " + std::string(core::product_version()) + "  (plugin ABI " + abi + ")");
  SOUSCHEF_TRY(const auto catalog, core::PluginCatalog::open({}));
  for (const core::PluginRecord* plugin : catalog->plugins()) {
    if (plugin->origin != core::PluginOrigin::builtin) continue;
    record["plugins"][plugin->manifest.id] = plugin->manifest.version;
    terminal.print("  " + plugin->manifest.id + " " + plugin->manifest.version);
    if (plugin->state != core::PluginState::ok)
      terminal.warn("the built-in plugin " + plugin->manifest.id + " does not work: " + plugin->reason);
  }
  terminal.record(record);
  return ExitCode::done;
}

}  // namespace souschef::cli
