// SPDX-License-Identifier: MIT
// What the program offers to a plugin: souschef_host with its extensions.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <souschef/plugin.h>
#include <souschef/calls.hpp>

#include "core/base/worker_pool.hpp"

namespace souschef::core {

// Where a plugin's lines for the developer's log go; called from any thread.
using PluginLog = std::function<void(std::string_view plugin, LogLevel level, std::string_view message)>;

// The host as one plugin sees it: log lines carry the plugin's id. Outlives the plugin's objects.
// Thread-safe.
class PluginHost {
 public:
  // `pool` is borrowed and outlives the host.
  PluginHost(std::string plugin, WorkerPool& pool, PluginLog log);
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  [[nodiscard]] const souschef_host* c() const { return &host_; }
  [[nodiscard]] const std::string& plugin() const { return plugin_; }
  [[nodiscard]] WorkerPool& pool() const { return pool_; }
  void log(LogLevel level, std::string_view message) const;

 private:
  souschef_host host_;
  std::string plugin_;
  std::string version_;
  WorkerPool& pool_;
  PluginLog log_;
};

}  // namespace souschef::core
