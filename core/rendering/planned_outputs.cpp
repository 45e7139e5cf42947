// SPDX-License-Identifier: MIT
// The renderer plugin knows outputs as a worker reports them (docs/format/plugin-protocol.md, "Renderers");
// here the same words are made from what the tracer reports.
#include "core/rendering/planned_outputs.hpp"

#include <algorithm>
#include <map>

#include <souschef/file_name.hpp>

#include "core/banking/banked_trace.hpp"
#include "core/base/json_text.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/rendering/renderer.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// An output of another scene of the same file.
bool is_elsewhere(const TraceRecord& record, const TracedOutput& output, const std::string& scene) {
  const std::string owner = record.datablock_name(output.datablock);
  return owner.starts_with("SC") && escape_name(owner.substr(2)) != scene;
}

Json node_json(const TracedOutput& output, std::size_t id, const std::string& label) {
  return {{"id", id},
          {"kind", "node"},
          {"node", escape_name(output.node)},
          {"label", label},
          {"base", escape_name(output.path)},
          {"format", output.format},
          {"extension", true},
          {"views_format", "INDIVIDUAL"},
          {"slots", Json::array()}};
}

Json outputs_json(const TraceRecord& record, const Json& scene) {
  const Json own = scene.value("output", Json::object());
  const std::string name = text_at(scene, "name");
  const Json labels = scene.value("node_labels", Json::object());
  Json outputs = Json::array();
  std::map<std::string, std::size_t> nodes;  // node and its folder -> its place in `outputs`
  for (const TracedOutput& output : record.outputs) {
    if (output.muted || is_elsewhere(record, output, name)) continue;
    if (output.kind == OutputKind::render)
      outputs.push_back({{"id", outputs.size()},
                         {"kind", "render"},
                         {"path", escape_name(output.path)},
                         {"format", output.format},
                         {"extension", own.value("use_extension", true)},
                         {"movie", own.value("is_movie", false)},
                         {"views_format", text_at(own, "views_format")}});
    if (output.kind != OutputKind::file_node) continue;
    const auto [place, fresh] = nodes.try_emplace(output.node + '\0' + output.path, outputs.size());
    if (fresh)
      outputs.push_back(node_json(output, outputs.size(), text_at(labels, escape_name(output.node))));
    // A node that writes one file for all of its inputs has no names for them: one stands for what is linked.
    outputs[place->second]["slots"].push_back(
        {{"path", escape_name(output.slot)}, {"linked", true}, {"format", nullptr}});
  }
  return outputs;
}

Result<OutputPlan> plan_of(Production& production, const Order& order, const TraceRecord& record,
                           std::int32_t frame) {
  SOUSCHEF_TRY(Target target, production.config().target(order.target));
  SOUSCHEF_TRY(PluginCatalog* const plugins, production.plugins());
  SOUSCHEF_TRY(Calls* const calls, plugins->calls(order.renderer, PluginKind::renderer));
  SOUSCHEF_TRY(const auto renderer, Renderer::open(*calls, std::move(target)));
  const Json* scene = scene_in(order.facts, order.settings.scene);
  const Json file = order.facts.value("file", Json::object());
  const int version = file.value("version_number", 0);
  const Json facts = {{"numbers", {version / 100, version % 100, 0}},
                      {"size", scene != nullptr ? scene->value("size", Json()) : Json()},
                      {"views", Json::array()},
                      {"outputs", outputs_json(record, scene != nullptr ? *scene : Json::object())}};
  return renderer->outputs(output_request(order, production.root()), frame, order, facts);
}

}  // namespace

Result<std::vector<fs::path>> planned_files(Production& production, const Order& order,
                                            const TraceRecord& record,
                                            const std::vector<std::string>& stage_outputs) {
  const auto& frames = order.frames.frames();
  std::int32_t lowest = order.frames.highest();
  for (const std::int32_t frame : frames)
    if (frame >= 0) lowest = std::min(lowest, frame);
  SOUSCHEF_TRY(const OutputPlan plan, plan_of(production, order, record, lowest));
  std::vector<fs::path> files;
  for (const ExpectedFile& expected : plan.expected)
    if (!expected.pattern) files.push_back((plan.root / expected.path).lexically_normal());
  if (files.empty()) return files;
  const fs::path folder = files.front().parent_path();  // stages work beside the first picture
  for (const std::string& output : stage_outputs) files.push_back(folder / output);
  return files;
}

Result<std::vector<PlannedOutput>> planned_outputs(Production& production, const Order& order,
                                                   const TraceRecord& record) {
  SOUSCHEF_TRY(const OutputPlan plan, plan_of(production, order, record, order.frames.frames().front()));
  std::vector<PlannedOutput> planned;
  for (const Json& output : plan.outputs) {
    planned.push_back({unescape_name(text_at(output, "node")).value_or(""),
                       unescape_name(text_at(output, "written")).value_or(""),
                       unescape_name(text_at(output, "natural")).value_or(""),
                       unescape_name(text_at(output, "destination")).value_or(""),
                       {}});
    for (const ExpectedFile& expected : plan.expected)
      if (expected.output == output.value("id", -1))
        planned.back().first_files.push_back((plan.root / expected.path).string());
  }
  return planned;
}

}  // namespace souschef::core
