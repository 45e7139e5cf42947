// SPDX-License-Identifier: MIT
// Which packs go? Those of which nothing is needed, at once. For the others a rewrite costs reading and
// writing what is needed of them, so it must pay:
//
//   pack    size   needed     in order of waste, until the waste of all that is kept is at most a tenth:
//   A       60 MB  58 MB      kept
//   B       60 MB   6 MB      rewritten first: 6 MB written, 54 MB back
//   C       60 MB  40 MB      rewritten if A and C together waste too much
//
// A rewrite copies frames that are mostly needed as they are (reading and writing is cheaper than packing
// anew) and packs the needed objects of the others into new frames. If so much is left in the copied frames
// that the waste stays above its bound, only frames that are needed whole are copied as they are.
//
// Many small packs (each snapshot makes one) are merged when there are too many: opening a pack costs more
// than reading it.
#include "store/gc_plan.hpp"

#include <algorithm>
#include <numeric>

namespace souschef::store {

namespace {

constexpr double kVerbatim = 0.85, kVerbatimStrict = 1.0;

std::uint64_t live_part(const FrameUsage& frame) {
  if (!frame.any_live) return 0;
  if (frame.raw == 0 || frame.live_raw >= frame.raw) return frame.size;
  return static_cast<std::uint64_t>(frame.size) * frame.live_raw / frame.raw;
}

bool verbatim(const FrameUsage& frame, double from) {
  return frame.any_live && frame.live_raw >= from * frame.raw;
}

class Planner {
 public:
  Planner(std::span<const PackUsage> packs, const GcRules& rules) : packs_(packs), rules_(rules) {
    for (const PackUsage& pack : packs) plan_.packs.push_back(first_decision(pack));
  }

  GcPlan run() {
    choose_wasteful(kVerbatim);
    if (waste_after(kVerbatim) > allowed()) {
      plan_.verbatim_from = kVerbatimStrict;
      choose_wasteful(kVerbatimStrict);
    }
    choose_small();
    fit_into_room();
    sum_up();
    return std::move(plan_);
  }

 private:
  static PackDecision first_decision(const PackUsage& pack) {
    PackDecision decision;
    decision.pack = pack.id;
    decision.size = pack.size;
    for (const FrameUsage& frame : pack.frames) decision.live += live_part(frame);
    if (pack.unreadable)
      decision.reason = FateReason::unreadable;
    else if (!pack.protector.empty())
      decision.reason = FateReason::begun_by_lease;
    else if (std::none_of(pack.frames.begin(), pack.frames.end(), [](const auto& f) { return f.any_live; }))
      decision = {pack.id, PackFate::drop, FateReason::unneeded, pack.size, 0, 0};
    return decision;
  }

  [[nodiscard]] bool free_to_choose(std::size_t i) const {
    return plan_.packs[i].fate == PackFate::keep && plan_.packs[i].reason == FateReason::needed;
  }
  // What nobody needs of a pack after a rewrite: the rest of frames that are copied as they are.
  [[nodiscard]] std::uint64_t left_over(std::size_t i, double from) const {
    std::uint64_t bytes = 0;
    for (const FrameUsage& frame : packs_[i].frames)
      if (verbatim(frame, from)) bytes += frame.size - live_part(frame);
    return bytes;
  }
  // Of a pack as it is; its own tables do not count.
  [[nodiscard]] std::uint64_t waste(std::size_t i) const {
    std::uint64_t bytes = 0;
    for (const FrameUsage& frame : packs_[i].frames) bytes += frame.size - live_part(frame);
    return bytes;
  }
  [[nodiscard]] std::uint64_t waste_after(double from) const {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < packs_.size(); ++i) {
      if (plan_.packs[i].fate == PackFate::rewrite) bytes += left_over(i, from);
      if (free_to_choose(i)) bytes += waste(i);
    }
    return bytes;
  }
  [[nodiscard]] std::uint64_t allowed() const {
    std::uint64_t live = 0;
    for (const PackDecision& pack : plan_.packs) live += pack.live;
    return static_cast<std::uint64_t>(rules_.most_waste * static_cast<double>(live));
  }

  void choose_wasteful(double from) {
    std::vector<std::size_t> order(packs_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto share = [&](std::size_t i) {
      return static_cast<double>(waste(i)) / static_cast<double>(std::max<std::uint64_t>(packs_[i].size, 1));
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return share(a) > share(b); });
    const std::uint64_t bound = allowed();
    std::uint64_t left = waste_after(from);
    for (const std::size_t i : order) {
      if (left <= bound) return;
      if (!free_to_choose(i) || waste(i) <= left_over(i, from)) continue;
      left -= waste(i) - left_over(i, from);
      rewrite(i, FateReason::wasteful);
    }
  }

  void choose_small() {
    std::vector<std::size_t> small;
    for (std::size_t i = 0; i < packs_.size(); ++i)
      if (free_to_choose(i) && packs_[i].size < rules_.small_pack) small.push_back(i);
    if (small.size() <= rules_.most_small_packs) return;
    for (const std::size_t i : small) rewrite(i, FateReason::small);
  }

  void rewrite(std::size_t i, FateReason reason) {
    plan_.packs[i].fate = PackFate::rewrite;
    plan_.packs[i].reason = reason;
  }

  // Where space is short those come first that give back most for what they write.
  void fit_into_room() {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < packs_.size(); ++i) {
      if (plan_.packs[i].fate != PackFate::rewrite) continue;
      plan_.packs[i].copied = plan_.packs[i].live + left_over(i, plan_.verbatim_from);
      order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return plan_.packs[a].copied * plan_.packs[b].size < plan_.packs[b].copied * plan_.packs[a].size;
    });
    std::uint64_t room = rules_.most_copied;
    for (const std::size_t i : order) {
      PackDecision& decision = plan_.packs[i];
      if (decision.copied <= room) {
        room -= decision.copied;
        continue;
      }
      decision.fate = PackFate::keep;
      decision.reason = FateReason::no_room;
      decision.copied = 0;
      plan_.limited = true;
    }
  }

  void sum_up() {
    for (const PackDecision& decision : plan_.packs) {
      (decision.fate == PackFate::keep   ? plan_.kept
       : decision.fate == PackFate::drop ? plan_.dropped
                                         : plan_.rewritten) += decision.size;
      plan_.copied += decision.copied;
      plan_.live += decision.live;
    }
  }

  std::span<const PackUsage> packs_;
  const GcRules& rules_;
  GcPlan plan_;
};

}  // namespace

std::string_view words_for(FateReason reason) {
  switch (reason) {
    case FateReason::needed:
      return "needed";
    case FateReason::begun_by_lease:
      return "its writer is still at work";
    case FateReason::unreadable:
      return "damaged: souschef repair";
    case FateReason::no_room:
      return "no room to rewrite it now";
    case FateReason::unneeded:
      return "nothing in it is needed";
    case FateReason::wasteful:
      return "much of it is not needed";
    case FateReason::small:
      return "merged with other small packs";
  }
  return "?";
}

GcPlan plan_gc(std::span<const PackUsage> packs, const GcRules& rules) {
  return Planner(packs, rules).run();
}

}  // namespace souschef::store
