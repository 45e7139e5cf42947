// SPDX-License-Identifier: MIT
// The hash is over one record an entry, sorted by the bytes of its path:
//
//   type ('f' file, 'x' executable file, 'l' link), path, NUL, then the 32 bytes of the content's hash (of a
//   link: of its target's text)
//
// Folders have no record: an empty one changes nothing. A path holds no NUL and the hash has a fixed length,
// so no two folders give the same bytes. A link may lead only to a place inside: what it means is then part
// of the hash as well.
#include "core/base/folder_hash.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "core/base/file_descriptor.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kMaxEntries = 20'000;      // a Python environment has about 10 000
constexpr std::uint64_t kMaxBytes = 4ULL << 30;  // a renderer with its libraries has about 1 GiB
constexpr int kMaxDepth = 64;

class FolderHash {
 public:
  explicit FolderHash(fs::path root) : root_(std::move(root)) {}

  Result<Hash> hash() {
    SOUSCHEF_CHECK(add_folder("", 0));
    store::Hasher all;
    all.update("souschef folder 1\n");
    for (const auto& [path, entry] : entries_) {
      all.update(std::string(1, entry.type) + path + '\0');
      all.update(entry.hash.bytes);
    }
    return all.finish();
  }

 private:
  struct Entry {
    char type = 'f';
    Hash hash;
  };

  static bool is_version_control(std::string_view name) {
    return name == ".git" || name == ".hg" || name == ".svn";
  }

  Error bad(const std::string& path, std::string why) const {
    return Error(ErrorCode::bad_input, "cannot vouch for " + (root_ / path).string(), std::move(why));
  }
  Error system_error(const std::string& path) const {
    const int number = errno;
    return Error(number == EACCES || number == EPERM ? ErrorCode::denied : ErrorCode::io,
                 "cannot read " + (root_ / path).string(), std::strerror(number));
  }

  Status add_folder(const std::string& path, int depth) {
    if (depth > kMaxDepth) return bad(path, "folders are nested too deeply");
    std::error_code failed;
    for (fs::directory_iterator at(root_ / path, failed), end; !failed && at != end; at.increment(failed)) {
      const std::string name = at->path().filename().string();
      if (is_version_control(name)) continue;
      SOUSCHEF_CHECK(add_entry(path.empty() ? name : path + "/" + name, depth));
    }
    if (failed) return Error(ErrorCode::io, "cannot list " + (root_ / path).string(), failed.message());
    return {};
  }

  Status add_entry(const std::string& path, int depth) {
    if (++seen_ > kMaxEntries) return bad("", "it holds more than " + std::to_string(kMaxEntries) + " files");
    struct stat status {};
    if (::lstat((root_ / path).c_str(), &status) != 0) return system_error(path);
    if (S_ISDIR(status.st_mode)) return add_folder(path, depth + 1);
    if (S_ISLNK(status.st_mode)) return add_link(path);
    if (S_ISREG(status.st_mode)) return add_file(path);
    return bad(path, "it is neither a file nor a folder");
  }

  Status add_link(const std::string& path) {
    std::error_code failed;
    const fs::path target = fs::read_symlink(root_ / path, failed);
    if (failed) return Error(ErrorCode::io, "cannot read " + (root_ / path).string(), failed.message());
    const fs::path inside = (fs::path(path).parent_path() / target).lexically_normal();
    if (target.is_absolute() || inside.begin() == inside.end() || *inside.begin() == "..")
      return bad(path, "it is a link that leads out of the folder");
    entries_[path] = {'l', store::hash_of(target.string())};
    return {};
  }

  Status add_file(const std::string& path) {
    const FileDescriptor file(::open((root_ / path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return system_error(path);
    if (!S_ISREG(status.st_mode)) return bad(path, "it changed while it was looked at");
    store::Hasher hasher;
    std::vector<std::byte> piece(std::size_t{1} << 18);
    for (;;) {
      const ssize_t count = ::read(file.get(), piece.data(), piece.size());
      if (count < 0) return system_error(path);
      if (count == 0) break;
      bytes_ += static_cast<std::uint64_t>(count);
      if (bytes_ > kMaxBytes)
        return bad("", "it holds more than " + std::to_string(kMaxBytes >> 30) + " GiB");
      hasher.update({piece.data(), static_cast<std::size_t>(count)});
    }
    const bool executable = (status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
    entries_[path] = {executable ? 'x' : 'f', hasher.finish()};
    return {};
  }

  fs::path root_;
  std::map<std::string, Entry> entries_;
  std::size_t seen_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace

Result<Hash> hash_of_folder(const fs::path& folder) {
  return FolderHash(folder).hash();
}

}  // namespace souschef::core
