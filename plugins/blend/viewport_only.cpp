// SPDX-License-Identifier: MIT
#include "plugins/blend/viewport_only.hpp"

#include <cstdint>

namespace souschef::blend {
namespace {

enum class Seen : std::uint8_t { never, in_viewport, in_render };

}  // namespace

std::vector<bool> find_viewport_only(const Unit& unit, const Uses& uses) {
  const Datablocks& datablocks = unit.file->datablocks();
  const auto code_at = [&](std::uint32_t d) {
    return unit.file->blocks().groups()[datablocks.group(d)].code;
  };
  std::vector<Seen> seen(datablocks.size(), Seen::never);
  std::vector<bool> result(datablocks.size());

  const Code texture = code_of("TE");
  const auto look = [&](bool textures) {
    for (std::uint32_t d = 0; d < datablocks.size(); ++d) {
      if ((code_at(d) == texture) != textures) continue;
      const auto targets = uses.of(d);
      for (std::size_t i = 0; i < targets.size(); ++i) {
        const std::uint32_t target = targets[i] - unit.first_datablock;
        if (target >= seen.size()) continue;  // in another unit
        const bool viewport = result[d] || uses.is_viewport_only(d, i);
        if (!viewport)
          seen[target] = Seen::in_render;
        else if (seen[target] == Seen::never)
          seen[target] = Seen::in_viewport;
      }
    }
  };
  const auto settle = [&](Code code) {
    for (std::uint32_t d = 0; d < datablocks.size(); ++d)
      if (code_at(d) == code) result[d] = seen[d] == Seen::in_viewport;
  };
  // Textures come first: what a texture that only brushes use refers to is only used by brushes too.
  look(false);
  settle(texture);
  look(true);
  settle(code_of("IM"));
  settle(code_of("MC"));
  return result;
}

}  // namespace souschef::blend
