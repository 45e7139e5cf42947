// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "plugins/blend/blend_file.hpp"
#include "plugins/blend/digest.hpp"
#include "plugins/blend/scope.hpp"

namespace souschef::blend {

// Digests of datablocks that two saves of the same thing have in common: addresses are replaced by what they
// mean, values of the session that saved the file and unused bytes read as zero. One thread at a time.
class DatablockDigests {
 public:
  DatablockDigests(const BlendFile& file, Effort& effort);

  std::array<std::uint8_t, 16> of(std::uint32_t datablock);

 private:
  // What is done to a part of a struct before it is digested. Parts come in order and do not overlap.
  struct Part {
    enum class Kind : std::uint8_t { pointers, text_pointer, array_pointer, text, ignored } kind;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };
  struct Plan {
    std::vector<Part> parts;
    std::uint32_t size = 0;
  };

  const Plan& plan_of(std::uint32_t index);
  void find_raw_kinds(std::uint32_t first, std::uint32_t end);
  void add_block(std::uint32_t block);
  void add_struct(std::span<const std::byte> data, const Plan& plan);
  void add_raw(std::uint32_t block);
  void add_address(Address address);

  const BlendFile& file_;
  Scope scope_;
  Digest digest_;
  std::uint32_t first_ = 0;
  std::vector<std::optional<Plan>> plans_;
  // By block of the group: what a pointer says that raw data is.
  enum class Raw : std::uint8_t { bytes, text, pointers };
  std::vector<Raw> raw_;
};

}  // namespace souschef::blend
