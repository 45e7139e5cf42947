// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace souschef::core {

// A new ULID: 48 bits of milliseconds since 1970, 80 random bits, 26 characters of Crockford's base 32. Names
// made by one process sort in the order of their making; between hosts the time in them decides nothing.
// Thread-safe. https://github.com/ulid/spec
std::string new_ulid();

// The ULID of a thing that has an identity of its own: equal times and identities give equal ids, in any
// process on any host. `ms` since 1970; what lies before counts as 1970.
std::string derived_ulid(std::int64_t ms, std::string_view identity);

bool is_ulid(std::string_view text);
// Milliseconds since 1970 of a valid ULID.
std::int64_t ulid_milliseconds(std::string_view ulid);

}  // namespace souschef::core
