// SPDX-License-Identifier: MIT
#include "core/banking/outside_policy.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/base/json.hpp"
#include "core/base/user_folders.hpp"
#include "core/production/blend_path.hpp"
#include "core/production/config.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

std::string home() {
  const char* value = std::getenv("HOME");
  return value == nullptr ? std::string() : normalised(value);
}

// What never leaves its place, whoever says yes: system state, devices, and the hidden folders of a home,
// where keys and passwords are.
bool is_secret(std::string_view real) {
  for (const std::string_view folder :
       {"/proc", "/sys", "/dev", "/run", "/boot", "/etc", "/root", "/var/lib", "/var/spool"})
    if (is_below(real, folder) && !(folder == "/root" && home() == "/root") && !is_below(real, "/dev/shm"))
      return true;
  const std::string own_home = home();
  std::string_view below;
  if (!own_home.empty() && own_home != "/" && is_below(real, own_home)) {
    below = real.substr(own_home.size() + 1);
  } else if (is_below(real, "/home")) {
    const std::size_t slash = real.find('/', 6);
    below = slash == std::string_view::npos ? std::string_view() : real.substr(slash + 1);
  }
  // ~/.fonts and ~/.local/share are where desktops put fonts and assets.
  return below.starts_with('.') && !below.starts_with(".fonts/") && !below.starts_with(".local/share/");
}

// Fonts and studio lights that packages of the distribution installed: nobody's secret.
bool is_system_data(std::string_view real) {
  return is_below(real, "/usr/share") || is_below(real, "/usr/local/share");
}

}  // namespace

OutsidePolicy::OutsidePolicy(const std::vector<std::string>& allowed, const fs::path& root, bool allow_all)
    : root_(root.string()), allow_all_(allow_all) {
  for (const std::string& folder : allowed) allowed_.push_back(normalised(expand_path(folder)));
  const auto text = store::read_file(store::FileSystem::real(), memory_file(), 1U << 20);
  const Json remembered = text ? Json::parse(*text, nullptr, false) : Json();
  if (remembered.is_array())
    for (const Json& folder : remembered)
      if (folder.is_string()) allowed_.push_back(folder.get<std::string>());
}

OutsideAnswer OutsidePolicy::answer(std::string_view real) const {
  if (is_secret(real)) return OutsideAnswer::never;
  if (allow_all_ || is_system_data(real)) return OutsideAnswer::allowed;
  const bool known = std::any_of(allowed_.begin(), allowed_.end(), [&](const std::string& folder) {
    return real == folder || is_below(real, folder);
  });
  return known ? OutsideAnswer::allowed : OutsideAnswer::ask;
}

void OutsidePolicy::remember(const std::string& folder) {
  allowed_.push_back(folder);
  auto& disk = store::FileSystem::real();
  if (!store::make_folders(disk, memory_file().parent_path())) return;
  (void)store::replace_file(disk, memory_file(), Json(allowed_).dump());
}

fs::path OutsidePolicy::memory_file() const {
  return user_state_folder() / "allowed" / (store::hash_of(root_).brief() + ".json");
}

}  // namespace souschef::core
