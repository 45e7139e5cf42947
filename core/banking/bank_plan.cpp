// SPDX-License-Identifier: MIT
#include "core/banking/bank_plan.hpp"

#include <algorithm>
#include <set>

#include <souschef/file_name.hpp>

#include "core/banking/late_inputs.hpp"
#include "core/banking/unchanged.hpp"
#include "core/base/file_view.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/blend_path.hpp"
#include "core/production/folder_walk.hpp"
#include "core/production/ignore_rules.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kListed = 20;  // of what a message names before "and N more"

// Real paths outside the production, by folder, and whether they may be banked.
class OutsideGate {
 public:
  OutsideGate(Production& production, const SnapshotRequest& request, const AskFunction& ask)
      : root_(production.root().string()),
        trusted_(may_use_allowed_folders(production)),
        policy_(trusted_ ? production.config().list("trace.allow_paths") : std::vector<std::string>(),
                production.root(), request.allow_outside),
        ask_(ask) {}

  void look_at(const std::string& real) {
    if (is_below(real, root_)) return;
    switch (policy_.answer(real)) {
      case OutsideAnswer::allowed:
        return;
      case OutsideAnswer::never:
        refused_.push_back(real);
        return;
      case OutsideAnswer::ask:
        break;
    }
    OutsideFolder& folder = folders_[std::string(parent_of(real))];
    folder.folder = parent_of(real);
    ++folder.files;
    std::error_code ignored;
    const auto size = fs::file_size(real, ignored);
    if (!ignored) folder.bytes += size;
  }

  Status decide() {
    if (!refused_.empty()) {
      Error error(ErrorCode::denied,
                  "a file is needed that may not be banked: " + escape_name(refused_.front()),
                  "system files, devices and the hidden folders of a home never leave their place");
      return std::move(error).next_step("copy it into the production and point to the copy");
    }
    std::vector<std::string> no;
    for (const auto& [path, folder] : folders_) {
      if (ask_ && ask_(folder)) {
        policy_.remember(path);
      } else {
        no.push_back(escape_name(path) + " (" + std::to_string(folder.files) +
                     (folder.files == 1 ? " file, " : " files, ") + std::to_string(folder.bytes) + " bytes)");
      }
    }
    if (no.empty()) return {};
    Error error(ErrorCode::denied, "files outside the production are needed");
    error.why = std::move(no);
    if (!trusted_) return std::move(error).next_step(trusted_.error().next);
    return std::move(error).next_step(
        "add --allow-outside to bank them, or name the folder in trace.allow_paths");
  }

 private:
  static Status may_use_allowed_folders(Production& production) {
    SOUSCHEF_TRY(PluginCatalog* const plugins, production.plugins());
    return plugins->may_use("trace.allow_paths");
  }

  std::string root_;
  Status trusted_;
  OutsidePolicy policy_;
  const AskFunction& ask_;
  std::map<std::string, OutsideFolder> folders_;
  std::vector<std::string> refused_;
};

Result<fs::path> resolve(const std::string& path) {
  std::error_code code;
  fs::path real = fs::canonical(path, code);
  if (code) return store::system_error(code.value(), "cannot reach " + escape_name(path));
  return real;
}

Error missing_error(const std::vector<ManifestMissing>& missing, const std::string& entry) {
  Error error(ErrorCode::missing, std::to_string(missing.size()) +
                                      (missing.size() == 1 ? " file is" : " files are") + " missing that " +
                                      escape_name(entry) + " needs");
  for (std::size_t i = 0; i < missing.size() && i < kListed; ++i)
    error.why.push_back(missing[i].kind + " " + escape_name(missing[i].path) + "  (needed by " +
                        escape_name(missing[i].from) + ")");
  if (missing.size() > kListed)
    error.why.push_back("and " + std::to_string(missing.size() - kListed) + " more");
  return std::move(error).next_step("put them back, or bank without them: add --allow-missing");
}

// What an earlier snapshot of the same entry was allowed to miss is not asked again.
std::vector<ManifestMissing> newly_missing(Production& production, const std::string& entry,
                                           std::vector<ManifestMissing> missing) {
  if (missing.empty()) return missing;
  JobStore jobs(production);
  const auto records = jobs.snapshots();
  if (!records) return missing;
  // What a hook or a watch banked nobody has said yes to.
  const auto last = std::find_if(records->rbegin(), records->rend(), [&](const SnapshotRecord& record) {
    return record.entry == entry && (record.origin == Origin::person || record.origin == Origin::order);
  });
  if (last == records->rend()) return missing;
  const auto manifest = jobs.load(last->job);
  if (!manifest) return missing;
  std::set<ManifestMissing> accepted(manifest->missing.begin(), manifest->missing.end());
  const std::set<std::string> late(last->late.begin(), last->late.end());  // somebody waits for them
  std::erase_if(accepted, [&](const ManifestMissing& each) { return late.contains(each.path); });
  std::erase_if(missing, [&](const ManifestMissing& each) { return accepted.contains(each); });
  return missing;
}

// What the person who banks should know. Of the tracer's own remarks only that a file is not whole: the
// others are for `trace`.
void note_warnings(const Trace& trace, BankPlan& plan) {
  for (const TracedBlend& blend : trace.blends)
    for (const TraceWarning& warning : blend.record->warnings)
      if (warning.code == "incomplete")
        plan.warnings.push_back(escape_name(blend.job_path) + ": " + warning.message);
  for (const std::string& problem : trace.problems) plan.warnings.push_back(problem);
  for (const Dependency& dependency : trace.dependencies)
    if (dependency.state == DependencyState::wrong_case || dependency.state == DependencyState::found_here ||
        (!dependency.note.empty() && dependency.state == DependencyState::found))
      plan.warnings.push_back(escape_name(trace.reference(dependency).path) + ": " + dependency.note);
}

}  // namespace

Status refuse_missing(Production& production, const std::string& entry,
                      std::vector<ManifestMissing> missing) {
  const auto refused = newly_missing(production, entry, std::move(missing));
  if (refused.empty()) return {};
  return missing_error(refused, entry);
}

Result<BankPlan> plan_blend(Production& production, const SnapshotRequest& request,
                            const SnapshotEvents& events) {
  BankPlan plan;
  const fs::path path = production.located(request.path);
  plan.entry = plan.subject = production.relative(path);
  if (plan.entry.empty())
    return Error(ErrorCode::usage, escape_name(request.path.string()) + " is not in this production",
                 "the production is " + escape_name(production.root().string()))
        .next_step("souschef -C FOLDER ...  works on another production");
  TraceOptions options;
  options.include_unused = request.include_unused || production.config().boolean("trace.include_unused");
  options.keep_open = true;
  options.view = request.view;
  options.progress = events.tracing;
  options.cancelled = events.cancelled;
  SOUSCHEF_TRY(plan.trace, trace_blend(production, path, options));

  if (request.future != nullptr) plan.late = mark_late(production, *request.future, *plan.trace);
  plan.missing = missing_of(production, *plan.trace);
  std::sort(plan.missing.begin(), plan.missing.end());
  plan.missing.erase(std::unique(plan.missing.begin(), plan.missing.end()), plan.missing.end());
  if (!request.allow_missing) SOUSCHEF_CHECK(refuse_missing(production, plan.entry, plan.missing));

  OutsideGate gate(production, request, events.ask_outside);
  std::map<std::string, store::SourceFile*> opened;
  for (const TracedBlend& blend : plan.trace->blends) opened[blend.path] = blend.source.get();
  for (const auto& [file, job_path] : files_to_bank(production, *plan.trace)) {
    const bool viewed = request.view != nullptr && request.view->replaces(file);
    SOUSCHEF_TRY(const fs::path real, viewed ? request.view->file_for(file) : resolve(file));
    if (!viewed) gate.look_at(real.string());
    const auto source = opened.find(file);
    plan.files.push_back({job_path, file, real, source == opened.end() ? nullptr : source->second});
  }
  SOUSCHEF_CHECK(gate.decide());
  plan.remaps = remaps_of(production, *plan.trace);
  note_warnings(*plan.trace, plan);
  return plan;
}

Result<BankPlan> plan_folder(Production& production, const SnapshotRequest& request,
                             const SnapshotEvents& events, std::optional<UnchangedJob>* unchanged) {
  BankPlan plan;
  std::error_code code;
  const fs::path real = fs::canonical(request.path, code);
  const std::string folder = code ? request.path.string() : real.string();
  const std::string below = production.relative(fs::path(folder));
  if (below.empty() && folder != production.root().string())
    return Error(ErrorCode::usage, escape_name(folder) + " is not in this production",
                 "the production is " + escape_name(production.root().string()))
        .next_step("souschef -C FOLDER ...  works on another production");
  plan.subject = below;
  IgnoreRules rules;
  const auto ignore_file =
      store::read_file(store::FileSystem::real(), production.root() / ".souschefignore", 1U << 20);
  if (ignore_file) rules.add(*ignore_file);
  for (const std::string& pattern : request.exclude) rules.add(pattern);
  plan.excluded = rules.written();
  SOUSCHEF_TRY(auto entries, walk_folder(production.root().string(), below, rules, events.cancelled));
  if (unchanged != nullptr) {
    *unchanged = find_unchanged_folder(production, plan.subject, plan.excluded, entries);
    if (*unchanged) return plan;
  }
  const std::string root = production.root().string();
  for (WalkedEntry& entry : entries) {
    switch (entry.kind) {
      case WalkedKind::file: {
        const std::string file_path = joined(root, entry.path);
        plan.files.push_back({std::move(entry.path), file_path, file_path, nullptr});
        break;
      }
      case WalkedKind::symlink:
        plan.symlinks.push_back(
            {.path = std::move(entry.path), .mode = FileMode::symlink, .target = std::move(entry.target)});
        break;
      case WalkedKind::other:
        plan.warnings.push_back("left out, neither a file nor a folder: " + escape_name(entry.path));
    }
  }
  return plan;
}

}  // namespace souschef::core
