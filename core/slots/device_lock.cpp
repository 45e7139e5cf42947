// SPDX-License-Identifier: MIT
// The folder belongs to everybody, like /tmp, so a file is opened without being made where there is one: the
// kernel forbids O_CREAT on other people's files there (fs.protected_regular). A lock needs no right to
// write.
#include "core/slots/device_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

fs::path folder_of_locks() {
  const char* chosen = std::getenv("SOUSCHEF_DEVICES");
  return chosen != nullptr && *chosen == '/' ? chosen : "/tmp/souschef-devices";
}

std::string file_name(std::string_view device) {
  std::string name;
  for (const char c : device) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    name += plain ? c : '_';
  }
  return name + ".lock";
}

int open_lock(const fs::path& path) {
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;
  int fd = ::open(path.c_str(), kFlags);
  if (fd < 0 && errno == ENOENT) fd = ::open(path.c_str(), kFlags | O_CREAT | O_EXCL, 0444);
  if (fd < 0 && errno == EEXIST) fd = ::open(path.c_str(), kFlags);
  return fd;
}

}  // namespace

Result<DeviceLock> DeviceLock::take(std::string_view name) {
  const fs::path folder = folder_of_locks();
  if (::mkdir(folder.c_str(), 0777) == 0) ::chmod(folder.c_str(), 01777);  // whatever our umask says
  const fs::path path = folder / file_name(name);
  FileDescriptor file(open_lock(path));
  if (!file) return store::system_error(errno, "cannot open the lock of a device: " + path.string());
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return DeviceLock(std::move(file));
  if (errno != EWOULDBLOCK) return store::system_error(errno, "cannot lock " + path.string());
  return Error(ErrorCode::locked, "another runner on this machine uses the device " + std::string(name));
}

}  // namespace souschef::core
