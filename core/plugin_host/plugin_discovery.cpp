// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_discovery.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/base/user_folders.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kMaxManifest = 256U << 10;  // as docs/format/plugin-manifest.md
constexpr std::size_t kMaxPlugins = 1'000;  // in one place: a wrong SOUSCHEF_PLUGIN_PATH lists no home folder

Result<PluginManifest> read_manifest(const fs::path& file) {
  std::error_code failed;
  if (!fs::is_regular_file(file, failed))
    return Error(ErrorCode::bad_input, "plugin.json cannot be read", "it is not a file");
  std::ifstream in(file, std::ios::binary);
  std::string text(kMaxManifest + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || (text.empty() && !in.eof()))
    return Error(ErrorCode::io, "plugin.json cannot be read", "no permission, or the disk fails");
  return PluginManifest::parse(text);
}

bool is_plugin(const fs::path& folder) {
  std::error_code failed;
  return fs::exists(fs::symlink_status(folder / "plugin.json", failed));
}

std::vector<fs::path> plugins_below(const fs::path& place) {
  std::vector<fs::path> folders;
  std::error_code failed;
  for (fs::directory_iterator at(place, failed), end; !failed && at != end; at.increment(failed)) {
    if (at->path().filename().string().front() == '.' || !is_plugin(at->path())) continue;
    folders.push_back(at->path());
    if (folders.size() == kMaxPlugins) break;
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

std::string_view name_of(PluginOrigin origin) {
  switch (origin) {
    case PluginOrigin::builtin:
      return "builtin";
    case PluginOrigin::path:
      return "path";
    case PluginOrigin::project:
      return "project";
    case PluginOrigin::user:
      return "user";
    case PluginOrigin::system:
      return "system";
  }
  return "";
}

std::vector<PluginPlace> plugin_places(const fs::path& project_plugins) {
  std::vector<PluginPlace> places;
  const char* chosen = std::getenv("SOUSCHEF_PLUGIN_PATH");
  for (std::string_view rest = chosen == nullptr ? "" : chosen; !rest.empty();) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
    if (!folder.empty()) places.push_back({fs::path(folder), PluginOrigin::path});
  }
  if (!project_plugins.empty()) places.push_back({project_plugins, PluginOrigin::project});
  places.push_back({user_data_folder() / "plugins", PluginOrigin::user});
  for (const char* folder : {"/usr/local/lib/souschef/plugins", "/usr/lib/souschef/plugins"})
    places.push_back({folder, PluginOrigin::system});
  return places;
}

FoundPlugin read_plugin(const fs::path& folder, PluginOrigin origin) {
  std::error_code failed;
  const fs::path absolute = fs::absolute(folder, failed).lexically_normal();
  return {absolute, origin, read_manifest(absolute / "plugin.json")};
}

std::vector<FoundPlugin> find_plugins(const std::vector<PluginPlace>& places) {
  std::vector<FoundPlugin> found;
  for (const PluginPlace& place : places) {
    if (is_plugin(place.folder)) {
      found.push_back(read_plugin(place.folder, place.origin));
      continue;
    }
    for (const fs::path& folder : plugins_below(place.folder))
      found.push_back(read_plugin(folder, place.origin));
  }
  return found;
}

}  // namespace souschef::core
