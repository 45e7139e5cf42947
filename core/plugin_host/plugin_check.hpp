// SPDX-License-Identifier: MIT
// What `souschef plugin check` does with a plugin: starts it in a process of its own and looks whether it
// keeps the rules of docs/format/plugin-protocol.md, also where the program is not kind. For people who write
// plugins, and for their CI. What is checked, and how a plugin brings checks of its own (check.jsonl):
// docs/format/plugin-check.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

#include "core/plugin_host/plugin_host.hpp"

namespace souschef::core {

enum class CheckState : std::uint8_t { passed, warning, failed, skipped };
std::string_view name_of(CheckState state);

struct CheckResult {
  std::string name;  // "describe", "run with a gap"
  CheckState state = CheckState::passed;
  std::string note;  // why it is not simply passed, or what was seen; may be empty
};

struct PluginCheckOptions {
  std::filesystem::path host;  // the program that hosts shared libraries; empty: this one
  PluginLog log;
  std::function<void(const CheckResult&)> on_result;  // as they come
  std::function<bool()> cancelled;
};

struct PluginCheckSummary {
  std::size_t passed = 0, warnings = 0, failed = 0, skipped = 0;
};

// Runs the plugin's code: for a plugin that the caller trusts. Works in a temporary folder. Errors: io (no
// temporary folder), cancelled; what is wrong with the plugin is in the results.
Result<PluginCheckSummary> check_plugin(const std::filesystem::path& folder,
                                        const PluginCheckOptions& options);

}  // namespace souschef::core
