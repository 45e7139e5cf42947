// SPDX-License-Identifier: MIT
// A file whose size, times and inode are as they were has not changed: that is what makes a snapshot of an
// unchanged production cheap. It is true only under conditions.
//
// The racy rule (git's). Times have a granularity. A file that is read, and written again within the same
// tick, keeps its time: the cache would be wrong for ever. So a file is remembered only if its times lie
// before the moment in which reading began, by more than a tick: a later change then shows. Others are read
// again next time.
//
//       file written      tick    reading begins        a later write
//   ------- t0 ------------|--------- t1 --------------------- t2 --->
//   remembered only if t0 < t1 - tick; then t2 differs from t0 whatever the rounding
//
// Whose clock? "The moment" is the time of a file just written on the same file system, never this machine's
// clock against a server's.
//
// What is compared. On local file systems size, mtime, ctime and inode: ctime cannot be set back by anybody.
// On network file systems inodes may be made up and ctime is the server's affair: size and mtime, asked
// through an open file, since names and attributes are cached. The device number is left out: it changes with
// every mount.
#include "store/stat_cache.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "store/atomic_file.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
// Kernels stamp files with the time of their last tick: 10 ms at most, doubled.
constexpr std::int64_t kFineGranularity = 20 * kMillisecond;
// FAT's.
constexpr std::int64_t kCoarseGranularity = 2000 * kMillisecond;
// Of a server whose clock cannot be asked.
constexpr std::int64_t kUnknownClock = 600'000 * kMillisecond;

constexpr std::array<std::string_view, 8> kFine = {"ext4", "xfs", "btrfs",    "tmpfs",
                                                   "f2fs", "zfs", "bcachefs", "overlay"};

FileStamp stamp_of(const FileStatus& status) {
  return {status.size, status.mtime_ns, status.ctime_ns, status.inode, (status.mode & 0100U) != 0};
}

}  // namespace

StatCache::Volume StatCache::volume_of(const fs::path& path) {
  const fs::path folder = path.parent_path();
  const std::lock_guard lock(mutex_);
  if (const auto known = volumes_.find(folder.native()); known != volumes_.end()) return known->second;
  Volume volume;
  const auto status = disk_.status(folder);
  if (status) volume.device = status->device;
  // Folders of one file system are alike: ask the kernel once for each.
  const auto alike = std::find_if(volumes_.begin(), volumes_.end(), [&](const auto& other) {
    return status && other.second.device == volume.device;
  });
  if (alike != volumes_.end()) {
    volume = alike->second;
  } else {
    const auto kind = file_system_kind(folder);
    volume.nearness = kind ? kind->nearness : Nearness::remote;
    const bool fine = kind && std::find(kFine.begin(), kFine.end(), kind->name) != kFine.end();
    volume.granularity_ns = fine ? kFineGranularity : kCoarseGranularity;
  }
  volumes_.emplace(folder.native(), volume);
  return volume;
}

Result<FileStamp> StatCache::look(const fs::path& path) {
  auto found = disk_.status(path);
  if (found && volume_of(path).nearness == Nearness::remote) {
    SOUSCHEF_TRY(const auto file, disk_.open(path, Access::read));
    found = file->status();
  }
  if (!found) return std::move(found).error();
  if (found->kind != FileKind::regular)
    return Error(ErrorCode::bad_input, "cannot read " + path.string(), "not a regular file");
  return stamp_of(*found);
}

bool StatCache::same(const fs::path& path, const FileStamp& a, const FileStamp& b) {
  if (a.size != b.size || a.mtime_ns != b.mtime_ns || a.executable != b.executable) return false;
  return volume_of(path).nearness == Nearness::remote || (a.ctime_ns == b.ctime_ns && a.inode == b.inode);
}

std::optional<SeenFile> StatCache::find(const fs::path& path) {
  std::optional<SeenFile> seen;
  {
    const auto reader = index_.read();
    if (!reader) return std::nullopt;
    seen = reader->seen(path);
  }
  if (!seen) return std::nullopt;
  const auto stamp = look(path);
  if (!stamp || !same(path, seen->stamp, *stamp)) return std::nullopt;
  return seen;
}

Result<StatCache::Moment> StatCache::now(const std::string& lease_id) {
  const fs::path probe = paths_.temporary() / temporary_name(lease_id);
  Moment moment;
  moment.here = clock_.since_1970().count();
  {
    SOUSCHEF_TRY(const auto file, disk_.create(probe));
    SOUSCHEF_CHECK(file->write_at(0, std::as_bytes(std::span("?", 1))));
  }  // closed: a network file system has told its server now
  const auto status = disk_.status(probe);
  SOUSCHEF_CHECK(disk_.remove_file(probe));
  if (!status) return status.error();
  moment.device = status->device;
  moment.there = status->mtime_ns;
  return moment;
}

bool StatCache::settled(const fs::path& path, const FileStamp& stamp, const Moment& before) {
  const Volume volume = volume_of(path);
  std::int64_t now = before.there;
  if (volume.device != before.device)
    now = volume.nearness == Nearness::local ? before.here : before.here - kUnknownClock;
  const std::int64_t newest =
      volume.nearness == Nearness::remote ? stamp.mtime_ns : std::max(stamp.mtime_ns, stamp.ctime_ns);
  return newest < now - volume.granularity_ns;
}

}  // namespace souschef::store
