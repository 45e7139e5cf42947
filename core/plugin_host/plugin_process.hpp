// SPDX-License-Identifier: MIT
// One running process of a plugin: an executable that speaks JSON lines, or this program as the host of one
// shared library. docs/format/plugin-protocol.md
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <souschef/calls.hpp>
#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/base/line_buffer.hpp"
#include "core/base/process_starter.hpp"
#include "core/plugin_host/plugin_host.hpp"
#include "core/plugin_host/plugin_wire.hpp"

namespace souschef::core {

// PluginLimits in the units of the machine, with those that the protocol fixes.
struct PluginProcessLimits {
  std::chrono::milliseconds hello = std::chrono::seconds(10);
  std::chrono::milliseconds quick = std::chrono::seconds(10);  // every call but the long ones
  std::chrono::milliseconds call = std::chrono::hours(24);
  std::chrono::milliseconds silence = std::chrono::minutes(15);
  std::chrono::milliseconds cancel = std::chrono::seconds(5);  // from the wish to the answer
  std::chrono::milliseconds exit = std::chrono::seconds(2);    // from the end of its input
  std::uint64_t memory = std::uint64_t{8} << 30;               // bytes, of the process and what it started
  std::uint64_t output = std::uint64_t{64} << 20;  // bytes of notes and of standard error, in one call
};

struct PluginCommand {
  std::string id;       // of the plugin
  std::string version;  // as plugin.json says
  std::vector<std::string> command;
  std::filesystem::path folder;
  Json settings = Json::object();
  PluginProcessLimits limits;
};

// One thread at a time. A process that has broken a rule is ended, and is not usable() any more.
class PluginProcess {
 public:
  // Starts it and shakes hands. Errors: not_found, denied (no such program); plugin, timed_out.
  static Result<std::unique_ptr<PluginProcess>> start(ProcessStarter& starter, const PluginCommand& command,
                                                      const PluginLog& log);
  // Closes its input and gives it a moment to go, then ends it.
  ~PluginProcess();
  PluginProcess(const PluginProcess&) = delete;
  PluginProcess& operator=(const PluginProcess&) = delete;

  // `params`: a JSON object. Errors: what the plugin answered; plugin (it died or broke the protocol),
  // timed_out, cancelled. All but the plugin's own name it.
  Result<Json> call(CallContext& context, std::string_view method, std::string_view params);

  // False once it has ended or broken a rule: nothing can be asked any more.
  [[nodiscard]] bool usable();
  [[nodiscard]] const Process& process() const { return *process_; }

 private:
  class Call;
  PluginProcess(PluginCommand command, PluginLog log, std::unique_ptr<Process> process);
  Status shake_hands();
  Result<Json> run(CallContext& context, std::string_view method, std::string_view params,
                   std::chrono::milliseconds time, std::chrono::milliseconds silence);
  Error fault(ErrorCode code, std::string why);
  std::string last_words();

  PluginCommand command_;
  PluginLog log_;
  std::unique_ptr<Process> process_;
  LineBuffer lines_{kMaxLineFromPlugin};
  std::string errors_;  // the end of what it printed on standard error
  std::int64_t last_id_ = 0;
  bool usable_ = true;
};

}  // namespace souschef::core
