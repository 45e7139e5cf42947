// SPDX-License-Identifier: MIT
#include "core/renderers.hpp"

#include "core/find_programs.hpp"
#include "core/json.hpp"
#include "core/plugin_catalog.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// The answers of every renderer plugin to renderer.describe.
Result<std::vector<Json>> descriptions() {
  SOUSCHEF_TRY(const auto catalog, PluginCatalog::open({}));
  std::vector<Json> all;
  QuietCall quiet;
  for (const PluginRecord* plugin : catalog->plugins()) {
    if (!plugin->manifest.is(PluginKind::renderer) || plugin->state != PluginState::ok) continue;
    const auto calls = catalog->calls(plugin->manifest.id, PluginKind::renderer);
    if (!calls) continue;
    const auto reply = (*calls)->call(quiet, "renderer.describe", "{}");
    if (reply) all.push_back(Json::parse(*reply, nullptr, false));
  }
  return all;
}

}  // namespace

Result<std::vector<fs::path>> find_renderers() {
  SOUSCHEF_TRY(const auto all, descriptions());
  std::vector<std::string> patterns;
  for (const Json& description : all)
    if (description.is_object() && description.contains("programs") && description["programs"].is_array())
      for (const Json& pattern : description["programs"])
        if (pattern.is_string()) patterns.push_back(pattern.get<std::string>());
  return find_programs(patterns);
}

std::vector<ProbedTarget> probe_targets(const Config& config, bool run) {
  (void)run;
  std::vector<ProbedTarget> all;
  for (const Target& target : config.targets()) {
    ProbedTarget probed;
    probed.target = target;
    probed.exists = is_program(target.path);
    all.push_back(std::move(probed));
  }
  return all;
}

}  // namespace souschef::core
