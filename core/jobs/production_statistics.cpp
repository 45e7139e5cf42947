// SPDX-License-Identifier: MIT
#include "core/jobs/production_statistics.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <souschef/file_name.hpp>

#include "core/jobs/job_store.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code code;
  for (fs::recursive_directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
    if (at->is_regular_file(code) && !code) bytes += at->file_size(code);
  return bytes;
}

struct Group {
  std::set<store::ContentRoot> roots;
  std::set<JobId> jobs;
  std::uint64_t logical = 0;
};
using Groups = std::map<std::string, Group>;

store::ContentRoot root_of(const ManifestFile& file) {
  return {file.content, file.blob.hash == file.content.hash ? BlobId() : file.blob};
}

// A job belongs to every entry that it was banked as.
std::map<JobId, std::set<std::string>> entries_of(const std::vector<SnapshotRecord>& records) {
  std::map<JobId, std::set<std::string>> entries;
  for (const SnapshotRecord& record : records)
    entries[record.job].insert(record.entry.empty() ? "(all)" : record.entry);
  return entries;
}

Status add_job(JobStore& jobs, JobId id, StatisticsBy by, const std::set<std::string>& entries,
               Groups& groups) {
  SOUSCHEF_TRY(const Manifest manifest, jobs.load(id));
  SOUSCHEF_TRY(const auto contents, jobs.contents(id));
  if (by == StatisticsBy::file) {
    for (const ManifestFile& file : manifest.files) {
      if (file.mode == FileMode::symlink) continue;
      Group& group = groups[escape_name(file.path)];
      group.roots.insert(root_of(file));
      group.jobs.insert(id);
      group.logical += file.size;
    }
    std::set<store::ContentRoot> tables(contents.begin(), contents.end());
    for (const ManifestFile& file : manifest.files) tables.erase(root_of(file));
    if (!tables.empty()) groups["(lists of files)"].roots.insert(tables.begin(), tables.end());
    return {};
  }
  std::set<std::string> names = {id.brief()};
  if (by == StatisticsBy::entry)
    names = entries.empty() ? std::set<std::string>{"(without a snapshot)"} : entries;
  for (const std::string& name : names) {
    Group& group = groups[name];
    group.roots.insert(contents.begin(), contents.end());
    group.jobs.insert(id);
    group.logical += manifest.bytes();
  }
  return {};
}

}  // namespace

Result<ProductionStatistics> production_statistics(Production& production, StatisticsBy by,
                                                   const store::CancelFunction& cancelled) {
  SOUSCHEF_TRY(store::Store* const store, production.store());
  JobStore jobs(production);
  SOUSCHEF_TRY(const auto records, jobs.snapshots());
  SOUSCHEF_TRY(const auto ids, jobs.list());
  auto entries = entries_of(records);
  ProductionStatistics statistics;
  statistics.snapshots = records.size();
  statistics.jobs = ids.size();
  Groups groups;
  for (const JobId& id : ids) SOUSCHEF_CHECK(add_job(jobs, id, by, entries[id], groups));

  std::vector<std::vector<store::ContentRoot>> roots;
  for (auto& [name, group] : groups) {
    StatisticsRow row;
    row.name = name;
    row.jobs = group.jobs.size();
    row.logical = group.logical;
    statistics.logical += group.logical;
    statistics.rows.push_back(std::move(row));
    roots.emplace_back(group.roots.begin(), group.roots.end());
  }
  SOUSCHEF_TRY(const store::StoreStatistics found, store::store_statistics(*store, roots, cancelled));
  for (std::size_t i = 0; i < statistics.rows.size(); ++i) statistics.rows[i].alone = found.alone[i];
  std::stable_sort(statistics.rows.begin(), statistics.rows.end(),
                   [](const auto& a, const auto& b) { return a.alone.stored > b.alone.stored; });
  statistics.shared = found.shared;
  statistics.unneeded = found.unneeded;
  statistics.packs = found.pack_bytes;
  statistics.pack_count = found.packs;
  statistics.tables = found.pack_bytes - found.needed.stored - found.unneeded.stored;
  statistics.index = found.index_bytes;
  statistics.records = bytes_below(production.paths().jobs()) + bytes_below(production.paths().snapshots());
  statistics.trash = bytes_below(production.paths().store() / "trash");
  statistics.on_disk = statistics.packs + statistics.records;
  return statistics;
}

}  // namespace souschef::core
