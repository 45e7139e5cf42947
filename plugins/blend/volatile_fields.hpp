// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

namespace souschef::blend {

// A member whose value belongs to the session that saved the file and not to what was saved: it would make
// a chunk new although nobody changed anything. The filter sets such values aside and puts them back.
struct VolatileField {
  std::string_view owner;  // the struct that declares the member, as its name stands in the file
  std::string_view member;
  std::string_view reason;
};

// Which fields are volatile is written into each stream: the list may grow without a new version of the
// filter, at the price of one chunk that is stored anew.
std::span<const VolatileField> volatile_fields();

[[nodiscard]] bool is_volatile(std::string_view owner, std::string_view member);

}  // namespace souschef::blend
