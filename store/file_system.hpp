// SPDX-License-Identifier: MIT
// The thin seam between this program and the disk. Everything that must survive a crash goes through it, so
// that tests can put a disk there which fills up, fails, or loses what was not synced (tests/support/
// fault_file_system.hpp). Readers of the production's files and of the rebuildable index go around it.
//
// Threads: a FileSystem may be used by any number of threads at once, an OpenFile by one (read_at: by any).
// Errors, unless a call says otherwise: not_found, exists, no_space (quota included), denied, io. A message
// names the path and the reason.
// Durability: nothing is on disk before sync() of the file *and* sync_folder() of the folder that names it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <souschef/result.hpp>

namespace souschef::store {

enum class FileKind : std::uint8_t { regular, folder, symlink, other };

struct FileStatus {
  FileKind kind = FileKind::other;
  std::uint64_t size = 0;
  std::uint64_t disk_bytes = 0;  // what it occupies: less than `size` where the file has holes
  std::int64_t mtime_ns = 0;     // since 1970, by the clock of the machine that holds the disk
  std::int64_t ctime_ns = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t links = 0;
  std::uint32_t mode = 0;  // permission bits only
  std::uint32_t group = 0;
};

struct FolderEntry {
  std::string name;
  FileKind kind = FileKind::other;
  auto operator<=>(const FolderEntry&) const = default;
};

struct DiskSpace {
  std::uint64_t available = 0;  // bytes that this user may still write
  std::uint64_t total = 0;
};

// A file held open; closed by the destructor, which promises nothing about durability.
class OpenFile {
 public:
  virtual ~OpenFile() = default;

  [[nodiscard]] virtual const std::filesystem::path& path() const = 0;
  // Bytes read: fewer than asked only at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) const = 0;
  // All or an error; after an error any part may have been written.
  virtual Status write_at(std::uint64_t offset, std::span<const std::byte> data) = 0;
  // For files opened with Access::append: one write at the end, whoever else appends.
  virtual Status append(std::span<const std::byte> data) = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  // After a failure the file must be discarded: the kernel forgets what it could not write, a second sync
  // would report success.
  virtual Status sync() = 0;
  // A hint: begin to write this range out, so that sync() finds little to do.
  virtual void start_writeback(std::uint64_t offset, std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<FileStatus> status() const = 0;
  // For calls that the seam does not have (FICLONE, mmap); valid while the object is.
  [[nodiscard]] virtual int descriptor() const = 0;
};

enum class Access { read, read_write, append };

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // A new file for reading and writing; `exists` if the name is taken. Without `mode` it takes group and
  // permissions from its folder (invariant 14: several people share one store), and is not executable.
  virtual Result<std::unique_ptr<OpenFile>> create(const std::filesystem::path& path,
                                                   std::optional<std::uint32_t> mode = {}) = 0;
  // Access::append makes the file where there is none.
  virtual Result<std::unique_ptr<OpenFile>> open(const std::filesystem::path& path, Access access) = 0;
  // Of the name itself: a symbolic link is not followed.
  virtual Result<FileStatus> status(const std::filesystem::path& path) = 0;
  // Sorted by name, without "." and "..".
  virtual Result<std::vector<FolderEntry>> list(const std::filesystem::path& folder) = 0;
  // One level; group and permissions from the folder above. `exists` if the name is taken: exclusive.
  virtual Status make_folder(const std::filesystem::path& path) = 0;

  // Gives the file `from` its final name without ever replacing: `exists` if the name is taken by another
  // file. Success also when the first try had arrived already and its answer was lost (NFS). `unsupported` on
  // a file system that can neither link nor rename without replacing.
  virtual Status publish(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  // Gives `from` the name `to`, atomically taking the place of what was there.
  virtual Status replace(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  // A second name for the same file.
  virtual Status link(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  virtual Status remove_file(const std::filesystem::path& path) = 0;
  virtual Status remove_folder(const std::filesystem::path& path) = 0;  // empty ones only
  virtual Status set_mode(const std::filesystem::path& path, std::uint32_t mode) = 0;
  // Makes the names in a folder durable. A file system that cannot sync folders counts as success.
  virtual Status sync_folder(const std::filesystem::path& folder) = 0;
  virtual Result<DiskSpace> space(const std::filesystem::path& path) = 0;

  // The disk itself. Lives as long as the program.
  static FileSystem& real();
};

// The whole file; `bad_input` if it is larger than `limit`.
Result<std::string> read_file(FileSystem& disk, const std::filesystem::path& path, std::uint64_t limit);
// True also for a dangling symbolic link. An unreadable folder above counts as absent.
bool exists(FileSystem& disk, const std::filesystem::path& path);
// The folder and those above it that are missing; each new name is synced. Success if all were there.
Status make_folders(FileSystem& disk, const std::filesystem::path& folder);
// A file, or a folder with everything in it; success if there is none. Symbolic links are not followed.
Status remove_tree(FileSystem& disk, const std::filesystem::path& path);

// What errno says, in our kinds: Error(code, what, reason).
Error system_error(int error_number, std::string what);

}  // namespace souschef::store
