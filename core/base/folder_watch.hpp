// SPDX-License-Identifier: MIT
// New .blend files in a folder: those that people drop there to be rendered.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <souschef/result.hpp>

namespace souschef::core {

// Whether a file of this name is one that people work on: no backup (.blend1), no temporary file of a save
// that is under way (.blend@), nothing hidden.
bool is_watched_name(const std::string& name);

// Looks at everything below a folder, again and again: that works on every file system. A file is ready when
// it is new or changed and its size and time have stood still for a while by the caller's clock; whether it
// is whole (its ENDB) shows when it is read. What was there when a folder is watched for the first time is
// old. Remembers what was taken across restarts. One thread at a time.
class FolderWatch {
 public:
  // `memory`: the file that remembers. Errors: corrupt, io (the memory cannot be read).
  static Result<FolderWatch> open(std::filesystem::path folder, std::filesystem::path memory,
                                  std::chrono::nanoseconds settle);

  // The files that are ready; `now`: of a clock that never goes back. A folder that is not there has none.
  Result<std::vector<std::filesystem::path>> look(std::chrono::nanoseconds now);
  // The id that this version of a ready file has for everybody who watches this folder as `name`: of its path
  // below the folder, its size and its time. A ULID; empty where the file is not ready.
  [[nodiscard]] std::string id_of(std::string_view name, const std::filesystem::path& file) const;
  // It is not ready again before it changes. On disk when this returns.
  Status take(const std::filesystem::path& file);
  // It must stand still once more.
  void put_off(const std::filesystem::path& file) { seen_.erase(file); }

 private:
  struct State {
    std::uint64_t size = 0;
    std::int64_t time = 0;  // ns
    bool operator==(const State&) const = default;
  };
  struct Seen {
    State state;
    std::chrono::nanoseconds since{0};
  };
  using States = std::map<std::filesystem::path, State>;

  FolderWatch() = default;
  Result<States> list() const;
  Status remember() const;

  std::filesystem::path folder_, memory_;
  std::chrono::nanoseconds settle_{0};
  bool first_ = false;  // nothing is remembered: what is there is old
  States taken_;
  std::map<std::filesystem::path, Seen> seen_;
};

}  // namespace souschef::core
