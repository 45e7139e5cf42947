// SPDX-License-Identifier: MIT
// A plugin that lives in processes of its own, as the rest of the program sees it: the same faces as one that
// is built in, filters and wrappers apart.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/process_starter.hpp"
#include "core/plugin_host/plugin_instance.hpp"
#include "core/plugin_host/plugin_manifest.hpp"
#include "core/plugin_host/plugin_process.hpp"

namespace souschef::core {

struct RemotePlugin {
  PluginCommand command;
  std::vector<PluginKind> kinds;
  std::vector<PluginMagic> accepts;
  std::uint32_t tracer_version = 0;   // of cached traces: from the plugin's version and content
  std::function<Status()> may_start;  // asked before each process: still trusted?
};

// Starts a first process, to see that it works. A second one starts where two calls come at once; a few idle
// ones are kept for the next call. The instance is thread-safe, and outlived by `starter`. Errors: those of
// may_start and of PluginProcess::start.
Result<std::unique_ptr<PluginInstance>> start_remote(RemotePlugin plugin, ProcessStarter& starter,
                                                     PluginLog log);

}  // namespace souschef::core
