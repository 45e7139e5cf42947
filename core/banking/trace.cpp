// SPDX-License-Identifier: MIT
// The walk. A library is read once; which of its datablocks count grows as other files refer to more of them:
//
//   main.blend   uses  lib/set.blend: GRVillage
//   set.blend    GRVillage uses OBHouse, OBHouse uses lib/prop.blend: MEWell
//   prop.blend   MEWell uses IMwell -> //tex/well.png
//
// Each file keeps the set of datablocks that were reached; a work list holds what was newly reached. When it
// is empty, the libraries that were asked for on the way are read side by side, and what is linked of them is
// reached next. Invariant: a datablock is processed once, so the walk ends whatever loops the files have.
#include "core/banking/trace.hpp"

#include <algorithm>
#include <unordered_map>

#include <souschef/file_name.hpp>

#include "core/banking/reference_files.hpp"
#include "core/banking/trace_reader.hpp"
#include "core/base/file_view.hpp"
#include "core/production/blend_path.hpp"
#include "core/production/production.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

bool is_banked(DependencyState state) {
  return state == DependencyState::found || state == DependencyState::found_here ||
         state == DependencyState::wrong_case || state == DependencyState::outside;
}

// A file may be reached as itself or, for a packed library, under another base: each (path) is one node.
class Walk {
 public:
  Walk(Production& production, store::Store* store, const TraceOptions& options)
      : production_(production),
        options_(options),
        reader_(production, store, options),
        comparison_(store, options.view, options.clock != nullptr ? *options.clock : store::Clock::real()) {
    const Json map = production.config().table("trace.prefix_map");
    for (const auto& [from, to] : map.items())
      if (to.is_string()) prefixes_.emplace_back(from, expand_path(to.get<std::string>()));
    const std::string root = production.root().string();
    protected_ = {root};
    trace_.listings = FolderListings(options.view);
    if (const char* home = std::getenv("HOME")) protected_.emplace_back(home);
  }

  Result<Trace> run(const fs::path& entry) {
    open({entry.lexically_normal().string()});
    if (!failed_.empty()) return std::move(failed_.begin()->second);
    reach_roots(0, true);
    while (!work_.empty() || !linked_.empty()) {
      if (options_.cancelled && options_.cancelled()) return Error(ErrorCode::cancelled, "stopped");
      if (work_.empty()) {
        open_libraries();
        continue;
      }
      const auto [blend, datablock] = work_.back();
      work_.pop_back();
      visit(blend, datablock);
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) trace_.blends[i].reached = std::move(nodes_[i].reached);
    std::stable_sort(trace_.dependencies.begin(), trace_.dependencies.end(),
                     [](const auto& a, const auto& b) {
                       return std::pair(a.blend, a.reference) < std::pair(b.blend, b.reference);
                     });
    trace_.compared = comparison_.compared();
    return std::move(trace_);
  }

 private:
  struct Node {
    std::vector<bool> reached;
    std::vector<std::vector<std::uint32_t>> references;  // by datablock
    std::unordered_map<std::string, std::uint32_t> by_name;
    std::vector<std::size_t> libraries;  // datablock of the library -> index of its blend, or npos
  };
  // A library that a blend refers to, with the path that it was found at or the name of what is linked of it.
  struct Link {
    std::size_t blend = 0;
    std::uint32_t library = 0;
    std::string text;
  };
  static constexpr std::size_t kNotOpened = static_cast<std::size_t>(-1);
  static constexpr std::size_t kUnreadable = static_cast<std::size_t>(-2);

  // Reads those of `paths` that nobody has read yet, side by side. What fails is kept for who asked for it.
  void open(const std::vector<std::string>& paths) {
    std::vector<std::string> fresh;
    for (const std::string& path : paths) {
      if (by_path_.contains(path) || failed_.contains(path)) continue;
      if (std::find(fresh.begin(), fresh.end(), path) != fresh.end()) continue;
      if (options_.progress) options_.progress(path);
      fresh.push_back(path);
    }
    std::vector<Result<TracedBlend>> blends = reader_.read(fresh);
    for (std::size_t i = 0; i < fresh.size(); ++i) {
      if (!blends[i]) {
        failed_.emplace(fresh[i], std::move(blends[i].error()));
        continue;
      }
      const std::size_t index = trace_.blends.size();
      by_path_[fresh[i]] = index;
      trace_.blends.push_back(std::move(*blends[i]));
      prepare(index);
    }
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
        wanted_.push_back({blend, library, dependency->files.front()});
      }
    }
    linked_.push_back({blend, library, name});
  }

  // From here every library that what was reached so far links is read; then what is linked of it counts.
  void open_libraries() {
    std::vector<std::string> paths;
    for (const Link& wanted : wanted_) paths.push_back(wanted.text);
    open(paths);
    for (const Link& wanted : std::exchange(wanted_, {})) {
      const auto opened = by_path_.find(wanted.text);
      if (opened == by_path_.end()) {
        trace_.problems.push_back(failed_.at(wanted.text).line());
        continue;
      }
      nodes_[wanted.blend].libraries[wanted.library] = opened->second;
      if (options_.include_unused) reach_roots(opened->second, true);
    }
    for (const Link& link : std::exchange(linked_, {})) reach_linked(link);
  }

  void reach_linked(const Link& link) {
    const std::size_t target = nodes_[link.blend].libraries[link.library];
    if (target == kNotOpened || target == kUnreadable) return;
    const auto found = nodes_[target].by_name.find(link.text);
    if (found == nodes_[target].by_name.end()) {
      trace_.problems.push_back(escape_name(trace_.blends[target].path) + " has no " +
                                escape_name(link.text) + ", which " +
                                escape_name(trace_.blends[link.blend].path) + " links");
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
  bool same_files(const std::vector<std::string>& theirs, const std::vector<std::string>& ours) {
    return std::equal(theirs.begin(), theirs.end(), ours.begin(), ours.end(),
                      [this](const std::string& a, const std::string& b) {
                        return name_part(a) == name_part(b) && comparison_.same(a, b);
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
  const TraceOptions& options_;
  TraceReader reader_;
  FileComparison comparison_;
  std::vector<std::pair<std::string, std::string>> prefixes_;
  std::vector<std::string> protected_;
  Trace trace_;
  std::vector<Node> nodes_;
  std::unordered_map<std::string, std::size_t> by_path_;
  std::map<std::string, Error> failed_;  // paths that could not be read
  std::vector<std::pair<std::size_t, std::uint32_t>> work_;
  std::vector<Link> wanted_;  // libraries to open, by path
  std::vector<Link> linked_;  // what is linked of libraries, by name
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
    case DependencyState::late:
      return "late";
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
    Json one = {{"path", shown_name(reference.path)},
                {"resolved", shown_name(dependency.resolved)},
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
      missing.push_back({{"path", shown_name(reference.path)},
                         {"resolved", shown_name(dependency.resolved)},
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
                       {"path", shown_name(output.path)},
                       {"slot", shown_name(output.slot)},
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
