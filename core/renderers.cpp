// SPDX-License-Identifier: MIT
#include "core/renderers.hpp"

#include <chrono>
#include <sstream>

#include "core/find_programs.hpp"
#include "core/json.hpp"
#include "core/plugin_catalog.hpp"
#include "core/run_program.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

struct Renderer {
  Calls* calls = nullptr;
  Json description;

  [[nodiscard]] std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> list;
    if (description.is_object() && description.contains(key) && description[key].is_array())
      for (const Json& text : description[key])
        if (text.is_string()) list.push_back(text.get<std::string>());
    return list;
  }
};

std::vector<Renderer> renderers_of(PluginCatalog& catalog) {
  std::vector<Renderer> all;
  QuietCall quiet;
  for (const PluginRecord* plugin : catalog.plugins()) {
    if (!plugin->manifest.is(PluginKind::renderer) || plugin->state != PluginState::ok) continue;
    const auto calls = catalog.calls(plugin->manifest.id, PluginKind::renderer);
    if (!calls) continue;
    const auto reply = (*calls)->call(quiet, "renderer.describe", "{}");
    if (reply) all.push_back({*calls, Json::parse(*reply, nullptr, false)});
  }
  return all;
}

// Lets the plugin read what its program printed of its version.
void read_version(const Renderer& renderer, const std::vector<std::string>& lines, ProbedTarget& probed) {
  QuietCall quiet;
  const Json request = {{"channel", "version"}, {"lines", lines}};
  const auto reply = renderer.calls->call(quiet, "renderer.decode",
                                          request.dump(-1, ' ', false, Json::error_handler_t::replace));
  const Json events =
      reply ? Json::parse(*reply, nullptr, false).value("events", Json::array()) : Json::array();
  for (const Json& event : events) {
    if (!event.is_object() || event.value("event", "") != "version") continue;
    if (event.contains("version") && event["version"].is_string()) probed.version = event["version"];
    if (event.contains("build") && event["build"].is_string()) probed.build = event["build"];
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

void ask(const Renderer& renderer, ProbedTarget& probed) {
  ProcessOptions process;
  process.command = {probed.target.path.string()};
  for (const std::string& argument : renderer.texts("version_arguments")) process.command.push_back(argument);
  RunOptions options;
  options.limits.time = std::chrono::seconds(30);
  const auto run = run_program(process, options);
  if (!run) {
    probed.problem = run.error().line();
    return;
  }
  read_version(renderer, lines_of(run->output), probed);
  if (probed.version.empty()) probed.problem = "it does not say which version it is";
}

}  // namespace

Result<std::vector<fs::path>> find_renderers() {
  SOUSCHEF_TRY(const auto catalog, PluginCatalog::open({}));
  std::vector<std::string> patterns;
  for (const Renderer& renderer : renderers_of(*catalog))
    for (std::string& pattern : renderer.texts("programs")) patterns.push_back(std::move(pattern));
  return find_programs(patterns);
}

std::vector<ProbedTarget> probe_targets(const Config& config, bool run) {
  std::vector<ProbedTarget> all;
  const auto catalog = PluginCatalog::open({});
  const auto renderers = catalog ? renderers_of(**catalog) : std::vector<Renderer>();
  for (const Target& target : config.targets()) {
    ProbedTarget probed;
    probed.target = target;
    probed.exists = is_program(target.path);
    if (run && probed.exists && !renderers.empty()) ask(renderers.front(), probed);
    all.push_back(std::move(probed));
  }
  return all;
}

}  // namespace souschef::core
