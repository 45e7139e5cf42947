// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/jobs/trace_record.hpp"
#include "core/production/production.hpp"
#include "core/queue/order.hpp"

namespace souschef::core {

// Where one output of the scene will go; templates, without frame numbers. Bytes.
struct PlannedOutput {
  std::string node;         // name of the File Output node; empty: the render itself
  std::string written;      // as it stands in the file
  std::string natural;      // where that is, seen from the .blend's place in the production
  std::string destination;  // where it goes
  // The files of the first frame, absolute; '*' in the place of what only the renderer knows.
  std::vector<std::string> first_files;
};

// What an order would write, from the trace of its .blend: the renderer plugin decides, Blender is not
// started. Muted nodes are left out. Errors: not_found (target), those of the plugin.
Result<std::vector<PlannedOutput>> planned_outputs(Production& production, const Order& order,
                                                   const TraceRecord& record);

// What the order is going to write, absolute: the files of its lowest frame that is not negative, and beside
// them those of its stages, whose names `stage_outputs` are. What only the renderer can name is left out.
Result<std::vector<std::filesystem::path>> planned_files(Production& production, const Order& order,
                                                         const TraceRecord& record,
                                                         const std::vector<std::string>& stage_outputs);

}  // namespace souschef::core
