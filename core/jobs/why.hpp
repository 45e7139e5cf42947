// SPDX-License-Identifier: MIT
// Why is this kept? The chain from a root to a job, a file, or anything in the store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/jobs/roots.hpp"
#include "core/production/production.hpp"
#include "store/store.hpp"

namespace souschef::core {

// One job that needs it, through which of its files, and who needs the job.
struct Chain {
  JobId job;
  std::vector<std::string> files;  // empty where the job itself was asked for
  std::vector<Root> roots;         // empty: nobody; the next collection takes it
};

struct WhyAnswer {
  std::string what;  // "file shots/a.blend, 3 versions", "chunk 7c01…", "job 7c01…"
  std::vector<Chain> chains;
};

// `text`: a job, snapshot or tag as elsewhere; a path of the production (also of a file that is gone); or the
// full id of a content, blob, recipe, node, chunk or pack. Errors: not_found, cancelled.
Result<WhyAnswer> why(Production& production, std::string_view text,
                      const store::CancelFunction& cancelled = {});

}  // namespace souschef::core
