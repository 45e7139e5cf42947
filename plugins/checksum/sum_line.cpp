// SPDX-License-Identifier: MIT
#include "plugins/checksum/sum_line.hpp"

namespace souschef::checksum {

std::string sum_line(std::string_view digest, std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    if (c == '\\')
      escaped += "\\\\";
    else if (c == '\n')
      escaped += "\\n";
    else if (c == '\r')
      escaped += "\\r";
    else
      escaped += c;
  }
  std::string line = escaped.size() == name.size() ? "" : "\\";
  line.append(digest).append("  ").append(escaped).append("\n");
  return line;
}

}  // namespace souschef::checksum
