// SPDX-License-Identifier: MIT
// Jobs and snapshot records on disk: store/jobs/7c/7c01….json and store/snapshots/<ulid>.json. Both are
// immutable and published without ever replacing. docs/format/manifest.md and docs/format/snapshot.md are the
// law.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/jobs/manifest.hpp"
#include "core/production/production.hpp"
#include "store/content_root.hpp"

namespace souschef::core {

// Why a snapshot was made.
enum class Origin : std::uint8_t { person, order, hook, watch };
std::string_view name_of(Origin origin);
std::optional<Origin> origin_from(std::string_view word);

// Who banked which job, when, and why.
struct SnapshotRecord {
  std::string ulid;
  JobId job;
  std::string entry;         // as in the manifest; for a folder its path
  std::int64_t time_ms = 0;  // since 1970, by the banking host's clock: for people, decides nothing
  std::string user, host;
  Origin origin = Origin::person;
  std::string message;
  std::vector<std::string> tags;
  std::map<std::string, std::string>
      revision;  // "system", "id", "branch", "author", "root", "state"; empty: none
  std::map<std::string, std::string> plugins;  // id -> version
  std::uint64_t files = 0, bytes = 0;
  std::vector<std::string> modified;  // files that differ from the revision (invariant 33)
  // Paths among the manifest's missing files that nobody has accepted: an order in the queue writes them.
  std::vector<std::string> late;
};

// Of a job that this user banks now, on this host, with this program; without a ULID, and without what
// stands in the manifest.
SnapshotRecord new_record(JobId job, Origin origin);
Json to_json(const SnapshotRecord& record);
Result<SnapshotRecord> snapshot_from_json(const Json& json);

class JobStore {
 public:
  explicit JobStore(Production& production) : production_(production) {}

  // Publishes the manifest, after its contents are durable in `session`. On disk when this returns.
  Result<JobId> publish(const Manifest& manifest, store::WriteSession& session);
  // Errors: not_found; corrupt (its bytes do not hash to its name); unsupported.
  Result<Manifest> load(JobId job);
  [[nodiscard]] bool exists(JobId job) const;
  // What of the store the job needs: its files, and the table of its files where that is content too. Errors
  // as load().
  Result<std::vector<store::ContentRoot>> contents(JobId job);
  // Every job, sorted.
  Result<std::vector<JobId>> list() const;

  Status publish(const SnapshotRecord& record);
  // Oldest first. Records that cannot be read are left out and named in `damaged`.
  Result<std::vector<SnapshotRecord>> snapshots(std::vector<std::string>* damaged = nullptr) const;

  // Those made at or after a time, oldest first, by the times in their names.
  Result<std::vector<SnapshotRecord>> snapshots_since(std::int64_t time_ms) const;

  // A job by what people type: the id or its beginning (at least 4 digits), a snapshot's ULID or its
  // beginning, a tag, or "latest:shots/sh010.blend". Errors: not_found, usage (ambiguous).
  Result<JobId> find(std::string_view text) const;

  [[nodiscard]] std::filesystem::path path_of(JobId job) const;
  // What this object has added to the disk beside packs: manifests and records.
  [[nodiscard]] std::uint64_t bytes_published() const { return bytes_published_; }

 private:
  struct LoadedJob {
    Manifest manifest;
    ContentId table;  // zero where the files stand in the manifest itself
  };
  Result<LoadedJob> load_whole(JobId job);
  Result<std::vector<SnapshotRecord>> read_records(std::int64_t since_ms,
                                                   std::vector<std::string>* damaged) const;

  Production& production_;
  std::uint64_t bytes_published_ = 0;
};

}  // namespace souschef::core
