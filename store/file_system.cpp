// SPDX-License-Identifier: MIT
#include "store/file_system.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/descriptor.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

Error system_error(int error_number, std::string what) {
  const auto code = [error_number] {
    switch (error_number) {
      case ENOENT:
      case ENOTDIR:
        return ErrorCode::not_found;
      case EEXIST:
        return ErrorCode::exists;
      case ENOSPC:
      case EDQUOT:
        return ErrorCode::no_space;
      case EACCES:
      case EPERM:
      case EROFS:
        return ErrorCode::denied;
      default:
        return ErrorCode::io;
    }
  }();
  return Error(code, std::move(what), std::generic_category().message(error_number));
}

namespace {

Error failure(const char* verb, const fs::path& path) {
  const int error_number = errno;
  return system_error(error_number, std::string("cannot ") + verb + " " + path.string());
}

FileKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileKind::regular;
  if (S_ISDIR(mode)) return FileKind::folder;
  if (S_ISLNK(mode)) return FileKind::symlink;
  return FileKind::other;
}

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

FileStatus status_of(const struct stat& from) {
  FileStatus status;
  status.kind = kind_of(from.st_mode);
  status.size = static_cast<std::uint64_t>(from.st_size);
  status.disk_bytes = static_cast<std::uint64_t>(from.st_blocks) * 512;
  status.mtime_ns = nanoseconds(from.st_mtim);
  status.ctime_ns = nanoseconds(from.st_ctim);
  status.device = from.st_dev;
  status.inode = from.st_ino;
  status.links = from.st_nlink;
  status.mode = from.st_mode & 07777U;
  status.group = from.st_gid;
  return status;
}

class RealFile final : public OpenFile {
 public:
  RealFile(fs::path path, Descriptor descriptor) : path_(std::move(path)), file_(std::move(descriptor)) {}

  [[nodiscard]] const fs::path& path() const override { return path_; }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) const override {
    std::size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t count =
          ::pread(file_.get(), buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failure("read", path_);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Status write_at(std::uint64_t offset, std::span<const std::byte> data) override {
    while (!data.empty()) {
      const ssize_t count = ::pwrite(file_.get(), data.data(), data.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failure("write", path_);
      offset += static_cast<std::uint64_t>(count);
      data = data.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

  Status append(std::span<const std::byte> data) override {
    while (!data.empty()) {
      const ssize_t count = ::write(file_.get(), data.data(), data.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failure("write", path_);
      data = data.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

  Status truncate(std::uint64_t size) override {
    if (::ftruncate(file_.get(), static_cast<off_t>(size)) != 0) return failure("cut", path_);
    return {};
  }

  Status sync() override {
    if (::fsync(file_.get()) != 0) return failure("sync", path_);
    return {};
  }

  void start_writeback(std::uint64_t offset, std::uint64_t size) override {
#ifdef SYNC_FILE_RANGE_WRITE
    ::sync_file_range(file_.get(), static_cast<off_t>(offset), static_cast<off_t>(size),
                      SYNC_FILE_RANGE_WRITE);
#else
    static_cast<void>(offset), static_cast<void>(size);
#endif
  }

  [[nodiscard]] Result<FileStatus> status() const override {
    struct stat found {};
    if (::fstat(file_.get(), &found) != 0) return failure("look at", path_);
    return status_of(found);
  }

  [[nodiscard]] int descriptor() const override {
    return file_.get();
  }

 private:
  fs::path path_;
  Descriptor file_;
};

// Permissions and group of a new file as its folder has them. The process' umask must not decide: it would
// lock the next artist out of a shared store. Failing to give the group away is not an error: the folder's
// set-group bit, or the lack of groups on that file system, is then the owner's choice.
void take_after_folder(int descriptor, const fs::path& path, std::uint32_t mask) {
  struct stat folder {};
  struct stat own {};
  if (::stat(path.parent_path().c_str(), &folder) != 0 || ::fstat(descriptor, &own) != 0) return;
  if (own.st_gid != folder.st_gid && ::fchown(descriptor, static_cast<uid_t>(-1), folder.st_gid) != 0) {
    // see above
  }
  const mode_t mode = (folder.st_mode & mask) | (own.st_mode & 07000U);
  if ((own.st_mode & 07777U) != mode) static_cast<void>(::fchmod(descriptor, mode));
}

class RealFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<OpenFile>> create(const fs::path& path, std::optional<std::uint32_t> mode) override {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return failure("create", path);
    if (mode) {
      if (::fchmod(file.get(), *mode) != 0 && errno != EPERM && errno != ENOTSUP)
        return failure("set permissions of", path);
    } else {
      take_after_folder(file.get(), path, 0666);
    }
    return std::unique_ptr<OpenFile>(std::make_unique<RealFile>(path, std::move(file)));
  }

  Result<std::unique_ptr<OpenFile>> open(const fs::path& path, Access access) override {
    int flags = O_CLOEXEC;
    if (access == Access::read) flags |= O_RDONLY;
    if (access == Access::read_write) flags |= O_RDWR;
    if (access == Access::append) {
      flags |= O_RDWR | O_APPEND;
      Descriptor made(::open(path.c_str(), flags | O_CREAT | O_EXCL, 0600));
      if (made) {
        take_after_folder(made.get(), path, 0666);
        return std::unique_ptr<OpenFile>(std::make_unique<RealFile>(path, std::move(made)));
      }
      if (errno != EEXIST) return failure("create", path);
    }
    Descriptor file(::open(path.c_str(), flags));
    if (!file) return failure("open", path);
    return std::unique_ptr<OpenFile>(std::make_unique<RealFile>(path, std::move(file)));
  }

  Result<FileStatus> status(const fs::path& path) override {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) return failure("look at", path);
    return status_of(found);
  }

  Result<std::vector<FolderEntry>> list(const fs::path& folder) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), &::closedir);
    if (stream == nullptr) return failure("list", folder);
    std::vector<FolderEntry> entries;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      entries.push_back({std::string(name), kind_of_entry(folder, *entry)});
    }
    if (errno != 0) return failure("list", folder);
    std::sort(entries.begin(), entries.end());
    return entries;
  }

  Status make_folder(const fs::path& path) override {
    if (::mkdir(path.c_str(), 0700) != 0) return failure("make the folder", path);
    const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!folder) return failure("open", path);
    take_after_folder(folder.get(), path, 0777);
    return {};
  }

  Status publish(const fs::path& from, const fs::path& to) override;

  Status replace(const fs::path& from, const fs::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failure("rename to", to);
    return {};
  }

  Status link(const fs::path& from, const fs::path& to) override {
    if (::link(from.c_str(), to.c_str()) != 0) return failure("link", to);
    return {};
  }

  Status remove_file(const fs::path& path) override {
    if (::unlink(path.c_str()) != 0) return failure("remove", path);
    return {};
  }

  Status remove_folder(const fs::path& path) override {
    if (::rmdir(path.c_str()) != 0) return failure("remove the folder", path);
    return {};
  }

  Status set_mode(const fs::path& path, std::uint32_t mode) override {
    if (::chmod(path.c_str(), mode) != 0) return failure("set permissions of", path);
    return {};
  }

  Status sync_folder(const fs::path& folder) override {
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened) return failure("open", folder);
    if (::fsync(opened.get()) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EBADF)
      return failure("sync", folder);
    return {};
  }

  Result<DiskSpace> space(const fs::path& path) override {
    struct statvfs found {};
    if (::statvfs(path.c_str(), &found) != 0) return failure("measure the disk of", path);
    const auto unit = static_cast<std::uint64_t>(found.f_frsize);
    return DiskSpace{static_cast<std::uint64_t>(found.f_bavail) * unit,
                     static_cast<std::uint64_t>(found.f_blocks) * unit};
  }

 private:
  static FileKind kind_of_entry(const fs::path& folder, const dirent& entry) {
    switch (entry.d_type) {
      case DT_REG:
        return FileKind::regular;
      case DT_DIR:
        return FileKind::folder;
      case DT_LNK:
        return FileKind::symlink;
      case DT_UNKNOWN: {
        struct stat found {};
        return ::lstat((folder / entry.d_name).c_str(), &found) == 0 ? kind_of(found.st_mode)
                                                                     : FileKind::other;
      }
      default:
        return FileKind::other;
    }
  }
};

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// renameat2 where the file system has it, else link and unlink. Either may have been carried out by the
// server although its answer was lost and the repetition failed: then the target *is* our file, told by its
// inode.
Status RealFileSystem::publish(const fs::path& from, const fs::path& to) {
  struct stat source {};
  if (::lstat(from.c_str(), &source) != 0) return failure("look at", from);
  const auto arrived = [&] {
    struct stat target {};
    return ::lstat(to.c_str(), &target) == 0 && same_file(source, target);
  };

  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  int reason = errno;
  if (reason == EINVAL || reason == ENOSYS || reason == ENOTSUP) {
    reason = ::link(from.c_str(), to.c_str()) == 0 ? 0 : errno;
    if (reason == EPERM || reason == ENOTSUP || reason == ENOSYS)
      return Error(ErrorCode::unsupported, "cannot publish " + to.string(),
                   "this file system can neither link files nor rename them without replacing");
  }
  if (reason != 0 && !((reason == EEXIST || reason == ENOENT) && arrived()))
    return system_error(reason, "cannot publish " + to.string());
  if (::unlink(from.c_str()) != 0 && errno != ENOENT) return failure("remove", from);
  return {};
}

}  // namespace

FileSystem& FileSystem::real() {
  static RealFileSystem disk;
  return disk;
}

Result<std::string> read_file(FileSystem& disk, const fs::path& path, std::uint64_t limit) {
  SOUSCHEF_TRY(const auto file, disk.open(path, Access::read));
  SOUSCHEF_TRY(const FileStatus status, file->status());
  if (status.kind != FileKind::regular)
    return Error(ErrorCode::bad_input, "cannot read " + path.string(), "not a regular file");
  if (status.size > limit)
    return Error(
        ErrorCode::bad_input, "cannot read " + path.string(),
        std::to_string(status.size) + " bytes where at most " + std::to_string(limit) + " are expected");
  // One byte more than the size, so that a file that grew is seen as a whole or not at all.
  std::string content(static_cast<std::size_t>(status.size) + 1, '\0');
  std::size_t used = 0;
  for (;;) {
    SOUSCHEF_TRY(const std::size_t count,
                 file->read_at(used, std::as_writable_bytes(std::span(content)).subspan(used)));
    used += count;
    if (used < content.size()) break;
    if (used > limit)
      return Error(ErrorCode::bad_input, "cannot read " + path.string(), "it grows while it is read");
    content.resize(content.size() * 2);
  }
  content.resize(used);
  return content;
}

bool exists(FileSystem& disk, const fs::path& path) {
  return disk.status(path).has_value();
}

Status make_folders(FileSystem& disk, const fs::path& folder) {
  const auto found = disk.status(folder);
  if (found && found->kind == FileKind::folder) return {};
  if (found && found->kind == FileKind::symlink && fs::is_directory(folder)) return {};
  const fs::path above = folder.parent_path();
  if (!above.empty() && above != folder) SOUSCHEF_CHECK(make_folders(disk, above));
  const Status made = disk.make_folder(folder);
  if (!made && made.error().code != ErrorCode::exists) return made;
  return disk.sync_folder(above.empty() ? fs::path(".") : above);
}

Status remove_tree(FileSystem& disk, const fs::path& path) {
  const auto found = disk.status(path);
  if (!found) return found.error().code == ErrorCode::not_found ? Status() : Status(found.error());
  if (found->kind != FileKind::folder) return disk.remove_file(path);
  SOUSCHEF_TRY(const auto entries, disk.list(path));
  for (const FolderEntry& entry : entries) SOUSCHEF_CHECK(remove_tree(disk, path / entry.name));
  return disk.remove_folder(path);
}

}  // namespace souschef::store
