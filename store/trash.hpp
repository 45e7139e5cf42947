// SPDX-License-Identifier: MIT
// What was removed lies in the trash for some days: one folder a removal. docs/format/store.md has the names.
//
//   trash/00000007/batch         when, why, and whose leases were alive
//   trash/00000007/<64>.pack     packs
//   trash/00000007/jobs~7c~7c01….json     other files of the store, with ~ for /
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/file_system.hpp"
#include "store/store_paths.hpp"

namespace souschef::store {

struct TrashBatch {
  std::uint64_t generation = 0;  // that condemned it; its name
  std::int64_t time_ms = 0;      // since 1970, by the clock of whoever moved it
  std::string reason;            // for people, one line
  std::set<std::string> leases;  // alive when it was moved: their holders may still read it
};

struct TrashContents {
  std::vector<PackId> packs;
  std::vector<std::string> files;  // below the store's folder: "jobs/7c/7c01….json"
  std::uint64_t bytes = 0;
};

std::string serialize(const TrashBatch& batch);
// Errors: corrupt, unsupported.
Result<TrashBatch> parse_batch(std::string_view text);

// One thread at a time. Moves are for the holder of the gc lease; each is one rename, never replaces, and
// succeeds where it was done before.
class Trash {
 public:
  Trash(FileSystem& disk, const StorePaths& paths) : disk_(disk), paths_(paths) {}

  // By generation. What cannot be read is left out and named in `damaged`.
  Result<std::vector<TrashBatch>> batches(std::vector<std::string>* damaged = nullptr);
  Result<TrashContents> contents(std::uint64_t generation);

  // On disk when it returns.
  Status begin(const TrashBatch& batch, const std::string& lease_id);
  Status move_pack(std::uint64_t generation, const PackId& pack);
  // Whether the old name may be back after a power cut, until the next sync of its folder by whoever.
  enum class OldName { must_be_gone, may_come_back };
  Status move_file(std::uint64_t generation, const std::string& name,
                   OldName old_name = OldName::must_be_gone);
  // `exists` where the name is taken by another file.
  Status bring_back_pack(std::uint64_t generation, const PackId& pack);
  Status bring_back_file(std::uint64_t generation, const std::string& name);
  // Since the last call: every name that a move made is on disk when it returns, and those are gone that must
  // be.
  Status sync();
  // For good. Uses several threads for many files.
  Status remove(std::uint64_t generation);

  [[nodiscard]] std::filesystem::path folder(std::uint64_t generation) const;
  [[nodiscard]] std::filesystem::path pack(std::uint64_t generation, const PackId& pack) const;

 private:
  Status remove_files(std::span<const std::filesystem::path> files);
  Status move(const std::filesystem::path& from, const std::filesystem::path& to, OldName old_name);

  FileSystem& disk_;
  const StorePaths& paths_;
  std::set<std::filesystem::path> changed_, left_;
};

}  // namespace souschef::store
