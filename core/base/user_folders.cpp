// SPDX-License-Identifier: MIT
#include "core/base/user_folders.hpp"

#include <cstdlib>

namespace souschef::core {
namespace {

// A variable that is relative or empty is to be ignored, says the base directory specification.
std::filesystem::path below(const char* variable, const char* fallback) {
  const char* chosen = std::getenv(variable);
  if (chosen != nullptr && *chosen == '/') return std::filesystem::path(chosen) / "souschef";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr && *home == '/' ? home : "/tmp") / fallback / "souschef";
}

}  // namespace

std::filesystem::path user_state_folder() {
  return below("XDG_STATE_HOME", ".local/state");
}

std::filesystem::path user_data_folder() {
  return below("XDG_DATA_HOME", ".local/share");
}

std::filesystem::path user_cache_folder() {
  return below("XDG_CACHE_HOME", ".cache");
}

}  // namespace souschef::core
