// SPDX-License-Identifier: MIT
// What garbage collection would do, as a pure function of what is used. The .cpp teaches the choice.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/hash.hpp>

namespace souschef::store {

struct GcRules {
  double most_waste = 0.10;                // share of the kept packs that nobody may need
  std::uint64_t small_pack = 4U << 20;     // packs below this are merged…
  std::size_t most_small_packs = 64;       // …when there are more of them than this
  std::uint64_t most_copied = UINT64_MAX;  // bytes of new packs that may be written: what the disk has left
};

struct FrameUsage {
  std::uint32_t size = 0;  // on disk, header included
  std::uint32_t raw = 0;
  std::uint32_t live_raw = 0;
  bool any_live = false;
};

struct PackUsage {
  PackId id;
  std::uint64_t size = 0;
  std::string protector;  // a living lease under which it was begun; empty: none
  bool unreadable = false;
  std::vector<FrameUsage> frames;
};

enum class PackFate : std::uint8_t {
  keep,
  rewrite,  // its live objects move to a new pack
  drop      // nothing in it is needed
};
enum class FateReason : std::uint8_t {
  needed,          // most of it, that is
  begun_by_lease,  // whoever wrote it may not have said yet what it is for
  unreadable,      // nobody can say what is in it
  no_room,         // it should be rewritten, but there is no space: first the others
  unneeded,
  wasteful,  // too much of it is not needed
  small      // it is merged with others
};
std::string_view words_for(FateReason reason);

struct PackDecision {
  PackId pack;
  PackFate fate = PackFate::keep;
  FateReason reason = FateReason::needed;
  std::uint64_t size = 0;
  std::uint64_t live = 0;    // stored bytes of what is needed, an estimate where frames are shared
  std::uint64_t copied = 0;  // what a rewrite would write
};

struct GcPlan {
  std::vector<PackDecision> packs;  // in the order of the usage
  // Frames of which at least this share is live are copied as they are.
  double verbatim_from = 0.85;
  bool limited = false;                                // more is to be done once there is room
  std::uint64_t kept = 0, dropped = 0, rewritten = 0;  // bytes of packs by fate
  std::uint64_t copied = 0;                            // estimate
  std::uint64_t live = 0;                              // stored bytes that are needed

  [[nodiscard]] bool empty() const { return dropped == 0 && rewritten == 0; }
  // What the disk gets back once the trash is empty.
  [[nodiscard]] std::uint64_t freed() const {
    return dropped + rewritten > copied ? dropped + rewritten - copied : 0;
  }
};

GcPlan plan_gc(std::span<const PackUsage> packs, const GcRules& rules);

}  // namespace souschef::store
