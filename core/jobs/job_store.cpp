// SPDX-License-Identifier: MIT
#include "core/jobs/job_store.hpp"

#include <algorithm>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/base/ulid.hpp"
#include "core/base/version.hpp"
#include "core/base/whoami.hpp"
#include "core/jobs/marks.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::uint64_t kManifestLimit =
    64U << 20;  // a table inline has at most kInlineFiles rows; remaps may be many
constexpr std::uint64_t kTableLimit = 4ULL << 30;  // ten million files
constexpr std::uint64_t kRecordLimit = 16U << 20;

Json texts(const std::vector<std::string>& list) {
  Json json = Json::array();
  for (const std::string& text : list) json.push_back(escape_name(text));
  return json;
}

std::uint64_t number_at(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_number_unsigned() ? json[key].get<std::uint64_t>() : 0;
}
std::map<std::string, std::string> map_at(const Json& json, const char* key) {
  std::map<std::string, std::string> map;
  if (json.contains(key) && json[key].is_object())
    for (const auto& [name, value] : json[key].items())
      if (value.is_string()) map[name] = value.get<std::string>();
  return map;
}
std::vector<std::string> list_at(const Json& json, const char* key) {
  std::vector<std::string> list;
  if (json.contains(key) && json[key].is_array())
    for (const Json& value : json[key])
      if (value.is_string())
        list.push_back(unescape_name(value.get<std::string>()).value_or(value.get<std::string>()));
  return list;
}

}  // namespace

std::string_view name_of(Origin origin) {
  switch (origin) {
    case Origin::person:
      return "person";
    case Origin::order:
      return "order";
    case Origin::hook:
      return "hook";
    case Origin::watch:
      return "watch";
  }
  return "person";
}

std::optional<Origin> origin_from(std::string_view word) {
  for (const Origin origin : {Origin::person, Origin::order, Origin::hook, Origin::watch})
    if (name_of(origin) == word) return origin;
  return std::nullopt;
}

SnapshotRecord new_record(JobId job, Origin origin) {
  SnapshotRecord record;
  record.job = job;
  record.time_ms = now_ms();
  record.user = user_name();
  record.host = host_name();
  record.origin = origin;
  record.plugins["souschef"] = product_version();
  return record;
}

Json to_json(const SnapshotRecord& record) {
  return {{"version", 1},
          {"snapshot", record.ulid},
          {"job", record.job.hex()},
          {"entry", escape_name(record.entry)},
          {"time_ms", record.time_ms},
          {"user", record.user},
          {"host", record.host},
          {"origin", name_of(record.origin)},
          {"message", record.message},
          {"tags", texts(record.tags)},
          {"revision", record.revision},
          {"plugins", record.plugins},
          {"files", record.files},
          {"bytes", record.bytes},
          {"modified", texts(record.modified)},
          {"late", texts(record.late)}};
}

Result<SnapshotRecord> snapshot_from_json(const Json& json) {
  if (!json.is_object()) return Error(ErrorCode::corrupt, "a snapshot record is damaged", "it is not JSON");
  if (number_at(json, "version") != 1)
    return Error(ErrorCode::unsupported, "a snapshot record of another version",
                 json.value("version", Json()).dump())
        .next_step("update souschef");
  SnapshotRecord record;
  record.ulid = text_at(json, "snapshot");
  const auto job = JobId::from_hex(text_at(json, "job"));
  const auto entry = unescape_name(text_at(json, "entry"));
  const auto origin = origin_from(text_at(json, "origin"));
  if (!is_ulid(record.ulid) || !job || !entry || !origin)
    return Error(ErrorCode::corrupt, "a snapshot record is damaged", "its names are not what they should be");
  record.job = *job;
  record.entry = *entry;
  record.origin = *origin;
  record.time_ms = json.contains("time_ms") && json["time_ms"].is_number_integer()
                       ? json["time_ms"].get<std::int64_t>()
                       : 0;
  record.user = text_at(json, "user");
  record.host = text_at(json, "host");
  record.message = text_at(json, "message");
  record.tags = list_at(json, "tags");
  record.revision = map_at(json, "revision");
  record.plugins = map_at(json, "plugins");
  record.files = number_at(json, "files");
  record.bytes = number_at(json, "bytes");
  record.modified = list_at(json, "modified");
  record.late = list_at(json, "late");
  return record;
}

fs::path JobStore::path_of(JobId job) const {
  const std::string hex = job.hex();
  return production_.paths().jobs() / hex.substr(0, 2) / (hex + ".json");
}

bool JobStore::exists(JobId job) const {
  return store::exists(production_.disk(), path_of(job));
}

Result<JobId> JobStore::publish(const Manifest& manifest, store::WriteSession& session) {
  const JobId job = job_id(manifest);
  Json json;
  if (manifest.files.size() > kInlineFiles) {
    const FileTable table = file_table(manifest);
    SOUSCHEF_TRY(const store::StoredFile stored,
                 session.put_bytes(std::as_bytes(std::span(table.lines)), table.cuts));
    SOUSCHEF_CHECK(session.seal());
    Manifest head = manifest;
    head.files.clear();
    json = manifest_json(head);
    json.erase("files");
    json["table"] = stored.content.hex();
    json["table_files"] = manifest.files.size();
  } else {
    json = manifest_json(manifest);
  }
  auto& disk = production_.disk();
  const fs::path target = path_of(job);
  SOUSCHEF_CHECK(store::make_folders(disk, target.parent_path()));
  const std::string text = json.dump();
  const auto published = store::publish_file(disk, target, text, {.owner = session.lease_id()});
  // The same job banked before with other information beside it (how its files were compressed): it stands.
  if (!published && published.error().code != ErrorCode::exists) return published.error();
  if (published && *published == store::Published::created) bytes_published_ += text.size();
  return job;
}

Result<Manifest> JobStore::load(JobId job) {
  SOUSCHEF_TRY(LoadedJob loaded, load_whole(job));
  return std::move(loaded.manifest);
}

Result<std::vector<store::ContentRoot>> JobStore::contents(JobId job) {
  SOUSCHEF_TRY(const LoadedJob loaded, load_whole(job));
  std::vector<store::ContentRoot> contents;
  contents.reserve(loaded.manifest.files.size() + 1);
  if (!loaded.table.hash.is_zero()) contents.push_back({loaded.table, {}});
  for (const ManifestFile& file : loaded.manifest.files)
    if (file.mode != FileMode::symlink)
      contents.push_back({file.content, file.blob.hash == file.content.hash ? BlobId() : file.blob});
  return contents;
}

Result<JobStore::LoadedJob> JobStore::load_whole(JobId job) {
  auto text = store::read_file(production_.disk(), path_of(job), kManifestLimit);
  if (!text) {
    if (text.error().code != ErrorCode::not_found) return std::move(text).error();
    return Error(ErrorCode::not_found, "no such job: " + job.brief()).next_step("souschef snapshots");
  }
  Json json = Json::parse(*text, nullptr, false);
  const auto in_context = [&](Error error) {
    return std::move(error).in_context("cannot read job " + job.brief());
  };
  if (!json.is_object())
    return in_context(Error(ErrorCode::corrupt, "its manifest is not JSON")).next_step("souschef repair");
  const std::string table = text_at(json, "table");
  std::vector<ManifestFile> files;
  LoadedJob loaded;
  if (!table.empty()) {
    const auto content = ContentId::from_hex(table);
    if (!content) return in_context(Error(ErrorCode::corrupt, "its file table has no name"));
    SOUSCHEF_TRY(store::Store* const store, production_.store());
    SOUSCHEF_TRY(const std::string lines, store->read_all(*content, kTableLimit));
    SOUSCHEF_TRY(files, file_table_from(lines));
    json["files"] = Json::array();
    loaded.table = *content;
  }
  auto manifest = manifest_from_json(json);
  if (!manifest) return in_context(std::move(manifest).error());
  if (!table.empty()) {
    manifest->files = std::move(files);
    SOUSCHEF_CHECK(manifest->normalise());
  }
  if (job_id(*manifest) != job)
    return in_context(Error(ErrorCode::corrupt, "its manifest is not what its name says"))
        .next_step("souschef repair");
  loaded.manifest = std::move(*manifest);
  return loaded;
}

Result<std::vector<JobId>> JobStore::list() const {
  auto& disk = production_.disk();
  std::vector<JobId> jobs;
  auto folders = disk.list(production_.paths().jobs());
  if (!folders) {
    if (folders.error().code == ErrorCode::not_found) return jobs;
    return std::move(folders).error();
  }
  for (const auto& folder : *folders) {
    if (folder.kind != store::FileKind::folder) continue;
    SOUSCHEF_TRY(const auto files, disk.list(production_.paths().jobs() / folder.name));
    for (const auto& file : files)
      if (file.name.size() == 69 && file.name.ends_with(".json"))
        if (const auto job = JobId::from_hex(std::string_view(file.name).substr(0, 64))) jobs.push_back(*job);
  }
  std::sort(jobs.begin(), jobs.end());
  return jobs;
}

Status JobStore::publish(const SnapshotRecord& record) {
  auto& disk = production_.disk();
  const fs::path target = production_.paths().snapshots() / (record.ulid + ".json");
  SOUSCHEF_CHECK(store::make_folders(disk, target.parent_path()));
  const std::string text = to_json(record).dump();
  SOUSCHEF_CHECK(store::publish_file(disk, target, text));
  bytes_published_ += text.size();
  return {};
}

Result<std::vector<SnapshotRecord>> JobStore::snapshots(std::vector<std::string>* damaged) const {
  return read_records(INT64_MIN, damaged);
}

Result<std::vector<SnapshotRecord>> JobStore::snapshots_since(std::int64_t time_ms) const {
  return read_records(time_ms, nullptr);
}

Result<std::vector<SnapshotRecord>> JobStore::read_records(std::int64_t since_ms,
                                                           std::vector<std::string>* damaged) const {
  auto& disk = production_.disk();
  std::vector<SnapshotRecord> records;
  auto files = disk.list(production_.paths().snapshots());
  if (!files) {
    if (files.error().code == ErrorCode::not_found) return records;
    return std::move(files).error();
  }
  for (const auto& file : *files) {
    if (file.kind != store::FileKind::regular || !file.name.ends_with(".json") ||
        store::is_temporary(file.name))
      continue;
    const std::string_view ulid = std::string_view(file.name).substr(0, file.name.size() - 5);
    if (since_ms != INT64_MIN && is_ulid(ulid) && ulid_milliseconds(ulid) < since_ms) continue;
    const auto text = store::read_file(disk, production_.paths().snapshots() / file.name, kRecordLimit);
    auto record =
        text ? snapshot_from_json(Json::parse(*text, nullptr, false)) : Result<SnapshotRecord>(text.error());
    if (record && record->ulid + ".json" == file.name) {
      records.push_back(std::move(*record));
    } else if (damaged != nullptr && (text || text.error().code != ErrorCode::not_found)) {
      damaged->push_back(file.name);  // one that is gone by now was removed by a gc: no damage
    }
  }
  return records;
}

Result<JobId> JobStore::find(std::string_view text) const {
  const Error unknown =
      Error(ErrorCode::not_found, "no such job: " + std::string(text)).next_step("souschef snapshots");
  SOUSCHEF_TRY(const auto records, snapshots());
  if (text.starts_with("latest:")) {
    const std::string_view entry = text.substr(7);
    for (auto record = records.rbegin(); record != records.rend(); ++record)
      if (record->entry == entry) return record->job;
    return unknown;
  }
  SOUSCHEF_TRY(const auto tagged, find_mark(production_, MarkKind::tag, text));
  if (tagged) return tagged->job;
  for (auto record = records.rbegin(); record != records.rend(); ++record)
    if (std::find(record->tags.begin(), record->tags.end(), text) != record->tags.end()) return record->job;
  std::vector<JobId> matches;
  const bool hex = text.size() >= 4 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (hex) {
    SOUSCHEF_TRY(const auto jobs, list());
    for (const JobId& job : jobs)
      if (job.hex().starts_with(text)) matches.push_back(job);
  }
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (text.size() >= 6)
    for (const SnapshotRecord& record : records)
      if (record.ulid.starts_with(upper)) matches.push_back(record.job);
  std::sort(matches.begin(), matches.end());
  matches.erase(std::unique(matches.begin(), matches.end()), matches.end());
  if (matches.empty()) return unknown;
  if (matches.size() > 1)
    return Error(ErrorCode::usage, "several jobs begin with " + std::string(text),
                 matches[0].brief() + ", " + matches[1].brief() + (matches.size() > 2 ? ", ..." : ""))
        .next_step("give more digits");
  return matches.front();
}

}  // namespace souschef::core
