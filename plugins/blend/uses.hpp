// SPDX-License-Identifier: MIT
// Which datablock uses which: the edges that the host follows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <souschef/result.hpp>

namespace souschef::blend {

// The edges of one unit, by datablock of the unit. Targets are numbered as the host numbers them.
class Uses {
 public:
  explicit Uses(std::uint32_t first_datablock, std::uint32_t count)
      : first_(first_datablock), last_user_(count, 0), place_(count, 0) {
    starts_.reserve(count + 1);
    starts_.push_back(0);
  }

  // The edges of the next datablock. Twice the same counts once; one that is needed wins over one that is
  // only looked at in a viewport. `target` is a datablock of the same unit.
  void add(std::uint32_t target, bool viewport_only);
  // An edge into another unit.
  void add_outside(std::uint32_t number) { targets_.push_back(number); }
  // The next datablock. Errors: bad_input (too many edges).
  Status next();

  [[nodiscard]] std::span<const std::uint32_t> of(std::uint32_t datablock) const {
    return std::span(targets_).subspan(starts_[datablock], starts_[datablock + 1] - starts_[datablock]);
  }
  // Whether the `i`th edge of of() is only looked at in a viewport.
  [[nodiscard]] bool is_viewport_only(std::uint32_t datablock, std::size_t i) const;

 private:
  std::uint32_t first_;
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint32_t> targets_;
  std::vector<std::uint32_t> viewport_only_;  // indices into targets_, ascending
  std::vector<std::uint32_t> last_user_;      // by target: the datablock that used it last, plus 1
  std::vector<std::uint32_t> place_;          // by target: where in targets_
};

}  // namespace souschef::blend
