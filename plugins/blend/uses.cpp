// SPDX-License-Identifier: MIT
#include "plugins/blend/uses.hpp"

#include <algorithm>
#include <string>

#include "plugins/blend/limits.hpp"

namespace souschef::blend {

void Uses::add(std::uint32_t target, bool viewport_only) {
  const auto user = static_cast<std::uint32_t>(starts_.size());
  if (last_user_[target] == user) {
    if (viewport_only) return;
    const auto at = std::lower_bound(viewport_only_.begin(), viewport_only_.end(), place_[target]);
    if (at != viewport_only_.end() && *at == place_[target]) viewport_only_.erase(at);
    return;
  }
  last_user_[target] = user;
  place_[target] = static_cast<std::uint32_t>(targets_.size());
  if (viewport_only) viewport_only_.push_back(place_[target]);
  targets_.push_back(first_ + target);
}

Status Uses::next() {
  if (targets_.size() > kMaxUses)
    return Error(ErrorCode::bad_input,
                 "the .blend has more links between datablocks than any that Blender can open",
                 "more than " + std::to_string(kMaxUses));
  starts_.push_back(static_cast<std::uint32_t>(targets_.size()));
  return {};
}

bool Uses::is_viewport_only(std::uint32_t datablock, std::size_t i) const {
  return std::binary_search(viewport_only_.begin(), viewport_only_.end(), starts_[datablock] + i);
}

}  // namespace souschef::blend
