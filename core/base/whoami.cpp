// SPDX-License-Identifier: MIT
#include "core/base/whoami.hpp"

#include <pwd.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace souschef::core {

std::string user_name() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return std::to_string(::getuid());
}

std::string host_name() {
  std::array<char, 256> name{};
  const bool known = ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != 0;
  return known ? name.data() : "localhost";
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace souschef::core
