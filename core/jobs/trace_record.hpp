// SPDX-License-Identifier: MIT
// What one file's bytes say, as the tracer reported it: the unit of the trace cache.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>
#include <souschef/tracer.hpp>

namespace souschef::core {

struct TraceRecord {
  std::vector<TracedDatablock> datablocks;
  std::vector<std::uint32_t> use_starts;  // datablock i uses use_targets[use_starts[i] .. use_starts[i + 1])
  std::vector<std::uint32_t> use_targets;
  std::vector<TracedReference> references;
  std::vector<TracedOutput> outputs;
  std::vector<TracedSimulation> simulations;
  std::vector<TraceWarning> warnings;
  std::string facts = "{}";  // JSON

  [[nodiscard]] std::string datablock_name(std::uint32_t index) const {
    return index < datablocks.size() ? datablocks[index].name : std::string();
  }
};

// Runs the tracer. Errors: those of the tracer; `plugin` where it breaks the order of calls or numbers things
// wrongly.
Result<TraceRecord> record_trace(Tracer& tracer, Analysis& analysis);

// The cached form. It is our own, but it comes from disk: everything is checked on the way in.
std::string pack_record(const TraceRecord& record);
Result<TraceRecord> unpack_record(std::string_view bytes);

std::string_view name_of(ReferenceKind kind);  // "image"
std::string_view name_of(OutputKind kind);     // "render"

}  // namespace souschef::core
