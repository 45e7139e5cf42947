// SPDX-License-Identifier: MIT
#include "core/queue/frame_order.hpp"

#include <algorithm>
#include <deque>

namespace souschef::core {
namespace {

// First, last, middle, then the middles of what lies between, widest first: wherever the fault is, it shows
// after few frames, and what has been rendered is spread evenly at any moment.
std::vector<std::int32_t> spread(const std::vector<std::int32_t>& sorted) {
  std::vector<std::int32_t> result;
  if (sorted.empty()) return result;
  result.push_back(sorted.front());
  if (sorted.size() == 1) return result;
  result.push_back(sorted.back());
  struct Gap {
    std::size_t first, last;  // both taken already
  };
  std::deque<Gap> gaps = {{0, sorted.size() - 1}};
  while (!gaps.empty()) {
    const Gap gap = gaps.front();
    gaps.pop_front();
    if (gap.last - gap.first < 2) continue;
    const std::size_t middle = gap.first + (gap.last - gap.first) / 2;
    result.push_back(sorted[middle]);
    gaps.push_back({gap.first, middle});
    gaps.push_back({middle, gap.last});
  }
  return result;
}

std::vector<std::int32_t> sorted_frames(const FrameRange& frames) {
  std::vector<std::int32_t> sorted = frames.frames();
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace

std::vector<std::int32_t> hand_out_order(const FrameRange& frames, FrameOrder order) {
  if (order == FrameOrder::list) return frames.frames();
  std::vector<std::int32_t> sorted = sorted_frames(frames);
  if (order == FrameOrder::spread) return spread(sorted);
  if (order == FrameOrder::reverse) std::reverse(sorted.begin(), sorted.end());
  return sorted;
}

std::vector<std::int32_t> proof_frames(const FrameRange& frames, std::size_t count) {
  const std::vector<std::int32_t> sorted = sorted_frames(frames);
  if (count >= sorted.size()) return sorted;
  std::vector<std::int32_t> chosen;
  for (std::size_t i = 0; i < count; ++i)
    chosen.push_back(sorted[count == 1 ? sorted.size() / 2 : i * (sorted.size() - 1) / (count - 1)]);
  return chosen;
}

}  // namespace souschef::core
