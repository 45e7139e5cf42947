// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <stop_token>
#include <thread>

#include "core/rendering/folder_orders.hpp"

namespace souschef::core {

// FolderOrders again and again, as long as this object lives: on a thread of its own, with the production
// opened once more.
class WatchFolders {
 public:
  // `told` is called on the other thread.
  WatchFolders(std::filesystem::path production_root, FolderOrders::Told told);

 private:
  void work(const std::stop_token& stop);

  std::filesystem::path root_;
  FolderOrders::Told told_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace souschef::core
