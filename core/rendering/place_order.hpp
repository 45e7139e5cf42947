// SPDX-License-Identifier: MIT
// Ordering: from a shot and a person's wishes to an order in the queue.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/banking/snapshot.hpp"
#include "core/production/production.hpp"
#include "core/queue/order.hpp"
#include "core/queue/queue_folder.hpp"
#include "core/rendering/planned_outputs.hpp"

namespace souschef::core {

// What was asked for. What is not set comes from the preset, then from the config, then from the file.
struct OrderWishes {
  std::filesystem::path blend;  // absolute; or, where empty:
  std::optional<JobId> job;
  bool live = false;  // the working copy is rendered, nothing is banked
  bool allow_missing = false, allow_outside = false, include_unused = false;

  std::string id;  // ULID; empty: a new one. Of two orders with the same id the queue takes the first
  std::string name, target, preset;
  std::string output;  // absolute, or relative to the production; may hold words in braces
  std::string frames;  // a frame list
  std::optional<FrameOrder> frame_order;
  std::string resolution;
  std::string scene, camera, engine;
  std::vector<std::string> view_layers;
  std::optional<std::int64_t> samples;
  std::optional<bool> overwrite, placeholders;
  bool as_movie = false, autoexec = false, accept_blocked_scripts = false, allow_unbaked = false;
  std::optional<std::vector<std::string>> stages;  // "render" in it is passed over
  std::optional<std::int64_t> priority, attempts, proof, proof_hours;
  std::vector<std::string> after;  // names or ids of orders
  std::string replaces;            // name or id of an order that goes when the new one stands
  bool paused = false;
  bool no_late = false;  // what other orders are going to write is taken as it is now, or missing
};

struct PlacedOrder {
  Order order;
  std::optional<SnapshotResult> snapshot;  // where a .blend was banked
  std::vector<PlannedOutput> outputs;      // of a dry run: where everything would go
  std::vector<std::string> notes;          // for people: what was decided for them
  std::string replaced;                    // name of the order that went
  std::string waiting_for;                 // the runner that will take it in; empty: it is in the queue
};

// Banks (unless live, or a job is given), works everything out and hands the order in. With `dry_run` it
// stops before anything is handed in, and banks nothing: the working file is read. The scene's facts come
// from the trace; Blender is not started.
//
// Errors: those of take_snapshot; not_found (job, target, preset, stage, scene, camera, order) with
// suggestions; usage (frames, resolution, template); exists (the name is taken); bad_input (simulations that
// are not baked, with their names; a scene without a camera).
Result<PlacedOrder> place_order(Production& production, const OrderWishes& wishes,
                                const SnapshotEvents& events, bool dry_run = false);

QueueFolder queue_of(const Production& production);

}  // namespace souschef::core
