// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_trust.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <system_error>

#include "core/base/file_descriptor.hpp"
#include "core/base/json_text.hpp"
#include "core/base/user_folders.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::array kKinds = {TrustKind::plugin, TrustKind::config, TrustKind::order};

// Debian gives every user a group of the same number, and files that this group may write are common. Its
// only member is the user.
bool is_own_group(gid_t group) {
  return group == ::getgid() && group == ::getuid();
}

enum class Owner { root, user_or_root };

bool others_cannot_write(const struct stat& status, Owner owner) {
  const bool owned = status.st_uid == 0 || (owner == Owner::user_or_root && status.st_uid == ::geteuid());
  const bool group_writes = (status.st_mode & S_IWGRP) != 0 && status.st_gid != 0 &&
                            !(owner == Owner::user_or_root && is_own_group(status.st_gid));
  return owned && !group_writes && (status.st_mode & S_IWOTH) == 0;
}

// In a sticky folder (/tmp) nobody can rename or remove what belongs to somebody else.
bool is_safe_parent(const struct stat& status, Owner owner) {
  return others_cannot_write(status, owner) ||
         (owner == Owner::user_or_root && (status.st_mode & S_ISVTX) != 0 && status.st_uid == 0);
}

bool is_guarded(const fs::path& path, Owner owner) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  if (failed) return false;
  struct stat status {};
  if (::lstat(real.c_str(), &status) != 0 || !others_cannot_write(status, owner)) return false;
  for (fs::path above = real.parent_path();; above = above.parent_path()) {
    if (::lstat(above.c_str(), &status) != 0 || !is_safe_parent(status, owner)) return false;
    if (above == above.root_path()) return true;
  }
}

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

Error cannot_write(const fs::path& path) {
  const int number = errno;
  return Error(number == EACCES || number == EPERM || number == EROFS ? ErrorCode::denied : ErrorCode::io,
               "cannot write " + path.string(), std::strerror(number));
}

Status make_private_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder.parent_path(), failed);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot_write(folder);
  return {};
}

}  // namespace

std::string_view name_of(TrustKind kind) {
  switch (kind) {
    case TrustKind::plugin:
      return "plugin";
    case TrustKind::config:
      return "config";
    case TrustKind::order:
      return "order";
  }
  return "";
}

TrustStore TrustStore::of_user() {
  return TrustStore(user_state_folder() / "trust");
}

fs::path TrustStore::file_of(TrustKind kind, const Hash& hash) const {
  return folder_ / (std::string(name_of(kind)) + "-" + hash.hex() + ".json");
}

bool TrustStore::is_trusted(TrustKind kind, const Hash& hash) const {
  struct stat status {};
  if (hash.is_zero() || ::lstat(file_of(kind, hash).c_str(), &status) != 0) return false;
  return S_ISREG(status.st_mode) && others_cannot_write(status, Owner::user_or_root) &&
         is_private_folder(folder_);
}

Status TrustStore::trust(TrustKind kind, const Hash& hash, std::string_view what) const {
  SOUSCHEF_CHECK(make_private_folder(folder_));
  if (!is_private_folder(folder_))
    return Error(ErrorCode::denied, "cannot keep what is trusted in " + folder_.string(),
                 "the folder or one above it can be changed by others")
        .next_step("chmod go-w " + folder_.string());
  const fs::path target = file_of(kind, hash);
  const fs::path temporary = target.string() + "." + std::to_string(::getpid());
  const std::string text =
      json_text({{"kind", name_of(kind)}, {"hash", hash.hex()}, {"what", what}, {"when", utc_now()}}) + "\n";
  {
    const FileDescriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.get() < 0) return cannot_write(temporary);
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      return cannot_write(temporary);
  }
  if (::rename(temporary.c_str(), target.c_str()) != 0) return cannot_write(target);
  return {};
}

Status TrustStore::forget(TrustKind kind, const Hash& hash) const {
  const fs::path file = file_of(kind, hash);
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) return cannot_write(file);
  return {};
}

std::vector<TrustedThing> TrustStore::list() const {
  std::vector<TrustedThing> things;
  std::error_code failed;
  for (fs::directory_iterator at(folder_, failed), end; !failed && at != end; at.increment(failed)) {
    std::ifstream in(at->path(), std::ios::binary);
    const auto read = parse_json(std::string(std::istreambuf_iterator<char>(in), {}), {64U << 10, 4});
    if (!read || !read->is_object()) continue;
    const auto text = [&](const char* member) {
      const auto found = read->find(member);
      return found != read->end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    const auto hash = Hash::from_hex(text("hash"));
    for (const TrustKind kind : kKinds)
      if (hash && text("kind") == name_of(kind) && is_trusted(kind, *hash))
        things.push_back({kind, *hash, text("what"), text("when")});
  }
  std::sort(things.begin(), things.end(),
            [](const TrustedThing& a, const TrustedThing& b) { return a.when < b.when; });
  return things;
}

Hash trust_hash(TrustKind kind, std::string_view canonical) {
  return store::hash_of("souschef " + std::string(name_of(kind)) + " 1\n" + std::string(canonical));
}

bool is_system_program(const fs::path& program, std::string_view search_path) {
  std::error_code failed;
  const fs::path real = fs::canonical(program, failed);
  if (failed || !is_guarded(real, Owner::root)) return false;
  const std::string text = real.string();
  for (const std::string_view place :
       {"/usr/", "/bin/", "/sbin/", "/opt/", "/snap/", "/nix/store/", "/var/lib/flatpak/", "/Applications/"})
    if (text.rfind(place, 0) == 0) return true;
  for (std::string_view rest = search_path; !rest.empty();) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
    if (folder.empty() || folder.front() != '/') continue;
    if (fs::equivalent(fs::path(folder), real.parent_path(), failed) && !failed) return true;
  }
  return false;
}

bool is_private_folder(const fs::path& folder) {
  return is_guarded(folder, Owner::user_or_root);
}

}  // namespace souschef::core
