// SPDX-License-Identifier: MIT
#include "plugins/blend/inspector.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>
#include <vector>

#include <souschef/file_name.hpp>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/datablock_digest.hpp"
#include "plugins/blend/debug_commands.hpp"
#include "plugins/blend/first_pass.hpp"
#include "plugins/blend/json.hpp"

namespace souschef::blend {
namespace {

struct Kind {
  std::string_view code;
  std::string_view word;
};

constexpr Kind kKinds[] = {
    {"SC", "scene"},        {"LI", "library"},     {"OB", "object"},      {"ME", "mesh"},
    {"CU", "curve"},        {"MB", "metaball"},    {"MA", "material"},    {"TE", "texture"},
    {"IM", "image"},        {"LT", "lattice"},     {"LA", "light"},       {"CA", "camera"},
    {"IP", "ipo"},          {"KE", "shape keys"},  {"WO", "world"},       {"VF", "font"},
    {"TX", "text"},         {"SK", "speaker"},     {"SO", "sound"},       {"GR", "collection"},
    {"AR", "armature"},     {"AC", "action"},      {"NT", "node group"},  {"BR", "brush"},
    {"PA", "particles"},    {"GD", "annotations"}, {"MC", "movie clip"},  {"MS", "mask"},
    {"LS", "line style"},   {"PL", "palette"},     {"PC", "paint curve"}, {"CF", "cache file"},
    {"LP", "light probe"},  {"CV", "hair curves"}, {"PT", "point cloud"}, {"VO", "volume"},
    {"GP", "grease pencil"}};

std::string kind_of(std::string_view name) {
  const std::string_view code = name.substr(0, 2);
  const auto* row =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return k.code == code; });
  return std::string(row == std::end(kKinds) ? code : row->word);
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string scene_detail(const Record& scene) {
  const Record render = scene.record("r");
  if (!render) return {};
  std::string text =
      "frames " + std::to_string(render.integer("sfra")) + "-" + std::to_string(render.integer("efra"));
  if (render.integer("frame_step", 1) > 1) text += " step " + std::to_string(render.integer("frame_step"));
  text += ", " + std::to_string(render.integer("xsch")) + "x" + std::to_string(render.integer("ysch"));
  if (render.integer("size", 100) != 100) text += " at " + std::to_string(render.integer("size")) + " %";
  text += ", " +
          number(static_cast<double>(render.integer("frs_sec", 25)) /
                 std::max(render.real("frs_sec_base", 1), 1e-6)) +
          " fps";
  if (!render.text("engine").empty()) text += ", " + std::string(render.text("engine"));
  return text + ", to " + escape_name(render.text("pic"));
}

std::string object_detail(const Record& object) {
  if (!object.has("loc")) return {};
  std::string text = "at";
  for (std::size_t i = 0; i < 3; ++i) text += (i == 0 ? " " : ", ") + number(object.real("loc", 0, i));
  return text;
}

// One line for people about a datablock.
std::string detail_of(const BlendFile& file, std::uint32_t datablock) {
  const Datablocks& datablocks = file.datablocks();
  if (datablocks.is_placeholder(datablock)) {
    const std::uint32_t library = datablocks.at(datablocks.library(datablock));
    if (library == kNoDatablock) return "linked";
    return "linked from " + escape_name(file.record_of(library).text("name"));
  }
  const Record record = file.record_of(datablock);
  const std::string_view code = datablocks.name(datablock).substr(0, 2);
  if (code == "SC") return scene_detail(record);
  if (code == "OB") return object_detail(record);
  for (const std::string_view with_name : {"IM", "LI", "SO", "VF", "MC"})
    if (code == with_name) return escape_name(record.text("name"));
  if (code == "VO" || code == "CF") return escape_name(record.text("filepath"));
  return {};
}

struct NamedCommand {
  std::string_view name;
  std::string_view arguments;
  std::string_view summary;
  DebugCommand run;
};

constexpr NamedCommand kCommands[] = {
    {"blend-header", "", "wrapper, header and size of a .blend", print_header},
    {"blend-blocks", "[CODE]", "the blocks of a .blend, all or those of one kind of datablock", print_blocks},
    {"blend-struct", "[NAME]", "the structs of a .blend, or the members of one", print_struct},
    {"blend-paths", "", "everything that a .blend needs and writes, as it stands in the file", print_paths}};

}  // namespace

Status BlendInspector::outline(Analysis& analysis, OutlineSink& sink) {
  SOUSCHEF_TRY(const BlendFile* file, blend_analysis(analysis).file(Reading::whole));
  Effort effort(*file);
  DatablockDigests digests(*file, effort);
  const Datablocks& datablocks = file->datablocks();
  for (std::uint32_t d = 0; d < datablocks.size(); ++d) {
    if (is_interface(file->blocks().groups()[datablocks.group(d)].code)) continue;
    const std::string_view name = datablocks.name(d);
    OutlineItem item;
    item.kind = kind_of(name);
    item.name = name.size() > 2 ? name.substr(2) : std::string_view();
    item.digest = digests.of(d);
    item.detail = detail_of(*file, d);
    SOUSCHEF_CHECK(file->content().status());
    if (effort.exhausted()) return Error(ErrorCode::bad_input, "the .blend leads in circles");
    if (!sink.item(item)) return abi::stopped();
  }
  return {};
}

std::string BlendInspector::commands() const {
  Json list = Json::array();
  for (const NamedCommand& command : kCommands)
    list.push_back({{"name", command.name}, {"arguments", command.arguments}, {"summary", command.summary}});
  return list.dump();
}

Status BlendInspector::run(std::string_view command, std::string_view arguments, Analysis& analysis,
                           ByteSink& out) {
  const auto* row = std::find_if(std::begin(kCommands), std::end(kCommands),
                                 [&](const NamedCommand& c) { return c.name == command; });
  if (row == std::end(kCommands))
    return Error(ErrorCode::unsupported, "no such command", std::string(command));
  const Json list = Json::parse(arguments, nullptr, false);
  std::vector<std::string> words;
  if (list.is_array())
    for (const Json& word : list)
      if (word.is_string()) words.push_back(word.get<std::string>());
  return row->run(blend_analysis(analysis), words, out);
}

}  // namespace souschef::blend
