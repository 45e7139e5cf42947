// SPDX-License-Identifier: MIT
// The steps after the render: stage plugins that get the verified frames of an order.
// docs/format/plugin-protocol.md, "Stages".
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/production/plugin_options.hpp"
#include "core/production/production.hpp"
#include "core/queue/order.hpp"
#include "core/queue/order_ledger.hpp"

namespace souschef::core {

class Renderer;

// What an order's frames are to its stages; `facts` of the scene as it was opened, `override_path` as the
// order says. A value: handed to another thread.
struct StageInput {
  Order order;
  std::vector<FrameRecord> frames;
  Json facts;
  std::vector<StageRecord> earlier;  // the stages before it; of those that are done it hears what they made
  std::filesystem::path production_root;
  std::filesystem::path root;         // the frames' files are relative to it
  std::filesystem::path work_folder;  // made and removed by run_stage
  // Where the order's .blend can be opened: its checkout, made if need be. Called where a stage wants the
  // scene's sound. Empty: nowhere.
  std::function<Result<std::filesystem::path>()> entry;
};

struct StageOutcome {
  std::vector<FileRecord> outputs;  // absolute
  std::string summary;
  std::vector<std::string> warnings;
};

using StageProgress = std::function<void(double fraction, std::string_view text)>;

// What a stage will make of an order that is being placed, by its settings: names below the output folder,
// "{frame}" in them for the frame's number. Errors: the plugin's own (settings that do not fit together);
// plugin, where it names something outside of the folder. Secrets are not shown to it: they need not be known
// where one orders.
Result<std::vector<std::string>> describe_stage(PluginCatalog& plugins, const StageDefinition& stage,
                                                const Order& order,
                                                const std::filesystem::path& production_root);

// Runs one stage to its end. Any thread. Errors: those of the plugin; not_found where an output that it names
// does not exist; cancelled.
Result<StageOutcome> run_stage(PluginCatalog& plugins, const Renderer& renderer, const StageDefinition& stage,
                               std::uint32_t attempt, const StageInput& input, const StageProgress& progress,
                               const std::function<bool()>& cancelled);

}  // namespace souschef::core
