// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include <souschef/result.hpp>

namespace souschef::core {

// Orders what appears in the folders of the config's [[watch]], as long as this object lives. Works on a
// thread of its own with the production opened once more.
class WatchFolders {
 public:
  struct Told {
    std::function<void(const std::string& order, const std::filesystem::path& file)> ordered;
    std::function<void(const Error& trouble)> trouble;  // each once
  };
  // Both are called on the other thread.
  WatchFolders(std::filesystem::path production_root, Told told);

 private:
  void work(const std::stop_token& stop);

  std::filesystem::path root_;
  Told told_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace souschef::core
