// SPDX-License-Identifier: MIT
// What a banked .blend says of itself. The artist's file may be gone or changed since: the store's bytes
// count.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/jobs/manifest.hpp"
#include "core/jobs/trace_record.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

// The record of a job's .blend, from the trace cache, else from the store's bytes. Errors: bad_input (no
// tracer reads it), corrupt, io.
Result<std::shared_ptr<const TraceRecord>> trace_of_banked(Production& production, const ManifestFile& file);

// A simulation that is not baked: a jump to a frame gives other pixels than playing to it.
struct UnbakedSimulation {
  std::string blend;  // path in the job
  std::string kind;   // "cloth"
  std::string name;   // of the datablock
  std::int32_t first_frame = 1;
  bool certain = true;  // false: it is in a library, and the shot may not use it
};

// Those of a job. A cache counts as baked only if its files are in the job.
Result<std::vector<UnbakedSimulation>> unbaked_simulations(Production& production, const Manifest& manifest);

// The facts of one scene, by name, or the active one where `name` is empty; null where there is none.
const Json* scene_in(const Json& facts, const std::string& name);

}  // namespace souschef::core
