// SPDX-License-Identifier: MIT
// A trace as the plugin protocol writes it: the answer to tracer.trace, and the changes of tracer.rewrite.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <souschef/result.hpp>
#include <souschef/tracer.hpp>

#include "core/base/json.hpp"

namespace souschef::core {

// The words of Expansion, in its order; in answers and in order.json: one that was released keeps its
// meaning.
inline constexpr std::array<std::string_view, 8> kExpansionWords = {
    "file", "last_digits", "trailing_digits", "udim", "uvtile", "folder", "point_cache", "views"};

// Tells `sink` what an answer says, in the order that souschef_trace_sink fixes. Errors: `plugin` naming the
// member that is wrong; cancelled where the sink says stop.
Status replay_trace(const Json& answer, TraceSink& sink);

// Collects a trace as such an answer.
class TraceAnswer final : public TraceSink {
 public:
  bool datablock(const TracedDatablock& datablock) override;
  bool uses(std::uint32_t from, std::span<const std::uint32_t> to) override;
  bool reference(const TracedReference& reference) override;
  bool output(const TracedOutput& output) override;
  bool simulation(const TracedSimulation& simulation) override;
  bool facts(std::string_view json) override;
  bool warning(const TraceWarning& warning) override;

  [[nodiscard]] Json take() { return std::move(answer_); }

 private:
  Json& list(const char* name);
  Json answer_ = {{"references", Json::array()}};
};

Json changes_json(std::span<const PathChange> changes);
Result<std::vector<PathChange>> read_changes(const Json& list);

}  // namespace souschef::core
