// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>

#include <souschef/result.hpp>
#include <souschef/tracer.hpp>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/found.hpp"
#include "plugins/blend/unit.hpp"

namespace souschef::blend {

// Called with the number and the place of each reference as it is reported.
using SpotObserver = std::function<void(std::uint32_t reference, const Spot& spot)>;

// Reports all that a file says about what it needs, writes and is, in the order that souschef_trace_sink
// fixes. The same content is always reported the same way, reference by reference: rewriting counts on it.
// Errors: bad_input, unsupported (not to be read), no_space, io, cancelled (the sink wants no more).
Status trace_units(BlendAnalysis& analysis, const Units& units, TraceSink& sink,
                   const SpotObserver& observer = {});

}  // namespace souschef::blend
