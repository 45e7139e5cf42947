// SPDX-License-Identifier: MIT
// One stage on what an order has so far, whenever a person wants it: `souschef stage fisk preview`.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/production/production.hpp"
#include "core/rendering/run_stages.hpp"

namespace souschef::core {

struct StageWish {
  std::string order;                   // its id
  std::string stage;                   // a word of the config, a built-in one, or a plugin's id
  std::vector<std::string> overrides;  // "crf=20"
};

struct StageAlone {
  Order order;
  StageOutcome outcome;
  std::string not_kept;  // why what it made is not in the order's journal; empty: it is, or will be
  std::size_t frames = 0, done = 0;  // of the order, at that moment
};

// Waits for nobody: it may run beside a runner. The frames that are done are given to the stage, each as it
// was verified. What it made is told (stage_done), and handed to the holder of the queue for the order's
// journal if the order is over. Errors: not_found (the stage), bad_input
// (settings), missing (no frame is done), those of run_stage.
Result<StageAlone> run_stage_alone(Production& production, const StageWish& wish,
                                   const StageProgress& progress, const std::function<bool()>& cancelled);

}  // namespace souschef::core
