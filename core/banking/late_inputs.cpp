// SPDX-License-Identifier: MIT
// A job never changes, so binding makes another one:
//
//   ordered   edit.blend uses //../renders/sh010/0001.png, which the order `fisk` is going to write. The job
//             is banked without it, the manifest says that it is missing, the order says that it is late and
//             comes after `fisk`
//   bound     when `fisk` is done: the same manifest, with renders/sh010/0001.png as it lies there
//   rendered  from that job, also after an interruption and after another render of sh010
//
// It is written as any job is: content, manifest, record, and last the order's note of it (bound_job). Who is
// killed in between binds again: the same content is the same job.
#include "core/banking/late_inputs.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <souschef/file_name.hpp>

#include "core/banking/folder_listing.hpp"
#include "core/banking/reference_files.hpp"
#include "core/base/ulid.hpp"
#include "core/jobs/job_store.hpp"
#include "core/production/blend_path.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr int kTries = 4;            // a gc that passes meanwhile
constexpr std::size_t kListed = 20;  // of what a message names

TracedReference reference_of(const LateInput& late) {
  TracedReference reference;
  reference.path = late.written;
  reference.expansion = late.expansion;
  reference.pattern = late.pattern;
  reference.first_frame = late.first_frame;
  reference.last_frame = late.last_frame;
  return reference;
}

// Everything that says which reference it is; who writes its files does not.
auto reference_key(const LateInput& late) {
  return std::tie(late.path, late.from, late.written, late.base, late.expansion, late.pattern,
                  late.first_frame, late.last_frame);
}
auto order_key(const LateInput& late) {
  return std::tuple_cat(reference_key(late), std::tie(late.order));
}

// Job path -> the file to read.
Result<std::map<std::string, fs::path>> find_files(const Production& production,
                                                   const std::vector<LateInput>& late) {
  const std::string root = production.root().string();
  FolderListings listings;
  std::map<std::string, fs::path> found;
  std::vector<std::string> missing;
  std::set<decltype(reference_key(late.front()))> seen;
  for (const LateInput& each : late) {
    if (!seen.insert(reference_key(each)).second) continue;  // several orders write its files
    const ReferenceFiles files = files_of(reference_of(each), joined(root, each.path), listings, {root});
    if (files.files.empty() || files.wrong_case)
      missing.push_back(each.kind + " " + escape_name(each.path) + "  (needed by " + escape_name(each.from) +
                        ")");
    for (const std::string& file : files.files) {
      std::error_code code;
      const fs::path real = fs::canonical(file, code);
      if (code) return store::system_error(code.value(), "cannot reach " + escape_name(file));
      if (!is_below(real.string(), root))
        return Error(ErrorCode::denied, escape_name(file) + " leads out of the production",
                     "to " + escape_name(real.string()));
      found.emplace(production.relative(fs::path(file)), real);
    }
  }
  if (missing.empty()) return found;
  Error error(ErrorCode::missing, "files are not there although the orders that write them are over");
  const std::size_t count = missing.size();
  missing.resize(std::min(count, kListed));
  error.why = std::move(missing);
  if (count > kListed) error.why.push_back("and " + std::to_string(count - kListed) + " more");
  return std::move(error).next_step("render them, then: souschef redo ORDER");
}

void take_in(Manifest& manifest, const std::vector<LateInput>& late,
             const std::map<std::string, fs::path>& files, const std::vector<store::StoredFile>& stored) {
  for (const ManifestMissing& each : missing_of(late)) std::erase(manifest.missing, each);
  std::erase_if(manifest.files, [&](const ManifestFile& file) { return files.contains(file.path); });
  std::size_t i = 0;
  for (const auto& [path, real] : files) {
    const store::StoredFile& file = stored[i++];
    manifest.files.push_back({.path = path,
                              .mode = file.stamp.executable ? FileMode::executable : FileMode::regular,
                              .content = file.content,
                              .size = file.content_size,
                              .blob = file.blob,
                              .blob_size = file.blob_size});
  }
  for (const LateInput& each : late)
    if (each.remap) manifest.remaps.push_back({each.from, each.written, each.base, each.path});
  std::sort(manifest.remaps.begin(), manifest.remaps.end());
  manifest.remaps.erase(std::unique(manifest.remaps.begin(), manifest.remaps.end()), manifest.remaps.end());
}

SnapshotRecord record_of(const Manifest& manifest, JobId job) {
  SnapshotRecord record = new_record(job, Origin::order);
  record.ulid = new_ulid();
  record.entry = manifest.entry;
  record.files = manifest.files.size();
  record.bytes = manifest.bytes();
  return record;
}

}  // namespace

std::vector<LateInput> mark_late(const Production& production, FutureFiles& future, Trace& trace) {
  std::vector<LateInput> late;
  if (future.empty()) return late;
  for (Dependency& dependency : trace.dependencies) {
    const TracedReference& reference = trace.reference(dependency);
    const bool needed = reference.need == Need::required && reference.kind != ReferenceKind::library;
    const std::string inside = production.relative(fs::path(dependency.resolved));
    if (!needed || inside.empty()) continue;
    const bool beside = form_of(reference.path) == PathForm::beside;
    for (const FutureFiles::Writer* const writer : future.writers_of(reference, inside)) {
      dependency.state = DependencyState::late;
      late.push_back({.path = inside,
                      .from = trace.blends[dependency.blend].job_path,
                      .kind = std::string(name_of(reference.kind)),
                      .written = reference.path,
                      .base = reference.base,
                      .expansion = reference.expansion,
                      .pattern = reference.pattern,
                      .first_frame = reference.first_frame,
                      .last_frame = reference.last_frame,
                      .remap = !beside && reference.rewritable,
                      .order = writer->id});
    }
  }
  std::sort(late.begin(), late.end(),
            [](const LateInput& a, const LateInput& b) { return order_key(a) < order_key(b); });
  late.erase(std::unique(late.begin(), late.end()), late.end());
  return late;
}

std::vector<ManifestMissing> missing_of(const std::vector<LateInput>& late) {
  std::vector<ManifestMissing> missing;
  missing.reserve(late.size());
  for (const LateInput& each : late) missing.push_back({each.path, each.kind, each.from});
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  return missing;
}

Result<JobId> bind_late_inputs(Production& production, JobId job, const std::vector<LateInput>& late,
                               const store::CancelFunction& cancelled) {
  JobStore jobs(production);
  SOUSCHEF_TRY(const Manifest banked, jobs.load(job));
  SOUSCHEF_TRY(const auto files, find_files(production, late));
  std::vector<store::PutRequest> requests;
  for (const auto& [path, real] : files) requests.push_back({real, nullptr});

  // ---- from here it is known which files come in

  SOUSCHEF_TRY(store::Store* const store, production.store());
  SOUSCHEF_TRY(const auto session, store->begin_write("late inputs"));
  for (int left = kTries; true; --left) {
    SOUSCHEF_TRY(const auto stored, session->put_files(requests, {}, cancelled));
    Manifest manifest = banked;
    take_in(manifest, late, files, stored);
    SOUSCHEF_CHECK(manifest.normalise());
    SOUSCHEF_CHECK(session->seal());

    // ---- from here all content is on disk

    SOUSCHEF_TRY(const JobId bound, jobs.publish(manifest, *session));
    SOUSCHEF_CHECK(jobs.publish(record_of(manifest, bound)));
    const Status confirmed = session->confirm();
    if (confirmed && jobs.exists(bound)) return bound;
    if (left <= 1)
      return confirmed ? Error(ErrorCode::changed, "garbage was collected while late inputs were banked")
                       : confirmed.error();
  }
}

}  // namespace souschef::core
