// SPDX-License-Identifier: MIT
// What the parts of the tracer hand to its driver: references as the host gets them, together with where
// their bytes are, which only rewriting asks for.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/tracer.hpp>

#include "plugins/blend/blocks.hpp"

namespace souschef::blend {

// Where a path is stored, in the content of one unit.
struct Spot {
  enum class Kind : std::uint8_t {
    none,      // nowhere: it was put together, or may not be changed
    array,     // a char array: `offset`, `capacity`
    folder,    // two char arrays, folder and name: the latter in `name_offset`, `name_capacity`
    string,    // a raw block of its own: `block`
    property,  // a string IDProperty: `block`, with its length in `length_offset` and `total_offset`
  };
  Kind kind = Kind::none;
  std::uint32_t unit = 0;
  std::uint64_t offset = 0;
  std::uint32_t capacity = 0;
  std::uint64_t name_offset = 0;
  std::uint32_t name_capacity = 0;
  std::uint32_t block = kNoBlock;
  std::uint64_t length_offset = 0;
  std::uint64_t total_offset = 0;  // 0: the file has no such member
};

// A reference on its way to the host.
struct Found {
  TracedReference reference;
  Spot spot;
};

// Takes what is found. False: the host wants no more.
class FindingSink {
 public:
  virtual ~FindingSink() = default;
  // Returns the number of the reference, or kNone where it stands for nothing or the host has stopped.
  virtual std::uint32_t reference(Found found) = 0;
  virtual void output(TracedOutput output) = 0;
  virtual void simulation(TracedSimulation simulation) = 0;
  virtual void warning(TraceWarning warning) = 0;
};

}  // namespace souschef::blend
