// SPDX-License-Identifier: MIT
// What a file was when it was read last, so that it need not be read again. The .cpp says when that may be
// believed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <souschef/result.hpp>

#include "store/clock.hpp"
#include "store/file_system.hpp"
#include "store/file_system_kind.hpp"
#include "store/object_index.hpp"
#include "store/store_paths.hpp"

namespace souschef::store {

// Thread-safe; everything is borrowed.
class StatCache {
 public:
  StatCache(FileSystem& disk, const StorePaths& paths, ObjectIndex& index, const Clock& clock)
      : disk_(disk), paths_(paths), index_(index), clock_(clock) {}

  // The file's stamp now; by opening it where names are cached on a network. Errors: not_found, denied,
  // bad_input (not a regular file), io.
  Result<FileStamp> look(const std::filesystem::path& path);
  // What is known of the file if it still is what it was.
  std::optional<SeenFile> find(const std::filesystem::path& path);
  // Whether two stamps of a file are of the same content, as far as its file system can be trusted.
  bool same(const std::filesystem::path& path, const FileStamp& a, const FileStamp& b);

  // A moment before files are read, by the clocks of their file systems.
  struct Moment {
    std::uint64_t device = 0;  // of the store
    std::int64_t there = 0;    // its time
    std::int64_t here = 0;     // this machine's
  };
  Result<Moment> now(const std::string& lease_id);
  // Whether a file that was read after `before`, and had this stamp then, would show every later change.
  // Others must not be remembered.
  bool settled(const std::filesystem::path& path, const FileStamp& stamp, const Moment& before);

 private:
  struct Volume {
    std::uint64_t device = 0;
    Nearness nearness = Nearness::remote;
    std::int64_t granularity_ns = 0;
  };
  Volume volume_of(const std::filesystem::path& path);

  FileSystem& disk_;
  const StorePaths& paths_;
  ObjectIndex& index_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Volume> volumes_;  // by folder
};

}  // namespace souschef::store
