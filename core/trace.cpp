// SPDX-License-Identifier: MIT
// The walk. A library is read once; which of its datablocks count grows as other files refer to more of them:
//
//   main.blend   uses  lib/set.blend: GRVillage
//   set.blend    GRVillage uses OBHouse, OBHouse uses lib/prop.blend: MEWell
//   prop.blend   MEWell uses IMwell -> //tex/well.png
//
// Each file keeps the set of datablocks that were reached; a work list holds what was newly reached.
// Invariant: a datablock is processed once, so the walk ends whatever loops the files have.
#include "core/trace.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <unordered_map>

#include <souschef/file_name.hpp>

#include "core/blend_path.hpp"
#include "core/file_view.hpp"
#include "core/lfs_pointer.hpp"
#include "core/plugin_catalog.hpp"
#include "core/production.hpp"
#include "core/reference_files.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

bool is_banked(DependencyState state) {
  return state == DependencyState::found || state == DependencyState::found_here ||
         state == DependencyState::wrong_case || state == DependencyState::outside;
}

bool same_bytes(const std::string& a, const std::string& b) {
  std::error_code code;
  if (fs::file_size(a, code) != fs::file_size(b, code) || code) return false;
  std::ifstream first(a, std::ios::binary), second(b, std::ios::binary);
  std::vector<char> one(1U << 18), other(1U << 18);
  while (first && second) {
    first.read(one.data(), static_cast<std::streamsize>(one.size()));
    second.read(other.data(), static_cast<std::streamsize>(other.size()));
    if (first.gcount() != second.gcount()) return false;
    if (std::memcmp(one.data(), other.data(), static_cast<std::size_t>(first.gcount())) != 0) return false;
  }
  return first.eof() && second.eof();
}

// A file may be reached as itself or, for a packed library, under another base: each (path) is one node.
class Walk {
 public:
  Walk(Production& production, store::Store* store, const TraceOptions& options)
      : production_(production), store_(store), options_(options) {
    const Json map = production.config().table("trace.prefix_map");
    for (const auto& [from, to] : map.items())
      if (to.is_string()) prefixes_.emplace_back(from, expand_path(to.get<std::string>()));
    const std::string root = production.root().string();
    protected_ = {root};
    trace_.listings = FolderListings(options.view);
    if (const char* home = std::getenv("HOME")) protected_.emplace_back(home);
  }

  Result<Trace> run(const fs::path& entry) {
    SOUSCHEF_TRY(const std::size_t first, open(entry.lexically_normal().string()));
    reach_roots(first, true);
    while (!work_.empty()) {
      if (options_.cancelled && options_.cancelled()) return Error(ErrorCode::cancelled, "stopped");
      const auto [blend, datablock] = work_.back();
      work_.pop_back();
      visit(blend, datablock);
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) trace_.blends[i].reached = std::move(nodes_[i].reached);
    std::stable_sort(trace_.dependencies.begin(), trace_.dependencies.end(),
                     [](const auto& a, const auto& b) {
                       return std::pair(a.blend, a.reference) < std::pair(b.blend, b.reference);
                     });
    return std::move(trace_);
  }

 private:
  struct Node {
    std::vector<bool> reached;
    std::vector<std::vector<std::uint32_t>> references;  // by datablock
    std::unordered_map<std::string, std::uint32_t> by_name;
    std::vector<std::size_t> libraries;  // datablock of the library -> index of its blend, or npos
  };
  static constexpr std::size_t kNotOpened = static_cast<std::size_t>(-1);
  static constexpr std::size_t kUnreadable = static_cast<std::size_t>(-2);

  // The blend at `path`, opened and traced at the first call.
  Result<std::size_t> open(const std::string& path) {
    const auto known = by_path_.find(path);
    if (known != by_path_.end()) return known->second;
    if (options_.progress) options_.progress(path);
    TracedBlend blend;
    blend.path = path;
    blend.job_path = job_path_of(production_, path);
    SOUSCHEF_CHECK(read(blend));
    const std::size_t index = trace_.blends.size();
    by_path_[path] = index;
    trace_.blends.push_back(std::move(blend));
    prepare(index);
    return index;
  }

  // The record from the cache where the file is known and its trace is too; else from its bytes.
  Status read(TracedBlend& blend) {
    SOUSCHEF_TRY(const fs::path real, real_path(blend.path));
    SOUSCHEF_TRY(auto source, store::SourceFile::open(real));
    std::array<std::byte, 64> head{};
    const std::int64_t got = source->read_at(0, head);
    if (got < 0) return Error(ErrorCode::io, "cannot read " + escape_name(blend.path));
    const auto start = std::span<const std::byte>(head).first(static_cast<std::size_t>(got));
    SOUSCHEF_TRY(PluginCatalog* const plugins, production_.plugins());
    SOUSCHEF_TRY(const PluginFaces* const faces, plugins->tracer_for(start));
    if (faces == nullptr) return not_a_blend(blend.path);
    const std::string version = faces->id + "/" + std::to_string(faces->tracer->version()) + ":";
    if (from_cache(blend, real, version)) return {};

    // The analysis is shared with the filter that will bank the file, where that is the same plugin.
    const store::FilterEntry* const filter = plugins->filters().accepting(start);
    std::unique_ptr<Analysis> own;
    Analysis* analysis = nullptr;
    if (filter != nullptr && filter->analyser == faces->analyser) {
      auto shared = source->analysis(plugins->filters(), fs::temp_directory_path());
      if (!shared) return cannot_trace(blend.path, std::move(shared.error()));
      analysis = *shared;
    } else {
      auto opened = faces->analyser->open(*source, fs::temp_directory_path());
      if (!opened) return cannot_trace(blend.path, std::move(opened.error()));
      own = std::move(*opened);
      analysis = own.get();
    }
    if (analysis == nullptr) return not_a_blend(blend.path);
    auto record = record_trace(*faces->tracer, *analysis);
    if (!record) return cannot_trace(blend.path, std::move(record.error()));
    SOUSCHEF_CHECK(source->check_unchanged());
    blend.record = std::make_shared<TraceRecord>(std::move(*record));
    blend.cache_key = version;
    blend.source = std::move(source);
    return {};
  }

  Result<fs::path> real_path(const std::string& path) {
    if (options_.view != nullptr && options_.view->replaces(path)) return options_.view->file_for(path);
    std::error_code code;
    fs::path real = fs::canonical(path, code);
    if (code || (options_.view != nullptr && options_.view->hides(path)))
      return Error(ErrorCode::not_found, "there is no " + escape_name(path));
    return real;
  }

  static Error cannot_trace(const std::string& path, Error why) {
    Error error = std::move(why).in_context("cannot trace " + escape_name(path));
    if (error.next.empty())
      error.next = "open it in Blender and save it again, or restore an earlier snapshot";
    return error;
  }

  static Error not_a_blend(const std::string& path) {
    if (is_lfs_pointer(path)) return lfs_pointer_error(escape_name(path));
    return Error(ErrorCode::bad_input, escape_name(path) + " is not a .blend file",
                 "it does not begin as Blender's files do")
        .next_step("open it in Blender and save it again");
  }

  bool from_cache(TracedBlend& blend, const fs::path& real, const std::string& version) {
    if (store_ == nullptr) return false;
    const auto stored = store_->known(real);
    if (!stored) return false;
    blend.content = stored->content;
    const auto cached = store_->memo(store::MemoTable::trace, version + stored->content.hex());
    if (!cached) return false;
    auto record = unpack_record(*cached);
    if (!record) return false;
    blend.record = std::make_shared<TraceRecord>(std::move(*record));
    return true;
  }

  void prepare(std::size_t index) {
    const TraceRecord& record = *trace_.blends[index].record;
    Node node;
    node.reached.assign(record.datablocks.size(), false);
    node.references.resize(record.datablocks.size());
    node.libraries.assign(record.datablocks.size(), kNotOpened);
    for (std::uint32_t i = 0; i < record.datablocks.size(); ++i)
      node.by_name.emplace(record.datablocks[i].name, i);
    nodes_.push_back(std::move(node));
    for (std::uint32_t i = 0; i < record.references.size(); ++i) {
      const std::uint32_t owner = record.references[i].datablock;
      if (owner == kNone) {
        resolve(index, i);
      } else {
        nodes_[index].references[owner].push_back(i);
      }
    }
  }

  void reach(std::size_t blend, std::uint32_t datablock) {
    if (nodes_[blend].reached[datablock]) return;
    nodes_[blend].reached[datablock] = true;
    work_.emplace_back(blend, datablock);
  }

  void reach_roots(std::size_t blend, bool all) {
    const TraceRecord& record = *trace_.blends[blend].record;
    for (std::uint32_t i = 0; i < record.datablocks.size(); ++i)
      if (record.datablocks[i].root && (all || record.datablocks[i].library == kNone)) reach(blend, i);
  }

  void visit(std::size_t blend, std::uint32_t datablock) {
    const std::shared_ptr<const TraceRecord> record = trace_.blends[blend].record;
    for (const std::uint32_t reference : std::vector<std::uint32_t>(nodes_[blend].references[datablock]))
      if (record->references[reference].kind != ReferenceKind::library) resolve(blend, reference);
    for (std::uint32_t u = record->use_starts[datablock]; u < record->use_starts[datablock + 1]; ++u)
      reach(blend, record->use_targets[u]);
    const TracedDatablock& self = record->datablocks[datablock];
    if (self.library != kNone) visit_library(blend, self.library, self.name);
  }

  // A placeholder was reached: the library must be there, and `name` in it counts.
  void visit_library(std::size_t blend, std::uint32_t library, const std::string& name) {
    if (nodes_[blend].libraries[library] == kNotOpened) {
      nodes_[blend].libraries[library] = kUnreadable;
      for (const std::uint32_t reference : std::vector<std::uint32_t>(nodes_[blend].references[library])) {
        if (trace_.blends[blend].record->references[reference].kind != ReferenceKind::library) continue;
        const Dependency* dependency = resolve(blend, reference);
        if (dependency == nullptr || !is_banked(dependency->state)) continue;
        const std::string path = dependency->files.front();
        auto opened = open(path);
        if (!opened) {
          trace_.problems.push_back(opened.error().line());
          continue;
        }
        nodes_[blend].libraries[library] = *opened;
        if (options_.include_unused) reach_roots(*opened, true);
      }
    }
    const std::size_t target = nodes_[blend].libraries[library];
    if (target == kNotOpened || target == kUnreadable) return;
    const auto found = nodes_[target].by_name.find(name);
    if (found == nodes_[target].by_name.end()) {
      trace_.problems.push_back(escape_name(trace_.blends[target].path) + " has no " + escape_name(name) +
                                ", which " + escape_name(trace_.blends[blend].path) + " links");
      return;
    }
    reach(target, found->second);
  }

  // Resolves one reference; null where it stands for nothing at all.
  const Dependency* resolve(std::size_t blend, std::uint32_t index) {
    const TraceRecord& record = *trace_.blends[blend].record;
    const TracedReference& reference = record.references[index];
    const std::string& self = trace_.blends[blend].path;
    std::string base = self;
    if (reference.base == SOUSCHEF_BASE_ENTRY) {
      base = trace_.blends.front().path;
    } else if (!reference.base.empty()) {
      base = resolve_written(reference.base, parent_of(self), prefixes_).path;
    }
    std::string written = reference.path;
    if (reference.expansion == Expansion::point_cache && written.empty())
      written = "//" + std::string(kBlendToken);
    for (std::size_t at; (at = written.find(kBlendToken)) != std::string::npos;)
      written.replace(at, kBlendToken.size(), cache_folder(base));
    const ResolvedPath resolved = resolve_written(written, parent_of(base), prefixes_);
    if (resolved.form == PathForm::empty) return nullptr;
    Dependency dependency;
    dependency.blend = blend;
    dependency.reference = index;
    dependency.resolved = resolved.path.empty() ? reference.path : resolved.path;
    find(reference, resolved, dependency);
    trace_.dependencies.push_back(std::move(dependency));
    return &trace_.dependencies.back();
  }

  // "shots/sh010.v2.blend" -> "blendcache_sh010.v2"
  static std::string cache_folder(std::string_view blend) {
    const std::string_view name = name_part(blend);
    return "blendcache_" + std::string(name.substr(0, name.rfind('.')));
  }

  void find(const TracedReference& reference, const ResolvedPath& resolved, Dependency& dependency) {
    ReferenceFiles found;
    if (!resolved.path.empty()) found = files_of(reference, resolved.path, trace_.listings, protected_);
    const std::string root = production_.root().string();
    const bool from_elsewhere = found.files.empty() || !is_below(found.files.front(), root);
    if (from_elsewhere && resolved.form != PathForm::beside && resolved.form != PathForm::loose) {
      const std::string here =
          tail_in_production(reference, resolved.path.empty() ? reference.path : resolved.path);
      if (!here.empty()) {
        ReferenceFiles ours = files_of(reference, here, trace_.listings, protected_);
        if (found.files.empty() || same_files(found.files, ours.files)) {
          found = std::move(ours);
          dependency.note = "taken from this production: " + production_.relative(here);
          dependency.resolved = here;
          dependency.state = DependencyState::found_here;
        } else {
          dependency.note = "outside the production, and not the same as " + production_.relative(here);
        }
      }
    }
    dependency.files = std::move(found.files);
    if (!found.refusal.empty()) dependency.note = found.refusal;
    if (dependency.files.empty()) {
      const bool needed = reference.need == Need::required;
      dependency.state = needed ? DependencyState::missing : DependencyState::not_needed;
      if (resolved.form == PathForm::share || resolved.form == PathForm::windows) {
        if (dependency.note.empty())
          dependency.note = "a Windows path; trace.prefix_map in the config says where it is here";
      } else if (resolved.form == PathForm::loose) {
        dependency.note = "relative to no file: Blender looks in its current folder";
      }
      return;
    }
    if (reference.need == Need::optional) {
      dependency.state = DependencyState::not_needed;
    } else if (dependency.state == DependencyState::found_here) {
      return;
    } else if (found.wrong_case) {
      dependency.state = DependencyState::wrong_case;
      dependency.note = "on disk it is " + escape_name(dependency.files.front());
      if (dependency.files.size() == 1) dependency.resolved = dependency.files.front();
    } else {
      const bool outside = !is_below(dependency.files.front(), production_.root().string());
      dependency.state = outside ? DependencyState::outside : DependencyState::found;
    }
  }

  // Whether two lists of files have the same names and bytes, one by one.
  static bool same_files(const std::vector<std::string>& theirs, const std::vector<std::string>& ours) {
    return std::equal(theirs.begin(), theirs.end(), ours.begin(), ours.end(),
                      [](const std::string& a, const std::string& b) {
                        return name_part(a) == name_part(b) && same_bytes(a, b);
                      });
  }

  // An absolute path from another machine: the longest tail of at least a folder and a name that exists here.
  std::string tail_in_production(const TracedReference& reference, std::string_view absolute) {
    std::string slashed(absolute);
    std::replace(slashed.begin(), slashed.end(), '\\', '/');
    const std::string root = production_.root().string();
    if (is_below(slashed, root)) return {};
    for (std::size_t at = slashed.find('/'); at != std::string::npos; at = slashed.find('/', at + 1)) {
      const std::string_view tail = std::string_view(slashed).substr(at + 1);
      if (tail.find('/') == std::string_view::npos) break;
      const std::string candidate = normalised(joined(root, tail));
      const ReferenceFiles found = files_of(reference, candidate, trace_.listings, protected_);
      if (!found.files.empty() && !found.wrong_case) return candidate;
    }
    return {};
  }

  static constexpr std::string_view kBlendToken = "<BLENDCACHE>";

  Production& production_;
  store::Store* store_;
  const TraceOptions& options_;
  std::vector<std::pair<std::string, std::string>> prefixes_;
  std::vector<std::string> protected_;
  Trace trace_;
  std::vector<Node> nodes_;
  std::unordered_map<std::string, std::size_t> by_path_;
  std::vector<std::pair<std::size_t, std::uint32_t>> work_;
};

}  // namespace

Result<Trace> trace_blend(Production& production, const fs::path& entry, const TraceOptions& options) {
  auto store = production.store();
  return Walk(production, store ? *store : nullptr, options).run(production.located(entry));
}

bool Trace::is_baked(std::size_t blend, const TracedSimulation& simulation) const {
  if (!simulation.baked || simulation.cache == kNone) return simulation.baked;
  for (const Dependency& dependency : dependencies)
    if (dependency.blend == blend && dependency.reference == simulation.cache)
      return !dependency.files.empty();
  return false;
}

std::string job_path_of(const Production& production, std::string_view absolute) {
  const std::string inside = production.relative(fs::path(absolute));
  if (!inside.empty()) return inside;
  return std::string(kOutsideFolder) + normalised(absolute);
}

std::map<std::string, std::string> files_to_bank(const Production& production, const Trace& trace) {
  std::map<std::string, std::string> all;
  for (const TracedBlend& blend : trace.blends) all.emplace(blend.path, blend.job_path);
  for (const Dependency& dependency : trace.dependencies)
    if (is_banked(dependency.state))
      for (const std::string& file : dependency.files) all.emplace(file, job_path_of(production, file));
  return all;
}

void remember_traces(store::Store& store, const Trace& trace,
                     const std::map<std::string, ContentId>& contents) {
  for (const TracedBlend& blend : trace.blends) {
    const auto content = contents.find(blend.path);
    if (blend.cache_key.empty() || content == contents.end()) continue;
    store.set_memo(store::MemoTable::trace, blend.cache_key + content->second.hex(),
                   pack_record(*blend.record));
  }
}

std::vector<ManifestRemap> remaps_of(const Production& production, const Trace& trace) {
  std::vector<ManifestRemap> remaps;
  for (const Dependency& dependency : trace.dependencies) {
    if (!is_banked(dependency.state)) continue;
    const TracedReference& reference = trace.reference(dependency);
    const bool beside = form_of(reference.path) == PathForm::beside || reference.path.empty();
    const bool in_place = beside && dependency.state == DependencyState::found;
    if (in_place || !reference.rewritable) continue;
    remaps.push_back({.file = trace.blends[dependency.blend].job_path,
                      .written = reference.path,
                      .base = reference.base,
                      .path = job_path_of(production, dependency.resolved)});
  }
  return remaps;
}

std::vector<ManifestMissing> missing_of(const Production& production, const Trace& trace) {
  std::vector<ManifestMissing> missing;
  for (const Dependency& dependency : trace.dependencies) {
    if (dependency.state != DependencyState::missing) continue;
    const TracedReference& reference = trace.reference(dependency);
    const std::string inside = production.relative(fs::path(dependency.resolved));
    missing.push_back({.path = inside.empty() ? reference.path : inside,
                       .kind = std::string(name_of(reference.kind)),
                       .from = trace.blends[dependency.blend].job_path});
  }
  return missing;
}

std::string_view name_of(DependencyState state) {
  switch (state) {
    case DependencyState::found:
      return "found";
    case DependencyState::found_here:
      return "found_here";
    case DependencyState::wrong_case:
      return "wrong_case";
    case DependencyState::outside:
      return "outside";
    case DependencyState::missing:
      return "missing";
    case DependencyState::not_needed:
      return "not_needed";
  }
  return "missing";
}

Json trace_json(const Production& production, const Trace& trace) {
  const auto shown = [&](const std::string& path) {
    const std::string inside = production.relative(fs::path(path));
    return escape_name(inside.empty() ? path : inside);
  };
  Json dependencies = Json::array();
  Json missing = Json::array();
  for (const Dependency& dependency : trace.dependencies) {
    const TracedReference& reference = trace.reference(dependency);
    const TraceRecord& record = *trace.blends[dependency.blend].record;
    Json one = {{"path", escape_name(reference.path)},
                {"resolved", escape_name(dependency.resolved)},
                {"kind", name_of(reference.kind)},
                {"from", shown(trace.blends[dependency.blend].path)},
                {"exists", !dependency.files.empty()},
                {"required", reference.need == Need::required},
                {"state", name_of(dependency.state)},
                {"datablock", escape_name(record.datablock_name(reference.datablock))},
                {"property", reference.property},
                {"note", dependency.note}};
    if (reference.expansion != Expansion::file) {
      Json files = Json::array();
      for (const std::string& file : dependency.files) files.push_back(shown(file));
      one["sequence"] = std::move(files);
    }
    if (dependency.state == DependencyState::missing)
      missing.push_back({{"path", escape_name(reference.path)},
                         {"resolved", escape_name(dependency.resolved)},
                         {"kind", name_of(reference.kind)},
                         {"from", one["from"]}});
    dependencies.push_back(std::move(one));
  }
  const TraceRecord& entry = *trace.blends.front().record;
  Json facts = Json::parse(entry.facts, nullptr, false);
  if (!facts.is_object()) facts = Json::object();
  Json outputs = Json::array();
  for (const TracedOutput& output : entry.outputs)
    outputs.push_back({{"kind", name_of(output.kind)},
                       {"path", escape_name(output.path)},
                       {"slot", escape_name(output.slot)},
                       {"format", output.format},
                       {"extension", output.extension},
                       {"node", output.node},
                       {"datablock", escape_name(entry.datablock_name(output.datablock))},
                       {"muted", output.muted}});
  Json simulations = Json::array();
  Json warnings = Json::array();
  Json blends = Json::array();
  for (std::size_t i = 0; i < trace.blends.size(); ++i) {
    const TracedBlend& blend = trace.blends[i];
    blends.push_back(shown(blend.path));
    for (const TracedSimulation& simulation : blend.record->simulations) {
      if (!blend.is_reached(simulation.datablock)) continue;
      simulations.push_back({{"file", shown(blend.path)},
                             {"datablock", escape_name(blend.record->datablock_name(simulation.datablock))},
                             {"kind", simulation.kind},
                             {"name", simulation.name},
                             {"baked", trace.is_baked(i, simulation)}});
    }
    for (const TraceWarning& warning : blend.record->warnings) {
      if (!blend.is_reached(warning.datablock)) continue;
      warnings.push_back({{"file", shown(blend.path)},
                          {"datablock", escape_name(blend.record->datablock_name(warning.datablock))},
                          {"code", warning.code},
                          {"message", warning.message}});
    }
  }
  Json scenes = facts.value("scenes", Json::array());
  return {{"file", shown(trace.blends.front().path)},
          {"scenes", std::move(scenes)},
          {"facts", std::move(facts)},
          {"blends", std::move(blends)},
          {"dependencies", std::move(dependencies)},
          {"outputs", std::move(outputs)},
          {"missing", std::move(missing)},
          {"simulations", std::move(simulations)},
          {"warnings", std::move(warnings)},
          {"problems", trace.problems}};
}

}  // namespace souschef::core
