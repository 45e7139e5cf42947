// SPDX-License-Identifier: MIT
#include "core/production/inspection.hpp"

#include <array>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/plugin_host/plugin_catalog.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kHeadBytes = 64;

}  // namespace

Result<std::optional<InspectedFile>> open_inspected(Production& production, const fs::path& resolved) {
  SOUSCHEF_TRY(PluginCatalog* const plugins, production.plugins());
  InspectedFile file;
  SOUSCHEF_TRY(file.source, store::SourceFile::open(resolved));
  std::array<std::byte, kHeadBytes> head{};
  const std::int64_t count = file.source->read_at(0, head);
  if (count < 0) return Error(ErrorCode::io, "cannot read " + escape_name(resolved.string()));
  SOUSCHEF_TRY(const PluginFaces* const faces,
               plugins->inspector_for(std::span(head).first(static_cast<std::size_t>(count))));
  if (faces == nullptr || faces->analyser == nullptr) return std::optional<InspectedFile>();
  auto opened = faces->analyser->open(*file.source, fs::temp_directory_path());
  if (!opened)
    return std::move(opened.error()).in_context("cannot look into " + escape_name(resolved.string()));
  if (*opened == nullptr) return std::optional<InspectedFile>();
  file.analysis = std::move(*opened);
  file.inspector = faces->inspector;
  return std::optional(std::move(file));
}

Result<std::vector<InspectionCommand>> inspection_commands(Production& production) {
  SOUSCHEF_TRY(PluginCatalog* const plugins, production.plugins());
  std::vector<InspectionCommand> commands;
  for (const PluginRecord* record : plugins->plugins()) {
    if (record->state != PluginState::ok || !record->manifest.is(PluginKind::inspect)) continue;
    const auto faces = plugins->faces(record->manifest.id);
    if (!faces || (*faces)->inspector == nullptr) continue;
    const auto offered = parse_json((*faces)->inspector->commands());
    if (!offered || !offered->is_array()) continue;
    for (const Json& command : *offered)
      if (command.is_object())
        commands.push_back(
            {text_at(command, "name"), text_at(command, "arguments"), text_at(command, "summary")});
  }
  return commands;
}

Status inspect_file(Production& production, const fs::path& file, std::string_view command,
                    const std::vector<std::string>& arguments, ByteSink& out) {
  std::error_code code;
  const fs::path resolved = fs::canonical(file, code);
  if (code) return Error(ErrorCode::not_found, "there is no " + escape_name(file.string()));
  SOUSCHEF_TRY(const auto opened, open_inspected(production, resolved));
  if (!opened)
    return Error(ErrorCode::unsupported, "no plugin looks into " + escape_name(file.string()),
                 "it does not begin as any file that they know");
  const Status done = opened->inspector->run(command, json_text(Json(arguments)), *opened->analysis, out);
  if (done) return {};
  return Error(done.error()).in_context("cannot look into " + escape_name(file.string()));
}

}  // namespace souschef::core
