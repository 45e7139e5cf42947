// SPDX-License-Identifier: MIT
#include <filesystem>
#include <map>
#include <set>

#include <souschef/file_name.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/table.hpp"
#include "core/banking/trace.hpp"
#include "core/production/production.hpp"

namespace fs = std::filesystem;

namespace souschef::cli {
namespace {

std::string who_refers(const core::Trace& trace, const core::Dependency& dependency) {
  const auto& blend = trace.blends[dependency.blend];
  const auto& reference = trace.reference(dependency);
  std::string text = escape_name(blend.record->datablock_name(reference.datablock));
  if (!reference.property.empty()) text += (text.empty() ? "" : " ") + reference.property;
  return text;
}

std::uint64_t size_of(const std::vector<std::string>& files) {
  std::uint64_t sum = 0;
  for (const std::string& file : files) {
    std::error_code code;
    const auto size = fs::file_size(file, code);
    if (!code) sum += size;
  }
  return sum;
}

class Report {
 public:
  Report(Terminal& terminal, const core::Production& production, const core::Trace& trace, bool all)
      : terminal_(terminal), production_(production), trace_(trace), all_(all) {}

  void print() {
    print_missing();
    print_blend(0, "");
    print_outputs();
    print_notes();
    print_totals();
  }

 private:
  [[nodiscard]] std::string shown(const std::string& path) const {
    const std::string inside = production_.relative(fs::path(path));
    return escape_name(inside.empty() ? path : inside);
  }

  void print_missing() {
    for (const core::Dependency& dependency : trace_.dependencies) {
      if (dependency.state != core::DependencyState::missing) continue;
      const auto& reference = trace_.reference(dependency);
      terminal_.print(terminal_.out_style(Style::red, "missing  " + shown_name(reference.path)) + "  " +
                      std::string(core::name_of(reference.kind)));
      terminal_.print("         needed by " + shown(trace_.blends[dependency.blend].path) + ": " +
                      who_refers(trace_, dependency));
      if (!dependency.note.empty()) terminal_.print("         " + dependency.note);
    }
  }

  // A .blend with what it needs, its libraries below it; one that was shown before is only named.
  void print_blend(std::size_t index, const std::string& indent) {
    const core::TracedBlend& blend = trace_.blends[index];
    const bool seen = !shown_.insert(index).second;
    const std::string name = indent + terminal_.out_style(Style::bold, shown(blend.path));
    if (seen) {
      terminal_.print(name + terminal_.out_style(Style::dim, "  (see above)"));
      return;
    }
    count({blend.path});
    terminal_.print(name + "  " + human_bytes(size_of({blend.path})));
    std::vector<std::size_t> libraries;
    Table table({Align::left, Align::left, Align::right, Align::left});
    for (const core::Dependency& dependency : trace_.dependencies) {
      if (dependency.blend != index || dependency.state == core::DependencyState::missing) continue;
      if (const std::size_t library = library_of(dependency); library != 0) {
        libraries.push_back(library);
        continue;
      }
      add_row(table, dependency, indent + "  ");
    }
    for (const std::string& line : table.lines()) terminal_.print(line);
    for (const std::size_t library : libraries) print_blend(library, indent + "  ");
  }

  // The traced blend that a library reference leads to; 0 (the entry is nobody's library here) for anything
  // else.
  [[nodiscard]] std::size_t library_of(const core::Dependency& dependency) const {
    if (trace_.reference(dependency).kind != ReferenceKind::library || dependency.files.empty()) return 0;
    for (std::size_t i = 1; i < trace_.blends.size(); ++i)
      if (trace_.blends[i].path == dependency.files.front()) return i;
    return 0;
  }

  void add_row(Table& table, const core::Dependency& dependency, const std::string& indent) {
    const bool idle = dependency.state == core::DependencyState::not_needed;
    if (idle && !all_) return;
    const auto& reference = trace_.reference(dependency);
    std::string name = shown(dependency.resolved);
    if (dependency.files.size() > 1) name += "  (" + counted(dependency.files.size(), "file") + ")";
    if (!idle) count(dependency.files);
    if (idle) name = terminal_.out_style(Style::dim, name + "  (not needed to render)");
    table.row({indent + std::string(core::name_of(reference.kind)), name,
               idle ? "" : human_bytes(size_of(dependency.files)),
               terminal_.out_style(Style::dim, who_refers(trace_, dependency))});
  }

  void count(const std::vector<std::string>& files) {
    for (const std::string& file : files)
      if (counted_.insert(file).second) {
        ++files_;
        bytes_ += size_of({file});
      }
  }

  void print_outputs() {
    for (const TracedOutput& output : trace_.blends.front().record->outputs) {
      if (output.kind == OutputKind::bake && !all_) continue;
      std::string text = shown_name(output.path) + (output.slot.empty() ? "" : shown_name(output.slot));
      terminal_.print("writes   " + text + "  " + output.format +
                      (output.node.empty() ? "" : "  (" + output.node + ")") +
                      (output.muted ? "  muted" : ""));
    }
  }

  void print_notes() {
    for (const core::Dependency& dependency : trace_.dependencies) {
      const bool worth =
          dependency.state == core::DependencyState::wrong_case ||
          dependency.state == core::DependencyState::found_here ||
          (dependency.state == core::DependencyState::outside && !production_.paths().dot.empty());
      if (!worth) continue;
      const std::string why = dependency.note.empty() ? "outside the production" : dependency.note;
      warn_once(shown_name(trace_.reference(dependency).path) + ": " + why);
    }
    for (std::size_t i = 0; i < trace_.blends.size(); ++i) {
      const core::TracedBlend& blend = trace_.blends[i];
      for (const TracedSimulation& simulation : blend.record->simulations)
        if (!trace_.is_baked(i, simulation) && blend.is_reached(simulation.datablock))
          warn_once(shown(blend.path) + ": the " + simulation.kind + " simulation " + simulation.name +
                    " of " + escape_name(blend.record->datablock_name(simulation.datablock)) +
                    " is not baked");
      for (const TraceWarning& warning : blend.record->warnings)
        if (blend.is_reached(warning.datablock)) warn_once(shown(blend.path) + ": " + warning.message);
    }
    for (const std::string& problem : trace_.problems) warn_once(problem);
  }

  // A library is referred to by many files, and outside of a production all of it is; a list of an add-on has
  // the same path in every row.
  void warn_once(const std::string& line) {
    if (warned_.insert(line).second) terminal_.warn(line);
  }

  void print_totals() {
    std::size_t missing = 0;
    for (const core::Dependency& dependency : trace_.dependencies)
      missing += dependency.state == core::DependencyState::missing ? 1 : 0;
    std::string text = counted(files_, "file") + ", " + human_bytes(bytes_);
    text += missing == 0 ? ", nothing missing"
                         : ", " + terminal_.out_style(Style::red, counted(missing, "reference") + " missing");
    terminal_.print(text);
  }

  Terminal& terminal_;
  const core::Production& production_;
  const core::Trace& trace_;
  const bool all_;
  std::set<std::size_t> shown_;
  std::set<std::string> counted_;
  std::set<std::string> warned_;
  std::uint64_t bytes_ = 0, files_ = 0;
};

}  // namespace

Result<ExitCode> cmd_trace(Invocation& invocation) {
  std::string file;
  bool include_unused = false, all = false;
  Arguments arguments(invocation);
  arguments.positional("FILE.blend", file, "the .blend to look into");
  arguments.flag("--include-unused", include_unused, "follow everything in a library, not only what is used");
  arguments.flag("-a,--all", all, "also what a render does not look at: proxies, texts, bake folders");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  SOUSCHEF_TRY(core::Production* const production, invocation.production_or_lone(file));
  core::TraceOptions options;
  options.include_unused = include_unused || production->config().boolean("trace.include_unused");
  options.cancelled = interrupted;
  SOUSCHEF_TRY(const core::Trace trace, core::trace_blend(*production, invocation.absolute(file), options));
  invocation.terminal().record(core::trace_json(*production, trace));
  Report(invocation.terminal(), *production, trace, all).print();
  for (const core::Dependency& dependency : trace.dependencies)
    if (dependency.state == core::DependencyState::missing) return ExitCode::partly;
  return ExitCode::done;
}

}  // namespace souschef::cli
