// SPDX-License-Identifier: MIT
#include "core/rendering/renderers.hpp"

#include <algorithm>
#include <chrono>

#include "core/base/json.hpp"
#include "core/base/run_program.hpp"
#include "core/base/split_text.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/find_programs.hpp"

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

std::vector<std::string> renderer_ids(PluginCatalog& catalog) {
  std::vector<std::string> ids;
  for (const PluginRecord* plugin : catalog.plugins())
    if (plugin->manifest.is(PluginKind::renderer) && plugin->state == PluginState::ok)
      ids.push_back(plugin->manifest.id);
  return ids;
}

Result<Renderer> describe_renderer(PluginCatalog& catalog, const std::string& id) {
  QuietCall quiet;
  SOUSCHEF_TRY(Calls* const calls, catalog.calls(id, PluginKind::renderer));
  SOUSCHEF_TRY(const std::string reply, calls->call(quiet, "renderer.describe", "{}"));
  return Renderer{calls, Json::parse(reply, nullptr, false)};
}

// Lets the plugin read what its program printed of its version.
void read_version(const Renderer& renderer, const std::vector<std::string_view>& lines,
                  ProbedTarget& probed) {
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
  read_version(renderer, split_text(run->output, '\n'), probed);
  if (probed.version.empty()) probed.problem = "it does not say which version it is";
}

void probe(PluginCatalog& catalog, ProbedTarget& probed) {
  if (const Status may = catalog.may_use("target[" + probed.target.name + "]."); !may) {
    probed.is_trusted = false;
    probed.problem = "not trusted on this machine: souschef config trust";
    return;
  }
  const auto id = renderer_for(catalog, probed.target);
  const auto renderer = id ? describe_renderer(catalog, *id) : Result<Renderer>(id.error());
  if (renderer)
    ask(*renderer, probed);
  else
    probed.problem = renderer.error().line();
}

}  // namespace

Result<std::string> renderer_for(PluginCatalog& catalog, const Target& target) {
  const std::vector<std::string> ids = renderer_ids(catalog);
  if (ids.empty())
    return Error(ErrorCode::unsupported, "there is no renderer").next_step("souschef plugin list");
  if (target.renderer.empty()) return ids.front();
  if (std::find(ids.begin(), ids.end(), target.renderer) != ids.end()) return target.renderer;
  return Error(ErrorCode::not_found, "no renderer " + target.renderer + " for the target " + target.name)
      .next_step("souschef plugin list");
}

Result<std::vector<fs::path>> find_renderers() {
  SOUSCHEF_TRY(const auto catalog, PluginCatalog::open({}));
  std::vector<std::string> patterns;
  for (const std::string& id : renderer_ids(*catalog)) {
    const auto renderer = describe_renderer(*catalog, id);
    if (!renderer) continue;  // a broken plugin hides no other's programs
    for (std::string& pattern : renderer->texts("programs")) patterns.push_back(std::move(pattern));
  }
  return find_programs(patterns);
}

std::vector<ProbedTarget> probe_targets(Production& production, bool run) {
  std::vector<ProbedTarget> all;
  const auto catalog = production.plugins();
  for (const Target& target : production.config().targets()) {
    ProbedTarget probed;
    probed.target = target;
    probed.exists = is_program(target.path);
    if (run && probed.exists && catalog) probe(**catalog, probed);
    all.push_back(std::move(probed));
  }
  return all;
}

}  // namespace souschef::core
