// SPDX-License-Identifier: MIT
#include "store/file_system_kind.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>

#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "store/file_system.hpp"
#include "store/kernel_file.hpp"

namespace souschef::store {

namespace {

constexpr std::uint64_t kFuse = 0x65735546;  // FUSE, and virtiofs, which is built on it

// Network and cluster file systems, and those through which a virtual machine sees its host's files. Values
// from linux/magic.h and from the drivers that are not in the kernel's tree.
constexpr std::array<std::uint64_t, 22> kRemote = {
    0x6969,      // NFS
    0x517B,      // SMB
    0xFF534D42,  // CIFS
    0xFE534D42,  // SMB2
    0x01021997,  // 9P
    0x5346414F,  // AFS
    0x6B414653,  // kAFS
    0x73757245,  // Coda
    0x00C36400,  // Ceph
    0x0BD00BD0,  // Lustre
    0x01161970,  // GFS2
    0x7461636F,  // OCFS2
    0x47504653,  // GPFS
    0x19830326,  // BeeGFS
    0xAAD7AAEA,  // PanFS
    0x013111A8,  // IBRIX
    0xBEEFDEAD,  // StorNext
    0x564C,      // NCP
    0x786F4256,  // VirtualBox shared folder
    0xBACBACBC,  // VMware shared folder
    0x7C7C6673,  // Parallels shared folder
    0x61756673   // aufs: may hold any of the above
};

constexpr std::array<std::string_view, 9> kLocalFuse = {"fuseblk",    "fuse.ntfs",      "fuse.ntfs-3g",
                                                        "fuse.exfat", "fuse.fuse2fs",   "fuse.ext4",
                                                        "fuse.encfs", "fuse.gocryptfs", "fuse.cryfs"};

}  // namespace

Nearness nearness_of(std::uint64_t magic, std::string_view mount_type) {
  const auto among = [](const auto& set, const auto& value) {
    return std::find(set.begin(), set.end(), value) != set.end();
  };
  if (among(kRemote, magic & 0xFFFFFFFFU)) return Nearness::remote;
  if (magic == kFuse) return among(kLocalFuse, mount_type) ? Nearness::local : Nearness::remote;
  return Nearness::local;
}

// A line: "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw". The type follows the lonely dash.
std::string mount_type_of(std::string_view mountinfo, std::string_view device) {
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string id, above, number, field, type;
    if (!(fields >> id >> above >> number) || number != device) continue;
    while (fields >> field && field != "-") {
    }
    if (fields >> type) return type;
  }
  return {};
}

Result<FileSystemKind> file_system_kind(const std::filesystem::path& path) {
  struct statfs volume {};
  struct stat file {};
  if (::statfs(path.c_str(), &volume) != 0 || ::stat(path.c_str(), &file) != 0)
    return system_error(errno, "cannot tell the file system of " + path.string());
  FileSystemKind kind;
  kind.name = mount_type_of(read_kernel_file("/proc/self/mountinfo"),
                            std::to_string(major(file.st_dev)) + ":" + std::to_string(minor(file.st_dev)));
  kind.nearness = nearness_of(static_cast<std::uint64_t>(volume.f_type), kind.name);
  if (kind.name.empty()) kind.name = "?";
  return kind;
}

}  // namespace souschef::store
