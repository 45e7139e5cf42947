// SPDX-License-Identifier: MIT
#include "store/file_system_kind.hpp"

#include <gtest/gtest.h>

namespace souschef::store {
namespace {

constexpr std::uint64_t kExt4 = 0xEF53, kNfs = 0x6969, kFuse = 0x65735546, kNineP = 0x01021997;
constexpr std::uint64_t kCifs = 0xFF534D42;

constexpr std::string_view kMounts =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
    "40 22 0:38 / /mnt/nas rw - nfs4 nas:/shots rw\n"
    "41 22 0:39 / /mnt/laptop rw shared:2 master:3 - fuse.sshfs me@laptop:/ rw\n";

TEST(FileSystemKind, DisksAreLocal) {
  EXPECT_EQ(nearness_of(kExt4, "ext4"), Nearness::local);
}

TEST(FileSystemKind, NetworkAndVirtualMachineSharesAreRemote) {
  EXPECT_EQ(nearness_of(kNfs, "nfs4"), Nearness::remote);
  EXPECT_EQ(nearness_of(kCifs, "cifs"), Nearness::remote);
  EXPECT_EQ(nearness_of(kNineP, "9p"), Nearness::remote);
}

TEST(FileSystemKind, SignExtendedMagicIsUnderstood) {
  EXPECT_EQ(nearness_of(0xFFFFFFFFFF534D42ULL, "cifs"), Nearness::remote);
}

TEST(FileSystemKind, FuseIsRemoteUnlessItsDriverIsLocal) {
  EXPECT_EQ(nearness_of(kFuse, "fuse.sshfs"), Nearness::remote);
  EXPECT_EQ(nearness_of(kFuse, "virtiofs"), Nearness::remote);
  EXPECT_EQ(nearness_of(kFuse, ""), Nearness::remote);
  EXPECT_EQ(nearness_of(kFuse, "fuseblk"), Nearness::local);
}

TEST(FileSystemKind, MountTypeIsFoundByDevice) {
  EXPECT_EQ(mount_type_of(kMounts, "0:39"), "fuse.sshfs");
  EXPECT_EQ(mount_type_of(kMounts, "8:1"), "ext4");
  EXPECT_EQ(mount_type_of(kMounts, "9:9"), "");
}

TEST(FileSystemKind, DamagedMountTablesGiveNothing) {
  for (std::size_t size = 0; size < kMounts.size(); ++size)
    static_cast<void>(mount_type_of(kMounts.substr(0, size), "0:39"));
  EXPECT_EQ(mount_type_of("garbage", "8:1"), "");
}

TEST(FileSystemKind, ThisMachineHasOne) {
  const auto kind = file_system_kind("/proc/self");
  ASSERT_TRUE(kind);
  EXPECT_EQ(kind->name, "proc");
}

TEST(FileSystemKind, MissingPathIsNotFound) {
  EXPECT_EQ(file_system_kind("/proc/self/no-such-thing").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace souschef::store
