// SPDX-License-Identifier: MIT
#include "core/banking/banked_trace.hpp"

#include <array>
#include <filesystem>
#include <span>
#include <string_view>

#include <souschef/file_name.hpp>

#include "core/base/scratch_folder.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/blend_path.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::string_view kBlendToken = "<BLENDCACHE>";

// Content is kept without a compressed wrapper, so every .blend begins like this; which version it is makes
// no difference to who traces it.
constexpr std::string_view kBlendHead = "BLENDER-v300REND";

Result<TraceRecord> trace_from_store(store::Store& store, const PluginFaces& faces,
                                     const ManifestFile& file) {
  SOUSCHEF_TRY(const ScratchFolder scratch, ScratchFolder::make());
  const std::array<store::PlaceRequest, 1> wanted = {
      {{.content = file.content, .blob = {}, .target = scratch.path() / "banked.blend"}}};
  SOUSCHEF_TRY(const auto placed, store.restore(wanted, store::Form::content));
  SOUSCHEF_TRY(const auto source, store::SourceFile::open(fs::canonical(wanted[0].target)));
  SOUSCHEF_TRY(const auto analysis, faces.analyser->open(*source, scratch.path()));
  return record_trace(*faces.tracer, *analysis);
}

// Whether a job holds a file of this cache: any whose path begins with the cache's own.
bool is_cache_banked(const Manifest& manifest, const ManifestFile& blend, const TracedReference& reference) {
  const std::string self = "/" + blend.path;
  std::string written = reference.path.empty() ? "//" + std::string(kBlendToken) : reference.path;
  const std::string_view stem = name_part(self).substr(0, name_part(self).rfind('.'));
  for (std::size_t at; (at = written.find(kBlendToken)) != std::string::npos;)
    written.replace(at, kBlendToken.size(), "blendcache_" + std::string(stem));
  const ResolvedPath resolved = resolve_written(written, parent_of(self), {});
  if (resolved.path.empty()) return false;
  std::string inside = resolved.path.substr(1);
  for (const ManifestRemap& remap : manifest.remaps)
    if (remap.file == blend.path && remap.written == reference.path) inside = remap.path;
  for (const ManifestFile& each : manifest.files)
    if (each.path.starts_with(inside)) return true;
  return false;
}

}  // namespace

Result<std::shared_ptr<const TraceRecord>> trace_of_banked(Production& production, const ManifestFile& file) {
  SOUSCHEF_TRY(store::Store* const store, production.store());
  SOUSCHEF_TRY(PluginCatalog* const plugins, production.plugins());
  SOUSCHEF_TRY(const PluginFaces* const faces, plugins->tracer_for(std::as_bytes(std::span(kBlendHead))));
  if (faces == nullptr)
    return Error(ErrorCode::unsupported, "no plugin reads .blend files", "the built-in one is missing");
  const std::string key =
      faces->id + "/" + std::to_string(faces->tracer->version()) + ":" + file.content.hex();
  if (const auto cached = store->memo(store::MemoTable::trace, key)) {
    auto record = unpack_record(*cached);
    if (record) return std::make_shared<const TraceRecord>(std::move(*record));
  }
  auto record = trace_from_store(*store, *faces, file);
  if (!record) return std::move(record.error()).in_context("cannot read " + escape_name(file.path));
  store->set_memo(store::MemoTable::trace, key, pack_record(*record));
  return std::make_shared<const TraceRecord>(std::move(*record));
}

Result<std::vector<UnbakedSimulation>> unbaked_simulations(Production& production, const Manifest& manifest) {
  std::vector<UnbakedSimulation> all;
  for (const ManifestFile& file : manifest.files) {
    if (!file.path.ends_with(".blend") || file.mode == FileMode::symlink) continue;
    auto record = trace_of_banked(production, file);
    if (!record) {
      if (file.path == manifest.entry) return std::move(record.error());
      continue;  // the trace of the shot has said that this library cannot be read
    }
    for (const TracedSimulation& simulation : (*record)->simulations) {
      const bool has_cache = simulation.cache < (*record)->references.size();
      const bool baked =
          simulation.baked &&
          (!has_cache || is_cache_banked(manifest, file, (*record)->references[simulation.cache]));
      if (!baked)
        all.push_back({file.path, simulation.kind, simulation.name, simulation.first_frame,
                       file.path == manifest.entry});
    }
  }
  return all;
}

const Json* scene_in(const Json& facts, const std::string& name) {
  if (!facts.is_object() || !facts.contains("scenes") || !facts["scenes"].is_array()) return nullptr;
  const Json& scenes = facts["scenes"];
  for (const Json& scene : scenes) {
    if (!scene.is_object()) continue;
    if (name.empty() ? scene.value("active", false) : scene.value("name", "") == name) return &scene;
  }
  return name.empty() && !scenes.empty() && scenes.front().is_object() ? &scenes.front() : nullptr;
}

}  // namespace souschef::core
