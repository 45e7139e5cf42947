// SPDX-License-Identifier: MIT
// How a file appears whole or not at all:
//
//   1. create   folder/.tmp-<owner>-<n>      exclusively; nobody looks at such names
//   2. write    the content
//   3. sync     the file                     only now may its name be seen: a name that outlives a power cut
//                                            without its bytes is an empty file
//   4. publish  the final name               never replacing (invariant 14)
//   5. sync     the folder                   only now may anything refer to the name
//
// If a step fails the temporary file is removed. A failed sync is never repeated: Linux marks the pages clean
// when it reports the error, so a second sync would succeed over lost bytes.
//
// Two processes that publish the same content under the same name (names are hashes) both succeed: the loser
// of step 4 compares, finds its own bytes there and syncs the folder too, since the winner may not have come
// to step 5 yet. Its own power of attorney ends there: other bytes under the name are an error, never
// replaced.
#include "store/atomic_file.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "store/process_identity.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

namespace {

constexpr std::string_view kPrefix = ".tmp-";

std::string default_owner() {
  const ProcessIdentity& own = this_process();
  return own.boot_id.substr(0, 8) + "." + std::to_string(own.pid) + "." + std::to_string(own.start_time);
}

fs::path folder_of(const fs::path& target) {
  return target.has_parent_path() ? target.parent_path() : fs::path(".");
}

Result<bool> same_content(const OpenFile& a, const OpenFile& b) {
  constexpr std::size_t kPiece = 1U << 18;
  SOUSCHEF_TRY(const FileStatus status_a, a.status());
  SOUSCHEF_TRY(const FileStatus status_b, b.status());
  if (status_a.size != status_b.size) return false;
  std::vector<std::byte> piece_a(kPiece);
  std::vector<std::byte> piece_b(kPiece);
  for (std::uint64_t offset = 0; offset < status_a.size;) {
    SOUSCHEF_TRY(const std::size_t count_a, a.read_at(offset, piece_a));
    SOUSCHEF_TRY(const std::size_t count_b, b.read_at(offset, piece_b));
    if (count_a != count_b || count_a == 0) return false;
    if (!std::equal(piece_a.begin(), piece_a.begin() + static_cast<std::ptrdiff_t>(count_a), piece_b.begin()))
      return false;
    offset += count_a;
  }
  return true;
}

// Removes the temporary file unless it was given away.
class Temporary {
 public:
  Temporary(FileSystem& disk, fs::path path) : disk_(disk), path_(std::move(path)) {}
  ~Temporary() {
    if (!path_.empty()) static_cast<void>(disk_.remove_file(path_).has_value());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  FileSystem& disk_;
  fs::path path_;
};

Result<std::unique_ptr<OpenFile>> write_temporary(FileSystem& disk, const fs::path& target,
                                                  std::span<const std::byte> content,
                                                  const WriteOptions& options) {
  const fs::path folder = options.temporary_folder.empty() ? folder_of(target) : options.temporary_folder;
  SOUSCHEF_TRY(auto file, disk.create(folder / temporary_name(options.owner)));
  Temporary temporary(disk, file->path());
  SOUSCHEF_CHECK(file->write_at(0, content));
  temporary.keep();
  return file;
}

}  // namespace

std::string temporary_name(std::string_view owner) {
  static std::atomic<std::uint64_t> next{1};
  std::string name(kPrefix);
  name += owner.empty() ? default_owner() : std::string(owner);
  return name + "-" + std::to_string(next.fetch_add(1));
}

bool is_temporary(std::string_view name) {
  return name.starts_with(kPrefix);
}

std::string_view owner_of_temporary(std::string_view name) {
  if (!is_temporary(name)) return {};
  name.remove_prefix(kPrefix.size());
  const std::size_t end = name.rfind('-');
  return end == std::string_view::npos ? std::string_view() : name.substr(0, end);
}

Result<Published> publish_open_file(FileSystem& disk, std::unique_ptr<OpenFile> file, const fs::path& target,
                                    Durability durability) {
  Temporary temporary(disk, file->path());
  if (durability == Durability::on_disk) SOUSCHEF_CHECK(file->sync());
  Published published = Published::created;
  if (Status named = disk.publish(temporary.path(), target); named) {
    temporary.keep();
  } else {
    if (named.error().code != ErrorCode::exists) return std::move(named).error();
    SOUSCHEF_TRY(const auto there, disk.open(target, Access::read));
    SOUSCHEF_TRY(const bool same, same_content(*file, *there));
    if (!same) return std::move(named).error();
    if (durability == Durability::on_disk) SOUSCHEF_CHECK(there->sync());
    published = Published::already_there;
  }
  if (durability == Durability::on_disk) SOUSCHEF_CHECK(disk.sync_folder(folder_of(target)));
  return published;
}

Result<Published> publish_file(FileSystem& disk, const fs::path& target, std::span<const std::byte> content,
                               const WriteOptions& options) {
  SOUSCHEF_TRY(auto file, write_temporary(disk, target, content, options));
  return publish_open_file(disk, std::move(file), target, options.durability);
}

Result<Published> publish_file(FileSystem& disk, const fs::path& target, std::string_view content,
                               const WriteOptions& options) {
  return publish_file(disk, target, std::as_bytes(std::span(content)), options);
}

Status replace_file(FileSystem& disk, const fs::path& target, std::string_view content,
                    const WriteOptions& options) {
  SOUSCHEF_TRY(const auto file, write_temporary(disk, target, std::as_bytes(std::span(content)), options));
  Temporary temporary(disk, file->path());
  if (options.durability == Durability::on_disk) SOUSCHEF_CHECK(file->sync());
  SOUSCHEF_CHECK(disk.replace(temporary.path(), target));
  temporary.keep();
  if (options.durability == Durability::on_disk) SOUSCHEF_CHECK(disk.sync_folder(folder_of(target)));
  return {};
}

}  // namespace souschef::store
