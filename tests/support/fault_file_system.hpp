// SPDX-License-Identifier: MIT
// A disk that fails on demand and can lose power. It works on real files (in a TempFolder) and remembers what
// was synced.
//
//   FaultFileSystem disk(folder.path());
//   disk.die_at(7);                    // the 7th change does not happen, nor does anything after it
//   publish_file(disk, ...);           // fails
//   disk.lose_power(Loss::everything); // now the files are what a power cut would have left
//   ... open the same folder with FileSystem::real() and look ...
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "store/file_system.hpp"

namespace souschef::test {

// What a power cut takes with it.
enum class Loss {
  data,        // names are as they were last, files are cut to what was synced
  everything,  // names that were not synced are undone too
  some         // names survive up to some point of their order, data up to some byte: by the seed
};

// Thread-safe.
class FaultFileSystem final : public store::FileSystem {
 public:
  // `root`: everything happens below it. Removed files are kept in a folder beside it until the end.
  explicit FaultFileSystem(std::filesystem::path root);
  ~FaultFileSystem() override;

  // Changes so far: each create, write, cut, sync, rename, link, removal, folder made or synced is one.
  [[nodiscard]] std::uint64_t steps() const;
  // One line a change: "sync packs/aa.pack". Paths below the root.
  [[nodiscard]] std::vector<std::string> log() const;
  [[nodiscard]] std::size_t count(std::string_view verb) const;
  void clear_log();

  // Only this change fails (counted from now, 1 is the next), with this error.
  void fail_at(std::uint64_t step, ErrorCode code = ErrorCode::io);
  // From this change on every one that needs space fails with no_space.
  void fill_up_at(std::uint64_t step);
  void make_room();
  // From this change on nothing happens any more: the process is gone.
  void die_at(std::uint64_t step);
  [[nodiscard]] bool died() const;
  // Makes the disk what a power cut would have left. The process counts as gone.
  void lose_power(Loss loss, std::uint64_t seed = 1);

  Result<std::unique_ptr<store::OpenFile>> create(const std::filesystem::path& path,
                                                  std::optional<std::uint32_t> mode = {}) override;
  Result<std::unique_ptr<store::OpenFile>> open(const std::filesystem::path& path,
                                                store::Access access) override;
  Result<store::FileStatus> status(const std::filesystem::path& path) override;
  Result<std::vector<store::FolderEntry>> list(const std::filesystem::path& folder) override;
  Status make_folder(const std::filesystem::path& path) override;
  Status publish(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Status replace(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Status link(const std::filesystem::path& from, const std::filesystem::path& to) override;
  Status remove_file(const std::filesystem::path& path) override;
  Status remove_folder(const std::filesystem::path& path) override;
  Status set_mode(const std::filesystem::path& path, std::uint32_t mode) override;
  Status sync_folder(const std::filesystem::path& folder) override;
  Result<store::DiskSpace> space(const std::filesystem::path& path) override;

 private:
  friend class FaultFile;
  enum class Change { made_file, made_folder, renamed, removed_file, removed_folder };
  struct NameChange {
    Change change;
    std::filesystem::path name;    // the new name, or the one that went
    std::filesystem::path before;  // renamed: the old name
    std::filesystem::path saved;   // removed or replaced: where the file is kept
    bool durable = false;
  };

  // Counts a change and says whether it may happen.
  Status step(const char* verb, const std::filesystem::path& path, bool needs_space);
  std::filesystem::path save(const std::filesystem::path& path);
  void remember_size(std::uint64_t inode, std::uint64_t size);
  void undo(const NameChange& change);

  store::FileSystem& real_ = store::FileSystem::real();
  std::filesystem::path root_;
  std::filesystem::path saved_folder_;
  mutable std::recursive_mutex mutex_;
  std::uint64_t steps_ = 0;
  std::uint64_t saved_ = 0;
  std::vector<std::string> log_;
  std::map<std::uint64_t, ErrorCode> failures_;
  std::optional<std::uint64_t> full_from_, dead_from_;
  std::vector<NameChange> names_;
  std::map<std::uint64_t, std::uint64_t> synced_size_;  // by inode; files that were there before: absent
};

}  // namespace souschef::test
