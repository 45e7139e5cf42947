// SPDX-License-Identifier: MIT
// Files that a shot needs and that another order of the queue has yet to render: an edit waits for its shots.
#pragma once

#include <vector>

#include <souschef/result.hpp>

#include "core/banking/future_files.hpp"
#include "core/banking/trace.hpp"
#include "core/jobs/manifest.hpp"
#include "core/production/production.hpp"
#include "core/queue/order.hpp"

namespace souschef::core {

// The dependencies that `future` writes become `late`, whether something lies there now or not; what they
// were is returned, each once. Only what lies below the production can be late.
std::vector<LateInput> mark_late(const Production& production, FutureFiles& future, Trace& trace);

// Late inputs as a manifest names what it lacks.
std::vector<ManifestMissing> missing_of(const std::vector<LateInput>& late);

// The job with its late inputs in it, as they lie in the production now: banked, with a record of its own
// whose origin is the order. Errors: those of JobStore::load; missing (an input is still not there, each is
// named); denied (it is a link that leads out of the production); changed, no_space, cancelled.
Result<JobId> bind_late_inputs(Production& production, JobId job, const std::vector<LateInput>& late,
                               const store::CancelFunction& cancelled);

}  // namespace souschef::core
