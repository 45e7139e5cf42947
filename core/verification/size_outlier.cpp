// SPDX-License-Identifier: MIT
#include "core/verification/size_outlier.hpp"

#include <algorithm>
#include <vector>

namespace souschef::core {
namespace {

constexpr std::size_t kNeighbours = 8, kFewest = 4;
constexpr std::uint64_t kMuch = 4;          // times
constexpr std::uint64_t kLittle = 8 << 10;  // bytes

}  // namespace

bool is_size_outlier(const OrderLedger& ledger, std::int32_t frame, std::uint64_t size) {
  const auto& frames = ledger.frames();
  const auto here =
      std::lower_bound(frames.begin(), frames.end(), frame,
                       [](const FrameRecord& each, std::int32_t at) { return each.frame < at; });
  std::vector<std::uint64_t> sizes;
  const auto take = [&](const FrameRecord& each) {
    if (each.frame != frame && each.state == FrameState::done && !each.files.empty())
      sizes.push_back(each.files.front().size);
  };
  auto before = here, after = here;
  while (sizes.size() < kNeighbours && (before != frames.begin() || after != frames.end())) {
    if (before != frames.begin()) take(*--before);
    if (after != frames.end()) take(*after++);
  }
  if (sizes.size() < kFewest) return false;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  const std::uint64_t low = std::min(size, *middle), high = std::max(size, *middle);
  return high - low > kLittle && high / kMuch > low;
}

}  // namespace souschef::core
