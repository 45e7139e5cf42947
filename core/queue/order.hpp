// SPDX-License-Identifier: MIT
// An order: a job in the queue, with how it is to be rendered. Immutable from the moment it is submitted;
// what changes (state, priority, frames) is in its journal. docs/format/order.md is the law.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/frame_range.hpp>
#include <souschef/hash.hpp>
#include <souschef/result.hpp>
#include <souschef/tracer.hpp>

#include "core/base/json.hpp"

namespace souschef::core {

inline constexpr int kOrderVersion = 1;
inline constexpr int kDefaultPriority = 50;  // 0 to 100; higher first
inline constexpr int kDefaultAttempts = 3;

// In which order the frames are handed out.
enum class FrameOrder : std::uint8_t {
  forward,  // by number
  reverse,
  spread,  // first, last, middle, quarters...: a fault anywhere shows early
  list     // as the frame list was written
};
std::string_view name_of(FrameOrder order);
std::optional<FrameOrder> frame_order_named(std::string_view name);

// What the order changes in the opened scene. What is not set stays as the file has it.
struct RenderSettings {
  struct Resolution {
    int width = 0, height = 0;  // 0: the file's
    int percentage = 0;         // 0: 100 where width and height are set, else the file's
    bool operator==(const Resolution&) const = default;
  };
  std::string scene, camera, engine;
  std::vector<std::string> view_layers;
  std::optional<Resolution> resolution;
  int samples = 0;                // 0: the file's
  std::optional<bool> overwrite;  // false: frames whose files exist are skipped
  std::optional<bool>
      placeholders;       // kept for show: frames are handed out one by one, nobody needs placeholders
  bool as_movie = false;  // one movie file, in one piece
  bool autoexec = false;  // scripts in the file may run, whatever the target says
  bool accept_blocked_scripts = false;
  bool operator==(const RenderSettings&) const = default;

  [[nodiscard]] Json to_json() const;
};

// A simulation that is not baked, where the order was made with --allow-unbaked: one slot, forward from here.
struct Unbaked {
  std::int32_t play_from = 1;
  bool operator==(const Unbaked&) const = default;
};

// A file, or a sequence, that another order of the queue writes: the job was banked without it, and gets it
// when that order is done (core/banking/late_inputs). How the file is referred to, as the tracer said it.
struct LateInput {
  std::string path;           // bytes, relative to the production: where the reference leads
  std::string from;           // the .blend of the job that refers to it
  std::string kind;           // "image"
  std::string written, base;  // bytes, as in the .blend
  Expansion expansion = Expansion::file;
  std::string pattern;
  std::int32_t first_frame = 1, last_frame = 0;
  bool remap = false;  // a checkout must point the reference to `path`
  std::string order;   // id of who writes it; a sequence of several has an entry for each
  bool operator==(const LateInput&) const = default;
};
// Each path once, sorted.
std::vector<std::string> paths_of(const std::vector<LateInput>& late);

struct Order {
  std::string id;            // ULID: the name of its folder
  std::string name;          // four letters, for people
  std::optional<JobId> job;  // none: a live order, which renders the working copy
  std::string entry;         // the .blend: bytes, relative to the production's root
  std::string target;        // by the config's name
  std::string renderer;      // plugin id
  FrameRange frames;         // never empty
  FrameOrder frame_order = FrameOrder::forward;
  RenderSettings settings;
  std::string output;  // bytes; absolute, or relative to the production's root; empty: as the file says
  std::vector<std::string> stages;  // after the render, by the config's names
  int priority = kDefaultPriority;
  std::vector<std::string> after;   // ids of orders that must be done before
  int proof = 0;                    // so many spread frames first, then wait for approval; 0: none
  int proof_hours = 0;              // go on without approval after so long; 0: never
  int attempts = kDefaultAttempts;  // for each frame
  bool paused = false;              // submitted in state paused
  std::optional<Unbaked> unbaked;
  std::vector<LateInput> late;
  // What it will write, as far as that is known before the scene is open, below the production and relative
  // to it: the files of its lowest frame that is not negative, and those of its stages.
  std::vector<std::string> writes;
  Json facts =
      Json::object();  // of the scene, from the trace, as docs/format/trace.md has them; for show and stages
  std::string user, host;         // who submitted it
  std::int64_t submitted_ms = 0;  // since 1970, by the submitter's clock
  bool operator==(const Order&) const = default;

  [[nodiscard]] bool live() const { return !job.has_value(); }
};

Json order_json(const Order& order);
// Errors: corrupt; unsupported (made by a newer version).
Result<Order> order_from_json(const Json& json);

}  // namespace souschef::core
