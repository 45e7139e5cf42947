// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

namespace souschef::store {

// Whether other machines may write to the same files, behind a cache that this machine cannot see through.
// On remote file systems LMDB is forbidden, mapped files may vanish, and counters may stand still for a
// minute although they are raised.
enum class Nearness { local, remote };

struct FileSystemKind {
  Nearness nearness = Nearness::remote;
  std::string name;  // as the mount table has it: "ext4", "nfs4", "fuse.sshfs"; "?" where it is not known
};

// Of the file system that holds `path`. Errors: not_found, denied, io.
Result<FileSystemKind> file_system_kind(const std::filesystem::path& path);

// The decision alone. `magic`: statfs f_type; `mount_type`: from the mount table, or empty. What may be
// either (FUSE) counts as remote unless its driver is known to be local.
Nearness nearness_of(std::uint64_t magic, std::string_view mount_type);

// The type of the mount with this device number ("8:1") in the text of /proc/self/mountinfo; empty: none.
std::string mount_type_of(std::string_view mountinfo, std::string_view device);

}  // namespace souschef::store
