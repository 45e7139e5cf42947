// SPDX-License-Identifier: MIT
#include "core/production/find_programs.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/production/config.hpp"
#include "core/production/ignore_rules.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

std::vector<fs::path> on_path(const std::string& name) {
  std::vector<fs::path> found;
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (end > 0) found.push_back(fs::path(rest.substr(0, end)) / name);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return found;
}

// Expands * in one component after the other; newest-looking names (higher versions) first.
std::vector<fs::path> expanded(const fs::path& pattern) {
  std::vector<fs::path> open = {pattern.root_path()};
  for (const fs::path& part : pattern.relative_path()) {
    std::vector<fs::path> next;
    for (const fs::path& folder : open) {
      if (part.string().find('*') == std::string::npos) {
        next.push_back(folder / part);
        continue;
      }
      std::error_code ignored;
      std::vector<fs::path> matches;
      for (const auto& entry :
           fs::directory_iterator(folder, fs::directory_options::skip_permission_denied, ignored))
        if (matches_glob(part.string(), entry.path().filename().string())) matches.push_back(entry.path());
      std::sort(matches.rbegin(), matches.rend());
      next.insert(next.end(), matches.begin(), matches.end());
    }
    open = std::move(next);
  }
  return open;
}

}  // namespace

bool is_program(const fs::path& path) {
  std::error_code code;
  return fs::is_regular_file(path, code) && ::access(path.c_str(), X_OK) == 0;
}

std::vector<fs::path> find_programs(const std::vector<std::string>& patterns) {
  std::vector<fs::path> programs;
  std::vector<fs::path> seen;
  for (const std::string& pattern : patterns) {
    const bool name_only = pattern.find('/') == std::string::npos;
    for (const fs::path& candidate : name_only ? on_path(pattern) : expanded(expand_path(pattern))) {
      if (!is_program(candidate)) continue;
      std::error_code code;
      const fs::path real = fs::canonical(candidate, code);
      if (code || std::find(seen.begin(), seen.end(), real) != seen.end()) continue;
      seen.push_back(real);
      programs.push_back(candidate);
    }
  }
  return programs;
}

}  // namespace souschef::core
