// SPDX-License-Identifier: MIT
#include "plugins/blend/blend_tracer.hpp"

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/rewrite.hpp"
#include "plugins/blend/trace.hpp"
#include "plugins/blend/unit.hpp"

namespace souschef::blend {

Status BlendTracer::trace(Analysis& analysis, TraceSink& sink) {
  BlendAnalysis& blend = blend_analysis(analysis);
  SOUSCHEF_TRY(const BlendFile* file, blend.file(Reading::skim));
  SOUSCHEF_TRY(const Units units, open_units(*file, blend.temporary_folder(), blend.host()));
  return trace_units(blend, units, sink);
}

Status BlendTracer::rewrite(Analysis& analysis, std::span<const PathChange> changes, ByteSink& out) {
  return rewrite_paths(blend_analysis(analysis), changes, out);
}

}  // namespace souschef::blend
