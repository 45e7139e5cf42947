// SPDX-License-Identifier: MIT
// Times as people read them: on the clocks of this place.
#pragma once

#include <cstdint>
#include <string>

namespace souschef::core {

// A time in milliseconds since 1970 as strftime writes it, at most 63 bytes: "%Y-%m-%d %H:%M". Thread-safe.
std::string local_time(std::int64_t time_ms, const char* format);

}  // namespace souschef::core
