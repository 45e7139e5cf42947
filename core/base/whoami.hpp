// SPDX-License-Identifier: MIT
// Who is at work here, and when: for records that people read. Nothing is decided by it between hosts.
#pragma once

#include <cstdint>
#include <string>

namespace souschef::core {

std::string user_name();
std::string host_name();
// Milliseconds since 1970 by this host's clock.
std::int64_t now_ms();

}  // namespace souschef::core
