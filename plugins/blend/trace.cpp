// SPDX-License-Identifier: MIT
// The tracer's driver: a list of passes over the file and the libraries packed into it.
#include "plugins/blend/trace.hpp"

#include <string>
#include <utility>
#include <vector>

#include "plugins/blend/extractors.hpp"
#include "plugins/blend/file_notes.hpp"
#include "plugins/blend/first_pass.hpp"
#include "plugins/blend/outputs.hpp"
#include "plugins/blend/residual_rules.hpp"
#include "plugins/blend/scene_facts.hpp"
#include "plugins/blend/viewport_only.hpp"

namespace souschef::blend {
namespace {

constexpr Code kNodeTree = code_of("NT");

struct Part {
  Code code;
  Extractor trace;
};

constexpr Part kParts[] = {
    {code_of("IM"), trace_image},  {kLibrary, trace_library},         {code_of("SO"), trace_sound},
    {code_of("VF"), trace_font},   {code_of("MC"), trace_clip},       {code_of("VO"), trace_volume},
    {code_of("TX"), trace_text},   {code_of("CF"), trace_cache_file}, {code_of("ME"), trace_mesh},
    {code_of("CA"), trace_camera}, {code_of("BR"), trace_brush},      {code_of("TE"), trace_texture},
    {code_of("OB"), trace_object}, {code_of("SC"), trace_scene},      {kNodeTree, trace_group_outputs}};

// Numbers references and hands everything on.
class Report final : public FindingSink {
 public:
  Report(TraceSink& sink, const SpotObserver& observer) : sink_(sink), observer_(observer) {}

  std::uint32_t reference(Found found) override {
    if (stopped_) return kNone;
    found.reference.rewritable = found.spot.kind != Spot::Kind::none;
    const std::uint32_t number = count_++;
    if (observer_) observer_(number, found.spot);
    stopped_ = !sink_.reference(found.reference);
    return number;
  }
  void output(TracedOutput output) override { stopped_ = stopped_ || !sink_.output(output); }
  // A simulation names a reference; both are in order by then.
  void simulation(TracedSimulation simulation) override {
    stopped_ = stopped_ || !sink_.simulation(simulation);
  }
  void warning(TraceWarning warning) override { stopped_ = stopped_ || !sink_.warning(warning); }

  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  TraceSink& sink_;
  const SpotObserver& observer_;
  std::uint32_t count_ = 0;
  bool stopped_ = false;
};

class Trace {
 public:
  Trace(BlendAnalysis& analysis, const Units& units, TraceSink& sink, const SpotObserver& observer)
      : analysis_(analysis), units_(units), sink_(sink), report_(sink, observer), notes_(units.all.size()) {}

  Status run() {
    SOUSCHEF_CHECK(report_datablocks());
    SOUSCHEF_CHECK(report_uses());
    // From here datablocks and links are known to the host.
    for (std::uint32_t unit = 0; unit < units_.all.size(); ++unit) SOUSCHEF_CHECK(report_references(unit));
    for (const Units::Problem& problem : units_.problems)
      report_.warning(
          {problem.datablock, "packed_library", "a packed library cannot be read: " + problem.message});
    warn_about_damage();
    if (!sink_.facts(scene_facts(analysis_, units_.all[0], notes_[0]))) return abi::stopped();
    for (const Unit& unit : units_.all) SOUSCHEF_CHECK(check_read(unit));
    return report_.stopped() ? Status(abi::stopped()) : Status();
  }

 private:
  Status report_datablocks() {
    for (const Unit& unit : units_.all) {
      const Datablocks& datablocks = unit.file->datablocks();
      for (std::uint32_t d = 0; d < datablocks.size(); ++d)
        if (!sink_.datablock(described(unit, d))) return abi::stopped();
    }
    return {};
  }

  static TracedDatablock described(const Unit& unit, std::uint32_t d) {
    const Datablocks& datablocks = unit.file->datablocks();
    const Code code = unit.file->blocks().groups()[datablocks.group(d)].code;
    TracedDatablock result;
    result.name = datablocks.name(d);
    // A library counts when something of it is used, a packed one's content too.
    result.root = unit.depth == 0 && !is_interface(code) && code != kLibrary;
    if (datablocks.is_placeholder(d)) {
      const std::uint32_t library = datablocks.at(datablocks.library(d));
      if (library != kNoDatablock) result.library = unit.first_datablock + library;
    }
    return result;
  }

  Status report_uses() {
    for (std::uint32_t i = 0; i < units_.all.size(); ++i) {
      const Unit& unit = units_.all[i];
      Uses uses(unit.first_datablock, unit.file->datablocks().size());
      SOUSCHEF_CHECK(first_pass(units_, i, uses, notes_[i]));
      for (std::uint32_t d = 0; d < unit.file->datablocks().size(); ++d) {
        const auto targets = uses.of(d);
        if (!targets.empty() && !sink_.uses(unit.first_datablock + d, targets)) return abi::stopped();
      }
      notes_[i].viewport_only = find_viewport_only(unit, uses);
      note_libraries(unit, notes_[i]);
      note_scenes(unit, notes_[i]);
    }
    return {};
  }

  // Libraries of which nothing but brushes is linked.
  static void note_libraries(const Unit& unit, FileNotes& notes) {
    const Datablocks& datablocks = unit.file->datablocks();
    std::unordered_set<std::uint32_t> others;
    for (std::uint32_t d = 0; d < datablocks.size(); ++d) {
      if (!datablocks.is_placeholder(d)) continue;
      const std::uint32_t library = datablocks.at(datablocks.library(d));
      if (library == kNoDatablock) continue;
      if (datablocks.name(d).starts_with("BR"))
        notes.brush_libraries.insert(library);
      else
        others.insert(library);
    }
    for (const std::uint32_t library : others) notes.brush_libraries.erase(library);
  }

  Status report_references(std::uint32_t number) {
    const Unit& unit = units_.all[number];
    Scope scope(*unit.file, *unit.effort);
    Visit visit(units_, number, scope, notes_[number], report_);
    // Node groups come last: what the scenes use of them is theirs.
    for (const bool groups : {false, true}) {
      for (std::uint32_t d = 0; d < unit.file->datablocks().size(); ++d) {
        const Code code = unit.file->blocks().groups()[unit.file->datablocks().group(d)].code;
        if (is_interface(code) || code == kPlaceholder || (code == kNodeTree) != groups) continue;
        visit.enter(d);
        trace_datablock(visit, code);
        if (report_.stopped()) return abi::stopped();
      }
    }
    report_suspicions(visit, notes_[number]);
    return {};
  }

  static void trace_datablock(Visit& visit, Code code) {
    trace_weak_reference(visit);
    for (const Part& part : kParts)
      if (part.code == code) part.trace(visit);
    // Materials, worlds, lights, scenes and others have a tree of their own inside.
    if (visit.id().pointer("nodetree") != 0)
      trace_node_tree(visit, visit.scope().follow(visit.id(), "nodetree"));
    if (code == kNodeTree) trace_node_tree(visit, visit.id());
  }

  // What nobody has explained by now.
  void report_suspicions(Visit& visit, FileNotes& notes) {
    for (const Suspicion& suspicion : notes.suspicions) {
      if (notes.explained.contains(suspicion.spot.offset)) continue;
      visit.enter(suspicion.datablock);
      Found found;
      found.spot = suspicion.spot;
      found.reference.path = suspicion.text;
      found.reference.property = suspicion.property;
      found.reference.kind = ReferenceKind::unexplained;
      found.reference.need = Need::cache;
      visit.add(std::move(found));
      visit.warn("unexplained_path", suspicion.property + " looks like a path: " + suspicion.text);
    }
    for (const ScriptedDriver& driver : notes.drivers) {
      if (!may_open_files(driver.expression)) continue;
      visit.enter(driver.datablock);
      visit.warn("script_may_read_files", "a driver may read files: " + driver.expression);
    }
  }

  void warn_about_damage() {
    const BlendFile& file = *units_.all[0].file;
    const Blocks::End end = file.blocks().end();
    const std::string last = std::to_string(file.blocks().size());
    if (end == Blocks::End::damaged)
      report_.warning(
          {kNone, "incomplete", "the file is damaged: what stands behind block " + last + " was not read"});
    else if (end != Blocks::End::marker)
      report_.warning(
          {kNone, "incomplete",
           "the file ends too early, behind block " + last + ": it does not end as Blender's files do"});
    if (file.datablocks().repeated_addresses() != 0)
      report_.warning(
          {kNone, "repeated_address", "datablocks of the file share an address; the first counts"});
  }

  static Status check_read(const Unit& unit) {
    SOUSCHEF_CHECK(unit.file->content().status());
    if (unit.effort->exhausted())
      return Error(ErrorCode::bad_input, "the .blend leads in circles", "its lists have no end");
    return {};
  }

  BlendAnalysis& analysis_;
  const Units& units_;
  TraceSink& sink_;
  Report report_;
  std::vector<FileNotes> notes_;
};

}  // namespace

Status trace_units(BlendAnalysis& analysis, const Units& units, TraceSink& sink,
                   const SpotObserver& observer) {
  return Trace(analysis, units, sink, observer).run();
}

}  // namespace souschef::blend
