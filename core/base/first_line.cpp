// SPDX-License-Identifier: MIT
#include "core/base/first_line.hpp"

#include <fstream>

namespace souschef::core {

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace souschef::core
