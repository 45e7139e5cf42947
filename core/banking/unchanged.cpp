// SPDX-License-Identifier: MIT
#include "core/banking/unchanged.hpp"

#include <algorithm>
#include <set>

#include <souschef/file_name.hpp>

#include "core/base/version.hpp"
#include "core/production/blend_path.hpp"
#include "store/file_system_kind.hpp"
#include "store/generation.hpp"
#include "store/hasher.hpp"

namespace souschef::core {
namespace {

constexpr int kRowVersion = 2;

// The hash of a set of lines, whatever their order: what was stored and what a walk finds come in different
// ones.
class SetHash {
 public:
  void add(std::string_view name, const store::FileStamp& stamp) {
    store::Hasher line;
    line.update(name);
    const std::array<std::uint64_t, 5> numbers = {stamp.size, static_cast<std::uint64_t>(stamp.mtime_ns),
                                                  static_cast<std::uint64_t>(stamp.ctime_ns), stamp.inode,
                                                  stamp.executable ? 1U : 0U};
    line.update(std::as_bytes(std::span(numbers)));
    mix(line.finish());
  }
  void add(std::string_view name, std::string_view text) {
    store::Hasher line;
    line.update(name);
    line.update(std::string_view("\0", 1));
    line.update(text);
    mix(line.finish());
  }
  [[nodiscard]] std::string hex() const { return sum_.hex(); }

 private:
  void mix(const Hash& hash) {
    for (std::size_t i = 0; i < Hash::kSize; ++i) sum_.bytes[i] ^= hash.bytes[i];
  }
  Hash sum_;
};

std::uint64_t generation_of(const Production& production) {
  const auto generation =
      store::read_generation(store::FileSystem::real(), store::StorePaths(production.paths().store()));
  return generation ? generation->number : UINT64_MAX;
}

std::string settings_text(const Production& production) {
  std::string text(product_version());
  for (const auto& [key, value] : production.config().values())
    if (key.starts_with("trace.") || key.starts_with("plugin["))
      text += "\n" + key + "=" + value.value.dump();
  return text;
}

std::string blend_key(const Production& production, const SnapshotRequest& request) {
  const std::string entry = production.located(request.path).string();
  return "blend:" + entry + (request.include_unused ? ":all:" : ":used:") +
         store::hash_of(settings_text(production)).brief();
}

std::string folder_key(const std::string& subject, const std::vector<std::string>& rules) {
  std::string text = "folder:" + subject;
  for (const std::string& rule : rules) text += "\n" + rule;
  return text.size() < 300 ? text : "folder:" + store::hash_of(text).hex();
}

Json row_of(const Production& production, const UnchangedJob& job) {
  Json missing = Json::array();
  for (const ManifestMissing& each : job.missing)
    missing.push_back({escape_name(each.path), each.kind, escape_name(each.from)});
  return {{"version", kRowVersion},  {"generation", generation_of(production)},
          {"job", job.job.hex()},    {"files", job.files},
          {"bytes", job.bytes},      {"missing", std::move(missing)},
          {"warnings", job.warnings}};
}

// Rows carry a hash of themselves: what it does not fit was not written here, and is not parsed.
std::string sealed_row(const Json& row) {
  const std::string text = row.dump();
  return store::hash_of(text).hex() + text;
}

Json opened_row(const std::optional<std::string>& text) {
  static constexpr std::size_t kHash = 2 * Hash::kSize;
  if (!text || text->size() < kHash) return {};
  const std::string_view body = std::string_view(*text).substr(kHash);
  if (store::hash_of(body).hex() != std::string_view(*text).substr(0, kHash)) return {};
  return Json::parse(body, nullptr, false);
}

// The row's job, if the store is as it was then.
std::optional<UnchangedJob> job_of(Production& production, const Json& row) {
  if (!row.is_object() || row.value("version", 0) != kRowVersion) return std::nullopt;
  const auto id = JobId::from_hex(row.value("job", ""));
  if (!id || row.value("generation", std::uint64_t{0}) != generation_of(production)) return std::nullopt;
  if (!JobStore(production).exists(*id)) return std::nullopt;
  UnchangedJob job{*id, row.value("files", std::uint64_t{0}),     row.value("bytes", std::uint64_t{0}), {},
                   {},  row.value("generation", std::uint64_t{0})};
  job.warnings = row.value("warnings", std::vector<std::string>());
  for (const Json& each : row.value("missing", Json::array())) {
    if (!each.is_array() || each.size() != 3) return std::nullopt;
    const auto path = unescape_name(each[0].get<std::string>());
    const auto from = unescape_name(each[2].get<std::string>());
    if (!path || !from) return std::nullopt;
    job.missing.push_back({*path, each[1].get<std::string>(), *from});
  }
  return job;
}

Json texts(const auto& list) {
  Json json = Json::array();
  for (const std::string& text : list) json.push_back(escape_name(text));
  return json;
}

void add_folder(SetHash& hash, FolderListings& listings, const std::string& folder) {
  std::string names;
  for (const FolderEntry& entry : listings.of(folder)) names += entry.name + (entry.is_folder ? "/\n" : "\n");
  hash.add("folder " + folder, names);
}

}  // namespace

bool may_remember_unchanged(const Production& production) {
  const auto kind = store::file_system_kind(production.root());
  return kind && kind->nearness == store::Nearness::local;
}

bool still_stands(Production& production, const UnchangedJob& job) {
  return JobStore(production).exists(job.job) && generation_of(production) == job.generation;
}

std::optional<UnchangedJob> find_unchanged_blend(Production& production, const SnapshotRequest& request) {
  const auto store = production.store();
  if (!store || !may_remember_unchanged(production)) return std::nullopt;
  const auto text = (*store)->memo(store::MemoTable::unchanged, blend_key(production, request));
  const Json row = opened_row(text);
  auto job = job_of(production, row);
  if (!job) return std::nullopt;
  SetHash hash;
  for (const Json& each : row.value("paths", Json::array())) {
    const auto path = unescape_name(each.get<std::string>());
    const auto stamp = path ? store::stamp_of(*path) : std::nullopt;
    if (!stamp) return std::nullopt;
    hash.add(*path, *stamp);
  }
  FolderListings listings;
  for (const Json& each : row.value("folders", Json::array()))
    if (const auto folder = unescape_name(each.get<std::string>())) add_folder(hash, listings, *folder);
  for (const Json& each : row.value("absent", Json::array())) {
    const auto path = unescape_name(each.get<std::string>());
    if (!path || store::stamp_of(*path)) return std::nullopt;
  }
  if (hash.hex() != row.value("hash", "")) return std::nullopt;
  return job;
}

void remember_unchanged_blend(Production& production, const SnapshotRequest& request, const BankPlan& plan,
                              const std::vector<store::StoredFile>& stored, const UnchangedJob& job) {
  const auto store = production.store();
  if (!store || !plan.trace || !may_remember_unchanged(production)) return;
  SetHash hash;
  Json paths = Json::array();
  for (std::size_t i = 0; i < plan.files.size(); ++i) {
    if (!stored[i].settled) return;
    hash.add(plan.files[i].path, stored[i].stamp);
    paths.push_back(escape_name(plan.files[i].path));
  }
  // Files outside that have twins here: the job is another as soon as they are no twins any more.
  std::set<std::string> counted;
  for (const PlannedFile& file : plan.files) counted.insert(file.path);
  for (const ComparedFile& file : plan.trace->compared) {
    if (!counted.insert(file.path).second) continue;
    if (!file.settled) return;
    hash.add(file.path, file.stamp);
    paths.push_back(escape_name(file.path));
  }
  FolderListings listings = plan.trace->listings;
  for (const std::string& folder : plan.trace->listings.folders_read()) add_folder(hash, listings, folder);
  Json row = row_of(production, job);
  row["paths"] = std::move(paths);
  row["folders"] = texts(plan.trace->listings.folders_read());
  row["absent"] = texts(plan.trace->listings.absent());
  row["hash"] = hash.hex();
  (*store)->set_memo(store::MemoTable::unchanged, blend_key(production, request), sealed_row(row));
}

std::optional<UnchangedJob> find_unchanged_folder(Production& production, const std::string& subject,
                                                  const std::vector<std::string>& rules,
                                                  const std::vector<WalkedEntry>& entries) {
  const auto store = production.store();
  if (!store || !may_remember_unchanged(production)) return std::nullopt;
  const auto text = (*store)->memo(store::MemoTable::unchanged, folder_key(subject, rules));
  const Json row = opened_row(text);
  auto job = job_of(production, row);
  if (!job) return std::nullopt;
  SetHash hash;
  for (const WalkedEntry& entry : entries) {
    if (entry.kind == WalkedKind::file) hash.add(entry.path, entry.stamp);
    if (entry.kind == WalkedKind::symlink) hash.add("link " + entry.path, entry.target);
  }
  if (hash.hex() != row.value("hash", "")) return std::nullopt;
  return job;
}

void remember_unchanged_folder(Production& production, const BankPlan& plan,
                               const std::vector<store::StoredFile>& stored, const UnchangedJob& job) {
  const auto store = production.store();
  if (!store || !may_remember_unchanged(production)) return;
  SetHash hash;
  for (std::size_t i = 0; i < plan.files.size(); ++i) {
    if (!stored[i].settled) return;
    hash.add(plan.files[i].job_path, stored[i].stamp);
  }
  for (const ManifestFile& link : plan.symlinks) hash.add("link " + link.path, link.target);
  Json row = row_of(production, job);
  row["hash"] = hash.hex();
  (*store)->set_memo(store::MemoTable::unchanged, folder_key(plan.subject, plan.excluded), sealed_row(row));
}

}  // namespace souschef::core
