// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <souschef/result.hpp>

#include "core/hooks/repository.hpp"
#include "core/jobs/job_store.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

// The job that holds a shot as a revision has it. It may have been banked for another revision: what counts
// is that its files are those which the revision's shot needs, with the revision's bytes. `entry`: its name
// in the production. Errors: those of Repository; not_found (the revision has no such shot, or it was not
// banked, or only with differences, which are named).
Result<JobId> job_at_revision(Production& production, Repository& repository, const std::string& revision,
                              const std::string& entry);

}  // namespace souschef::core
