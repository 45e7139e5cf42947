// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_command.hpp"

#include <system_error>

#include "core/plugin_host/plugin_server.hpp"

namespace souschef::core {
namespace {

PluginProcessLimits process_limits(const PluginLimits& limits) {
  PluginProcessLimits process;
  process.call = std::chrono::seconds(limits.seconds);
  process.silence = std::chrono::seconds(limits.silence_seconds);
  process.memory = static_cast<std::uint64_t>(limits.memory_mib) << 20;
  process.output = static_cast<std::uint64_t>(limits.output_mib) << 20;
  return process;
}

}  // namespace

PluginCommand plugin_command(const PluginManifest& manifest, const std::filesystem::path& folder,
                             Json settings, const std::filesystem::path& host) {
  PluginCommand command{manifest.id, manifest.version,    manifest.program->command,
                        folder,      std::move(settings), process_limits(manifest.limits)};
  std::error_code failed;
  if (manifest.program->is_library) {
    command.command = {host.empty() ? "/proc/self/exe" : host.string(), std::string(kPluginHostVerb),
                       folder.string()};
  } else if (std::filesystem::exists(folder / command.command.front(), failed)) {
    command.command.front() = (folder / command.command.front()).string();
  }
  return command;
}

}  // namespace souschef::core
