// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/folder_watch.hpp"
#include "core/production/production.hpp"
#include "core/rendering/place_order.hpp"

namespace souschef::core {

// Banks and orders what appears in the folders of the config's [[watch]]: one order for each version of a
// file, however often this process is killed and however many watch. One thread at a time.
class FolderOrders {
 public:
  struct Told {
    std::function<void(const std::string& order, const std::filesystem::path& file)> ordered;
    std::function<void(const Error& trouble)> trouble;  // not again as long as it is a folder's latest
  };
  // The production is borrowed. Errors: corrupt, io (what was taken earlier cannot be read).
  static Result<FolderOrders> open(Production& production, Told told);

  // Looks at every folder once; `now`: of a clock that never goes back. Begins no order after `stop`.
  void look(std::chrono::nanoseconds now, const std::stop_token& stop = {});
  [[nodiscard]] bool empty() const { return watched_.empty(); }

 private:
  struct Watched {
    std::string name;
    FolderWatch folder;
    std::string target, preset;
    std::string told;  // the latest trouble
  };

  FolderOrders(Production& production, Told told) : production_(production), told_(std::move(told)) {}
  Result<PlacedOrder> place_whole(const OrderWishes& wishes);
  void order(Watched& watched, const std::filesystem::path& file);
  bool place(Watched& watched, const std::filesystem::path& file, const std::string& id);
  void tell(Watched& watched, const Error& trouble);

  Production& production_;
  Told told_;
  std::vector<Watched> watched_;
};

}  // namespace souschef::core
