// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace souschef::checksum {

// "<digest>  <name>\n" as the coreutils and b3sum write and check it: a name with a backslash or a line end
// in it is escaped, and the line begins with a backslash then.
std::string sum_line(std::string_view digest, std::string_view name);

}  // namespace souschef::checksum
