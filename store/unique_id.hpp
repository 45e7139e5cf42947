// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "store/clock.hpp"

namespace souschef::store {

// A ULID: 26 characters of Crockford's base 32 in upper case, 48 bits of milliseconds since 1970 and 80 bits
// of chance. Sorts by time as far as clocks agree; nothing may depend on that order between two hosts
// (invariant 7). Within one process later ids sort after earlier ones.
std::string new_ulid(const Clock& clock = Clock::real());

// 128 bits of chance in the usual notation of a UUID (version 4).
std::string new_uuid();

}  // namespace souschef::store
