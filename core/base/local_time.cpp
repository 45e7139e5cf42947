// SPDX-License-Identifier: MIT
#include "core/base/local_time.hpp"

#include <array>
#include <ctime>

namespace souschef::core {

std::string local_time(std::int64_t time_ms, const char* format) {
  const std::time_t seconds = time_ms / 1000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), format, &parts);
  return text.data();
}

}  // namespace souschef::core
